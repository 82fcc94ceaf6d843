"""NNI search spaces have the meaning of the NNI version that they were written for."""

import json
from pathlib import Path
from typing import Any

import pytest

from sweepwright.diagnostics import Code
from sweepwright.space import (
    Categorical,
    Condition,
    Domain,
    Integer,
    Nested,
    Normal,
    Ordinal,
    Parameter,
    Real,
)
from tests.core.compiler.space.syntax.drafting import domains, drafted, drafts, parameters


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def spec(values: Any) -> dict[str, Any]:
    return {"_type": "choice", "_value": values}


LAYERS = {"Conv": "kernel_size", "Max_pool": "pooling_size", "Avg_pool": "pooling_size"}
CURRENT = {
    f"layer{index}": spec(
        [
            {"_name": "Empty"},
            *({"_name": layer, size: spec([2, 3, 5])} for layer, size in LAYERS.items()),
        ]
    )
    for index in range(10)
}
OLD = {
    f"layer{index}": spec(["Empty", *([layer, spec([2, 3, 5])] for layer in LAYERS)])
    for index in range(10)
}
OURS = {
    f"layer{index}": {
        "choice": {
            "Empty": {},
            **{layer: {size: "choice(2, 3, 5)"} for layer, size in LAYERS.items()},
        }
    }
    for index in range(10)
}


def test_the_ten_layers_of_nni_are_one_space_in_every_notation(folder: Path) -> None:
    (folder / "current.json").write_text(json.dumps(CURRENT))
    (folder / "old.json").write_text(json.dumps(OLD, indent="\t"))
    ours = parameters(json.dumps(OURS))

    assert parameters(json.dumps(CURRENT)) == ours
    assert parameters("nni: {file: current.json}") == ours
    assert parameters(f"nni: {{file: old.json, names: {json.dumps(LAYERS)}}}") == ours
    assert len(ours) == 40
    assert ours[1] == Parameter(
        "layer0.Conv.kernel_size",
        Categorical((2, 3, 5)),
        ("layer0", "kernel_size"),
        Condition("layer0", (1,)),
    )


def test_parameters_of_a_list_branch_get_names() -> None:
    space = {"x": spec(["a", ["b", spec([1])], ["c", spec([1]), spec([2])], ["d"]])}
    unnamed = parameters(json.dumps(space))
    named = parameters(
        f"nni: {{space: {json.dumps(space)}, names: {{b: size, c: [size, stride]}}}}"
    )

    assert unnamed[0].domain == Nested(("a", "b", "c", "d"))
    assert [p.name for p in unnamed[1:]] == ["x.b.value", "x.c.value_1", "x.c.value_2"]
    assert [p.name for p in named[1:]] == ["x.b.size", "x.c.size", "x.c.stride"]


def test_branches_nest_to_any_depth() -> None:
    inner = spec([{"_name": "c"}, {"_name": "d", "size": spec([1, 2])}])
    made = parameters(json.dumps({"x": spec([{"_name": "a", "y": inner}, {"_name": "b"}])}))

    assert [p.name for p in made] == ["x", "x.a.y", "x.a.y.d.size"]
    assert made[2].path == ("x", "y", "size")
    assert made[2].when == Condition("x.a.y", (1,))


@pytest.mark.parametrize(
    ("spec", "domain"),
    [
        ("{_type: randint, _value: [8]}", Integer(0, 7)),
        ("{_type: quniform, _value: [2, 10, 5]}", Real(0.0, 10.0, step=5.0)),
        ("{_type: quniform, _value: [0.12, 0.38, 0.1]}", Real(0.1, 0.4, step=0.1)),
        ("{_type: qloguniform, _value: [0.8, 9, 2]}", None),
        ("{_type: qloguniform, _value: [1.2, 9, 2]}", Real(2.0, 8.0, log=True, step=2.0)),
        ("{_type: uniform, _value: [0, 1]}", Real(0.0, 1.0)),
    ],
)
def test_v0_gives_numeric_types_their_old_meaning(spec: str, domain: Domain | None) -> None:
    found, _ = drafts(f"nni: {{space: {{x: {spec}}}, version: v0}}")

    assert found.nni_v0_format
    assert [draft.parameter.domain for draft in found.parameters] == ([domain] if domain else [])


