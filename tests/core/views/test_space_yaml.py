"""The YAML of a space compiles to an equal space, whichever notation it had before."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.plan.plan_json import fingerprint
from sweepwright.core.views.yaml_text.space_yaml import write_space
from sweepwright.protocol import dumps
from sweepwright.secret_names import is_secret_name
from sweepwright.space import Condition, Domain, Nested, Parameter, SearchSpace
from sweepwright.space.space_json import space_body
from tests.core.compiler.space.nni.test_nni import CURRENT, LAYERS, OLD
from tests.core.compiler.space.properties.example_counts import SPACES
from tests.core.compiler.space.syntax.drafting import drafted, parameters, space
from tests.core.stub_plugins import registry
from tests.sweepwright.spaces import domains

NAMES = st.one_of(
    st.text(min_size=1, max_size=4).filter(lambda name: not {".", "`"} & {*name}),
    st.sampled_from(["on", "y", "1e5", "null", "a b", "${x}", "choice", "type", "when", "2"]),
)
BODIES = st.recursive(
    domains(),
    lambda inner: st.dictionaries(
        NAMES, st.dictionaries(NAMES, inner, max_size=2), min_size=1, max_size=3
    ),
    max_leaves=6,
)


def list_parameters(
    draw: st.DrawFn, name: str, path: tuple[str, ...], body: Any, when: Any
) -> list[Any]:
    """List the parameter of a domain, or those of a nested choice and its branches."""
    domain = body if not isinstance(body, dict) else Nested(tuple(body))
    if isinstance(body, dict) and draw(st.booleans()):
        weights = st.tuples(*[st.floats(1e-3, 1e3) for _ in body])
        domain = Nested(tuple(body), draw(weights))
    default = draw(st.none() | st.just(lowest_value(domain)))
    found = [Parameter(name, domain, path, when, default)]
    for index, (branch, inside) in enumerate(body.items() if isinstance(body, dict) else ()):
        for key, inner in inside.items():
            below = f"{name}.{branch}.{key}"
            found += list_parameters(draw, below, (*path, key), inner, Condition(name, (index,)))
    return found


def lowest_value(domain: Domain) -> Any:
    number = domain.grid.value(domain.grid.first) if domain.grid else domain.number(1.0)
    return None if number is None else domain.value(number)


@st.composite
def spaces(draw: st.DrawFn) -> SearchSpace:
    tree = draw(st.dictionaries(NAMES, BODIES, min_size=1, max_size=3))
    found = [list_parameters(draw, key, (key,), body, None) for key, body in tree.items()]
    return SearchSpace([parameter for parameters in found for parameter in parameters])


@given(spaces())
@settings(max_examples=SPACES // 2)
def test_compiling_inverts_writing(space: SearchSpace) -> None:
    # A secret is masked where it is written.
    assume(not any(is_secret_name(name) for each in space.parameters for name in each.path))
    text = write_space(space)
    again = parameters(text)

    assert SearchSpace(again) == space
    assert repr(again) == repr(list(space.parameters))
    assert write_space(SearchSpace(again)) == text


@given(st.dictionaries(st.text(max_size=3), st.text("\\${}a") | st.floats(0, 1), max_size=3))
def test_compiling_inverts_writing_of_start(assignment: Any) -> None:
    space = SearchSpace(parameters("x: int(1, 8)"))

    assert [start.values for start in drafted(write_space(space, [assignment])).start] == [
        assignment
    ]


LEAVES = ["a", "b", "c.d.e", "c.d.f", "c.d.g.x.y", "c.d.g.x.z", "c.k.e", "h.l.m", "h.l.n"]
CONDITIONS = st.one_of(
    st.sampled_from([*LEAVES, "c", "c.d.g", "h"]).map("active({})".format),
    st.sampled_from(LEAVES).map("{} > 3".format),
    st.permutations(LEAVES).map(lambda names: f"{names[0]} + {names[1]} < 12"),
)
RARELY = st.sampled_from([True, *[False] * 8])


@st.composite
def sections(draw: st.DrawFn) -> str:
    """Generate a section whose conditions, constraints and formulas refer to any parameter."""
    tree: dict[str, Any] = {}
    for name in draw(st.permutations(LEAVES)):
        section = tree
        *above, last = name.split(".")
        for parent, branch in zip(above[::2], above[1::2], strict=True):
            choice = section.setdefault(parent, {"choice": {}})
            section = choice["choice"].setdefault(branch, {})
            for place in (choice, section):
                if draw(RARELY):
                    place["when"] = draw(CONDITIONS)
        section[last] = draw(st.sampled_from(["int(1, 8)", "3"]))
        if draw(RARELY):
            section[last] += f" when {draw(CONDITIONS)}"
        section[last] = 3 if section[last] == "3" else section[last]
        if draw(st.booleans()):
            formula = draw(st.sampled_from(["{}", "{} * 2"])).format(draw(st.sampled_from(LEAVES)))
            section[last * 2] = {"type": "derived", "value": formula}
    return json.dumps({**tree, "constraints": draw(st.lists(CONDITIONS, max_size=1))})


@given(sections())
@settings(max_examples=SPACES // 4, suppress_health_check=[HealthCheck.filter_too_much])
def test_compiling_inverts_writing_of_relations(text: str) -> None:
    made = space(text)
    assume(made is not None)
    assert made

    again = space(write_space(made))

    assert again == made
    assert again
    assert dumps(space_body(again)) == dumps(space_body(made))
    assert write_space(again) == write_space(made)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space").mkdir()
    return tmp_path


NOTATIONS = {
    "current": json.dumps(CURRENT),
    "old": f"nni: {{space: {json.dumps(OLD)}, names: {json.dumps(LAYERS)}}}",
}


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_ten_layers_of_nni_have_the_same_plan_in_our_notation(
    folder: Path, notation: str
) -> None:
    (folder / "space" / "theirs.yaml").write_text(NOTATIONS[notation])
    theirs = compile_sweep(["space=theirs", "trial=noop"], registry(), folder).plan
    (folder / "space" / "ours.yaml").write_text(write_space(theirs.space))
    ours = compile_sweep(["space=ours", "trial=noop"], registry(), folder).plan

    assert ours.space == theirs.space
    assert fingerprint(ours) == fingerprint(theirs)


def test_a_space_is_written_in_the_call_form() -> None:
    text = """
        rate: {_type: quniform, _value: [0, 10, 2.5]}
        size: {type: int, low: 1, high: 1024, log: true, default: 32}
        kind: {_type: choice, _value: [a, null, [1, 2.0], {b: 1}]}
        fixed: {type: choice, values: [3]}
        word: choice(relu)
        optimizer:
          choice: {sgd: {momentum: "tag(log, interval(1e-4, 1))"}, "on": {}}
          weights: {sgd: 3}
          default: "on"
        """

    assert write_space(SearchSpace(parameters(text))) == (
        "rate: uniform(0, 10, step=2.5, clip=true)\n"
        "size: int(1, 1024, log=true) = 32\n"
        "kind: 'choice(a, null, [1, 2.0], {\"b\": 1})'\n"
        "fixed: 3\n"
        "word: choice(relu)\n"
        "optimizer:\n"
        "  choice:\n"
        "    sgd:\n"
        "      momentum: loguniform(0.0001, 1)\n"
        '    "on": {}\n'
        '  weights: {sgd: 3, "on": 1}\n'
        '  default: "on"\n'
    )


def test_the_delivery_format_of_nni_v0_is_kept() -> None:
    found = drafted("nni: {version: v0, space: {x: {_type: randint, _value: [8]}}}")
    space = SearchSpace([draft.parameter for draft in found.parameters])
    text = write_space(space, nni_v0_format=True)

    assert drafted(text).nni_v0_format
    assert parameters(text) == list(space.parameters)


def test_expressions_are_written_with_full_names() -> None:
    made = space(
        """
        size: choice(16, 32)
        flag: choice(true, false)
        rate: 0.5 when size > 16
        optimizer:
          choice:
            sgd:
              when: flag
              nesterov: choice(true, false) = true when size > 16
              momentum: uniform(0, 1) when nesterov
              twice: 2 * momentum when nesterov
            adam: {}
          when: size > 16 or flag
        copy: {type: derived, value: size}
        constraints: [flag or size > 16]
        """
    )

    assert made
    assert write_space(made, [{"size": 16}]) == (
        "size: choice(16, 32)\n"
        "flag: choice(true, false)\n"
        "rate: 0.5 when size > 16\n"
        "optimizer:\n"
        "  choice:\n"
        "    sgd:\n"
        "      nesterov: choice(true, false) = true when size > 16\n"
        "      momentum: uniform(0, 1) when optimizer.sgd.nesterov\n"
        "      twice: 2 * optimizer.sgd.momentum when optimizer.sgd.nesterov\n"
        "    adam: {}\n"
        "  when: size > 16 or flag\n"
        'copy: {type: derived, value: "size"}\n'
        "constraints:\n"
        "  - flag or size > 16\n"
        '  - optimizer != "sgd" or flag\n'
        "start:\n"
        '  - {"size": 16}\n'
    )