@pytest.mark.parametrize(
    ("spec", "values"),
    [
        ("{_type: quniform, _value: [0.5, 0.9, 2]}", (0.5, 0.9)),
        ("{_type: quniform, _value: [0, 1, 5]}", (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("{_type: quniform, _value: [3, 3, 4]}", (3.0,)),
        ("{_type: qloguniform, _value: [0.0001, 0.1, 4]}", (1e-4, 1e-3, 1e-2, 1e-1)),
    ],
)
def test_v0_grid_search_takes_q_for_the_number_of_values(
    spec: str, values: tuple[float, ...]
) -> None:
    """The i-th value is ``low + i (high - low) / (q - 1)``, or the same for logarithms."""
    (parameter,) = drafted(f"nni: {{space: {{x: {spec}}}, version: v0}}", levels=None).parameters
    assert isinstance(parameter.parameter.domain, Ordinal)
    found = parameter.parameter.domain.choices

    assert found == pytest.approx(values, rel=1e-15)
    assert {type(value) for value in found} == {float}


def test_q_is_a_step_in_v1_and_for_normal_types() -> None:
    newer = drafted("x: {_type: quniform, _value: [0, 1, 0.5]}", levels=None)
    normal = "nni: {space: {x: {_type: qnormal, _value: [0, 1, 0.5]}}, version: v0}"

    assert newer.parameters[0].parameter.domain == Real(0, 1, step=0.5, clip=True)
    assert drafted(normal, levels=None).parameters[0].parameter.domain == Normal(0, 1, step=0.5)


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("{_type: quniform, _value: [0, 1, 1]}", Code.BAD_NNI_SPACE),
        ("{_type: quniform, _value: [0, 1, 0.1]}", Code.BAD_NNI_SPACE),
        ("{_type: quniform, _value: [0, 1, 1000000000]}", Code.BAD_NNI_SPACE),
        ("{_type: quniform, _value: [1, 0, 2]}", Code.EMPTY_DOMAIN),
        ("{_type: qloguniform, _value: [0, 1, 2]}", Code.LOG_OF_NONPOSITIVE),
    ],
)
def test_an_impossible_number_of_values_is_reported(spec: str, code: Code) -> None:
    _, found = drafts(f"nni: {{space: {{x: {spec}}}, version: v0}}", levels=None)

    assert [finding.code for finding in found] == [code]


def test_a_space_is_v1_by_default() -> None:
    assert not drafted("x: {_type: randint, _value: [0, 8]}").nni_v0_format
    assert not drafted(
        "nni: {space: {x: {_type: randint, _value: [0, 8]}}, version: v1}"
    ).nni_v0_format


BATCH = [
    {"optimizer": "Adam", "learning_rate": 0.001},
    {"optimizer": "SGD", "learning_rate": 0.01},
    {"optimizer": "Adam", "learning_rate": 0.01},
]


@pytest.mark.parametrize("section", ["%s", "nni: {space: %s}"])
def test_a_batch_is_a_choice_for_each_key_and_assignments_to_start_with(section: str) -> None:
    found = drafted(section % json.dumps({"combined": spec(BATCH)}), assignments=[])

    assert [(d.parameter.name, d.parameter.domain) for d in found.parameters] == [
        ("optimizer", Categorical(("Adam", "SGD"))),
        ("learning_rate", Categorical((0.001, 0.01))),
    ]
    assert [start.values for start in found.start] == BATCH


def test_a_batch_is_a_choice_of_mappings_for_other_tuners() -> None:
    assert domains(json.dumps({"combined": spec(BATCH)})) == {
        "combined": Categorical(tuple(BATCH))
    }


def test_a_file_is_found_in_the_working_directory(folder: Path) -> None:
    (folder / "space.yml").write_text("x: {_type: uniform, _value: [0, 1]}\n")

    assert domains("nni: {file: space.yml}") == {"x": Real(0.0, 1.0)}


def test_spans_of_parameters_point_into_the_file(folder: Path) -> None:
    (folder / "space.json").write_text('{\n  "x": {"_type": "uniform", "_value": [0, 1]}\n}\n')
    found = drafted("nni: {file: space.json}")
    span = found.bound.resolved.spans.key(found.parameters[0].origin)

    assert str(span) == "space.json:2:3"
    assert span.key == "space.nni.file.x"


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (b"\xff\xfe", Code.MISSING_FILE),
        (b"&x [*x]", Code.BAD_NNI_SPACE),
        (b"", Code.BAD_NNI_SPACE),
        (b"3", Code.BAD_NNI_SPACE),
        (b"{", Code.BROKEN_YAML),
        (b"x: [\t", Code.BROKEN_YAML),
    ],
)
def test_a_file_without_a_space_is_reported(folder: Path, held: bytes, code: Code) -> None:
    (folder / "space").write_bytes(held)
    found, diagnostics = drafts("nni: {file: space}")

    assert not found.complete
    assert [diagnostic.code for diagnostic in diagnostics] == [code]


def test_faults_in_json_that_yaml_cannot_read_have_no_span_in_the_file(folder: Path) -> None:
    (folder / "space.json").write_text('{"x"\n: {"_type": "uniform", "_value": [1, 0]}}')
    _, (only,) = drafts("nni: {file: space.json}")

    assert only.code is Code.EMPTY_DOMAIN
    assert only.span.file is None


def test_a_file_must_be_a_path() -> None:
    _, (only,) = drafts("nni: {file: 3}")

    assert only.message == "`file` is `3`, not a path"
