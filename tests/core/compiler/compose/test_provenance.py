"""Every value has its origin, for every kind of composition that Hydra supports.

Each value in a case is a word that occurs once in its files and overrides. Hydra decides which
word a key has in the end, and the reported span must contain that word.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any
from zipfile import ZipFile

import pytest
import yaml
from hydra.core.config_store import ConfigStore
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.core.compiler.compose import compose_traced
from sweepwright.core.compiler.compose.layers import Layer, LayerAction
from sweepwright.core.compiler.compose.provenance import (
    MISSING,
    ChangeKind,
    Provenance,
    ValueChange,
)
from sweepwright.core.compiler.spans import COMMAND_LINE, KeyPath, dotted
from sweepwright.diagnostics import Report, Span
from tests.core.stub_plugins import registry


@dataclass(frozen=True)
class Case:
    """A configuration, and what Hydra composes from it."""

    files: Mapping[str, str]
    overrides: tuple[str, ...]
    values: Mapping[str, Any]
    """Composed values of some keys."""
    unknown: tuple[str, ...] = ()
    """Keys whose origin cannot be known."""
    defaults: tuple[str, ...] = ()
    """Keys with a plugin's default, which no text contains."""
    gone: tuple[str, ...] = ()
    """Keys that some layer sets and that the composed configuration lacks."""

    @property
    def texts(self) -> dict[str, str]:
        return {name: dedent(text).lstrip() for name, text in self.files.items()}


EXPERIMENT = "# @package _global_\n"

CASES = {
    "a value of a file": Case(
        {"space/mine.yaml": "a: word1\nb: word2\n"},
        ("space=mine",),
        {"space.a": "word1", "space.b": "word2"},
    ),
    "nested defaults": Case(
        {
            "space/mine.yaml": """
                defaults:
                  - base
                  - deep/er
                a: word1
                """,
            "space/base.yaml": "a: word2\nb: word3\nc: word4\n",
            "space/deep/er.yaml": "defaults: [est]\nd: word5\n",
            "space/deep/est.yaml": "c: word6\nd: word7\n",
        },
        ("space=mine",),
        {"space.a": "word1", "space.b": "word3", "space.c": "word4", "space.deep.d": "word5"},
    ),
    "_self_ first": Case(
        {
            "space/mine.yaml": "defaults: [_self_, base]\na: word1\nb: word2\n",
            "space/base.yaml": "a: word3\n",
        },
        ("space=mine",),
        {"space.a": "word3", "space.b": "word2"},
    ),
    "_self_ last": Case(
        {
            "space/mine.yaml": "defaults: [base, _self_]\na: word1\n",
            "space/base.yaml": "a: word2\nb: word3\n",
        },
        ("space=mine",),
        {"space.a": "word1", "space.b": "word3"},
    ),
    "_self_ in the middle": Case(
        {
            "space/mine.yaml": "defaults: [one, _self_, two]\na: word1\nb: word2\n",
            "space/one.yaml": "a: word3\nc: word4\n",
            "space/two.yaml": "b: word5\nc: word6\n",
        },
        ("space=mine",),
        {"space.a": "word1", "space.b": "word5", "space.c": "word6"},
    ),
    "a package of its own": Case(
        {"part/one.yaml": "# @package space.inner\na: word1\n"},
        ("+part=one",),
        {"space.inner.a": "word1"},
    ),
    "the global package": Case(
        {"experiment/mine.yaml": EXPERIMENT + "space: {a: word1}\nobjective: {metric: word2}\n"},
        ("+experiment=mine",),
        {"space.a": "word1", "objective.metric": "word2"},
    ),
    "a package given in the defaults list": Case(
        {
            "experiment/mine.yaml": EXPERIMENT
            + """
defaults:
  - /part@space.one: one
  - /part@space.two: two
  - /part/two@space.three
space: {two: {b: word5}}
""",
            "part/one.yaml": "a: word1\nb: word2\n",
            "part/two.yaml": "a: word3\nb: word4\n",
        },
        ("+experiment=mine",),
        {"space.one.a": "word1", "space.two.a": "word3", "space.two.b": "word5"},
    ),
    "one choice in two packages": Case(
        {
            "space/mine.yaml": "defaults:\n  - /part@here: one\n  - /part@there: one\n",
            "part/one.yaml": "a: word1\n",
        },
        ("space=mine", "space.there.a=word2"),
        {"space.here.a": "word1", "space.there.a": "word2"},
    ),
    "_here_ and _global_ in the defaults list": Case(
        {
            "space/mine.yaml": """
                defaults:
                  - /part@_here_: one
                  - /part@_global_: two
                b: word1
                """,
            "part/one.yaml": "a: word2\nb: word3\n",
            "part/two.yaml": "space: {c: word4}\n",
        },
        ("space=mine",),
        {"space.a": "word2", "space.b": "word1", "space.c": "word4"},
    ),
    "a package put on the command line": Case(
        {"part/one.yaml": "a: word1\nb: word2\n"},
        ("+part@space.x=one", "+part@space.y=one", "space.y.b=word3"),
        {"space.x.a": "word1", "space.y.b": "word3"},
    ),
    "several choices put on the command line": Case(
        {"part/one.yaml": "a: word1\nb: word2\n", "part/two.yaml": "b: word3\n"},
        ("+part@space.x=[one,two]",),
        {"space.x.a": "word1", "space.x.b": "word3"},
    ),
    "a file's extension": Case(
        {"space/mine.yaml": "a: word1\n"},
        ("space=mine.yaml",),
        {"space.a": "word1"},
    ),
    "a group of Hydra's that sets something of ours": Case(
        {"hydra/job_logging/mine.yaml": "# @package _global_\nspace: {a: word1}\n"},
        ("hydra/job_logging=mine", "hydra.run.dir=elsewhere"),
        {"space.a": "word1"},
    ),
    "several choices of one group": Case(
        {
            "space/mine.yaml": "defaults:\n  - /part@_here_: [one, two]\nc: word1\n",
            "part/one.yaml": "a: word2\nb: word3\n",
            "part/two.yaml": "b: word4\nc: word5\n",
        },
        ("space=mine",),
        {"space.a": "word2", "space.b": "word4", "space.c": "word1"},
    ),
    "override in a file": Case(
        {
            "experiment/mine.yaml": EXPERIMENT + "defaults: [{override /space: mine}]\n",
            "space/mine.yaml": "a: word1\n",
        },
        ("+experiment=mine",),
        {"space.a": "word1"},
    ),
    "override of an override": Case(
        {
            "experiment/mine.yaml": EXPERIMENT + "defaults: [{override /space: mine}]\n",
            "space/mine.yaml": "a: word1\n",
            "space/yours.yaml": "a: word2\n",
        },
        ("+experiment=mine", "space=yours"),
        {"space.a": "word2"},
    ),
    "override of a package": Case(
        {
            "experiment/mine.yaml": EXPERIMENT + "defaults: [{override /part@space.x: two}]\n",
            "space/mine.yaml": "defaults: [{/part@x: one}]\n",
            "part/one.yaml": "a: word1\nb: word2\n",
            "part/two.yaml": "a: word3\n",
        },
        ("space=mine", "+experiment=mine"),
        {"space.x.a": "word3"},
        gone=("space.x.b",),
    ),
    "an interpolated choice": Case(
        {
            "space/mine.yaml": """
                defaults:
                  - /part@x: ${framework}
                  - /part@y: ${platform}
                """,
            "part/sklearn.yaml": "a: word1\n",
            "part/local.yaml": "a: word2\n",
        },
        ("space=mine",),
        {"space.x.a": "word1", "space.y.a": "word2"},
    ),
    "an optional choice that is not there": Case(
        {"space/mine.yaml": "defaults: [{optional /part@x: nowhere}]\na: word1\n"},
        ("space=mine",),
        {"space.a": "word1"},
    ),
    "experiment over experiment": Case(
        {
            "experiment/base.yaml": EXPERIMENT + "space: {a: word1, b: word2}\n",
            "experiment/mine.yaml": EXPERIMENT + "defaults: [base]\nspace: {b: word3}\n",
        },
        ("+experiment=mine", "~space.alpha"),
        {"space.a": "word1", "space.b": "word3"},
        gone=("space.alpha",),
    ),
    "values of the command line": Case(
        {"space/mine.yaml": "a: word1\nb: word2\nc: {d: word3}\n"},
        (
            "space=mine",
            "space.a=word4",
            "+space.new=word5",
            "++space.b=word6",
            "++space.c.e=word7",
        ),
        {"space.a": "word4", "space.new": "word5", "space.b": "word6", "space.c.d": "word3"},
    ),
    "the last of several": Case(
        {"space/mine.yaml": "a: word1\n"},
        ("space.a=word2", "space=mine", "space.a=word3"),
        {"space.a": "word3"},
    ),
    "quoted values of the command line": Case(
        {"space/mine.yaml": "a: word1\nb: word2\nc: word3\n"},
        ("space=mine", "space.a='word4, word5'", 'space.b="wörd6 😀"', 'space.c="it\'s word7"'),
        {"space.a": "word4, word5", "space.b": "wörd6 😀", "space.c": "it's word7"},
    ),
    "a mapping on the command line": Case(
        {"space/mine.yaml": "a: {b: word1, c: word2}\n"},
        ("space=mine", "++space.a={b: word3, d: {e: word4}}"),
        {"space.a.b": "word3", "space.a.c": "word2", "space.a.d.e": "word4"},
    ),
    "deleted on the command line": Case(
        {"space/mine.yaml": "a: word1\nb: {c: word2, d: word3}\ne: {f: word4}\n"},
        ("space=mine", "~space.a", "~space.b.c=word2", "~space.e"),
        {"space.b.d": "word3"},
        gone=("space.a", "space.b.c", "space.e"),
    ),
    "deleted and given again": Case(
        {"space/mine.yaml": "a: {b: word1, c: word2}\n"},
        ("space=mine", "~space.a", "+space.a.b=word3"),
        {"space.a.b": "word3"},
        gone=("space.a.c",),
    ),
    "a group that is left out": Case(
        {
            "space/mine.yaml": "defaults: [{/part@x: one}]\na: word1\n",
            "part/one.yaml": "b: word2\n",
        },
        ("space=mine", "~part@space.x"),
        {"space.a": "word1"},
        gone=("space.x",),
    ),
    "lists replace one another": Case(
        {
            "space/mine.yaml": "defaults: [base]\na: [word1, word2]\n",
            "space/base.yaml": "a: [word3, word4, word5]\nb: [word6]\n",
        },
        ("space=mine", "space.b=[word7,word8]"),
        {"space.a": ["word1", "word2"], "space.b": ["word7", "word8"]},
    ),
    "a list of one length after another": Case(
        {
            "space/mine.yaml": "defaults: [base]\na: [word1]\n",
            "space/base.yaml": "a: [word2, word3]\n",
        },
        ("space=mine",),
        {"space.a": ["word1"]},
    ),
    "inside of lists": Case(
        {
            "space/mine.yaml": """
                a:
                  - {b: word1, c: [word2, word3]}
                  - - word4
                    - d: word5
                """
        },
        ("space=mine", "++space.a.0.b=word6", "++space.a.1.0=word7"),
        {"space.a[0].b": "word6", "space.a[0].c[1]": "word3", "space.a[1][0]": "word7"},
    ),
    "something else in the place of a section": Case(
        {
            "space/mine.yaml": "defaults: [base]\na: word1\nb: null\nc: {d: word2}\n",
            "space/base.yaml": "a: {x: word3}\nb: {x: word4}\nc: word5\n",
        },
        ("space=mine",),
        {"space.a": "word1", "space.b": None, "space.c.d": "word2"},
        gone=("space.a.x", "space.b.x"),
    ),
    "a section after something else": Case(
        {
            "space/mine.yaml": "defaults: [base, between]\na: {x: word1}\n",
            "space/between.yaml": "a: null\n",
            "space/base.yaml": "a: {x: word2, y: word3}\n",
        },
        ("space=mine",),
        {"space.a": {"x": "word1"}},
        gone=("space.a.y",),
    ),
    "an empty section changes nothing": Case(
        {
            "space/mine.yaml": "defaults: [base]\na: {}\nb:\n",
            "space/base.yaml": "a: {x: word1}\nc: word2\n",
        },
        ("space=mine",),
        {"space.a.x": "word1", "space.b": None, "space.c": "word2"},
    ),
    "??? that is given later": Case(
        {
            "space/mine.yaml": "defaults: [base, _self_]\na: word1\n",
            "space/base.yaml": "a: ???\nb: ???\nc: ???\n",
            "experiment/mine.yaml": EXPERIMENT + "space: {b: word2}\n",
        },
        ("space=mine", "+experiment=mine", "space.c=word3"),
        {"space.a": "word1", "space.b": "word2", "space.c": "word3"},
    ),
    "??? that comes too late": Case(
        {
            "space/mine.yaml": "defaults: [base, _self_]\na: ???\n",
            "space/base.yaml": "a: word1\n",
        },
        ("space=mine",),
        {"space.a": "word1"},
    ),
    "??? without a value": Case(
        {"space/mine.yaml": "a: ???\nb:\n  c: ???\n"},
        ("space=mine",),
        {"space.a": "???", "space.b.c": "???"},
    ),
    "an interpolation": Case(
        {"space/mine.yaml": 'a: word1\nb: ${.a}\nc: ${seed}-word2\nd: ["${space.a}word3"]\n'},
        ("space=mine", "trial.name=${space.a}word4"),
        {"space.b": "${.a}", "space.c": "${seed}-word2", "trial.name": "${space.a}word4"},
    ),
    "the environment": Case(
        {"space/mine.yaml": "a: ${oc.env:HOME}\nb: ${oc.env:NOBODY_SETS_THIS,word1}\n"},
        ("space=mine", "store.path=${oc.env:HOME}/word2"),
        {"space.a": "${oc.env:HOME}", "store.path": "${oc.env:HOME}/word2"},
    ),
    "a section that is interpolated": Case(
        {"space/mine.yaml": "a: {x: word1, y: word2}\nb: ${.a}\n"},
        ("space=mine",),
        {"space.b": "${.a}"},
    ),
    "over a section that is interpolated": Case(
        {
            "space/mine.yaml": "defaults: [base]\nb: {x: word1}\n",
            "space/base.yaml": "a: {x: word2, y: word3}\nb: ${.a}\n",
        },
        ("space=mine",),
        {"space.a.y": "word3", "space.b": {"x": "word1", "y": "word3"}},
        unknown=("space.b.y",),
    ),
    "set through an interpolation": Case(
        {"space/mine.yaml": "a: {x: word1, y: word2}\nb: ${.a}\nc: ${space.a}\n"},
        ("space=mine", "++space.b.x=word3", "++space.c={x: word4}"),
        {"space.c": {"x": "word4"}},
    ),
    "deleted through an interpolation": Case(
        {"space/mine.yaml": "a: {x: word1, y: {z: word2}}\nb: ${.a}\nc: ${.a.y}\n"},
        ("space=mine", "~space.b.x", "~space.c"),
        {"space.a": {"y": {"z": "word2"}}, "space.b": "${.a}"},
        gone=("space.a.x", "space.c"),
    ),
    "anchors and merge keys": Case(
        {
            "space/mine.yaml": """
                base: &base {x: word1, y: word2}
                more: &more
                  y: word3
                  z: word4
                again: *base
                merged: {<<: *base, y: word5}
                both: {<<: [*base, *more]}
                word: &word word6
                same: *word
                """
        },
        ("space=mine", "space.again.y=word7"),
        {"space.again.y": "word7", "space.merged.x": "word1", "space.both.y": "word2"},
    ),
    "odd keys": Case(
        {
            "space/mine.yaml": """
                'quoted key': word1
                "ümläut 😀": {β: word2}
                1: word3
                2.5: word4
                true: word5
                "dotted.key": word6
                ? explicit
                : word7
                """
        },
        ("space=mine",),
        {"space.quoted key": "word1", "space.ümläut 😀.β": "word2", "space.explicit": "word7"},
    ),
    "multi-line strings": Case(
        {
            "space/mine.yaml": """
                a: |
                  word1
                  and more
                b: >-
                  word2
                  and more
                c: word3
                  goes on
                d: "word4
                  too"
                """
        },
        ("space=mine",),
        {"space.a": "word1\nand more\n", "space.c": "word3 goes on"},
    ),
    "a plugin's defaults": Case(
        {},
        ("tuner=picky", "tuner.weights.left=17"),
        {"tuner.depth": 3, "tuner.weights.left": 17},
        defaults=("tuner.name", "tuner.depth", "tuner.layers"),
    ),
    "a file that selects a plugin": Case(
        {"tuner/mine.yaml": "name: picky\nlayers: [17, 18]\n"},
        ("tuner=mine",),
        {"tuner.layers": [17, 18], "tuner.depth": 3},
        defaults=("tuner.depth", "tuner.weights.left"),
    ),
    "a file of a plugin's name": Case(
        {"tuner/picky.yaml": "name: picky\ndepth: 17\n"},
        ("tuner=picky",),
        {"tuner.depth": 17, "tuner.weights.left": 1.0},
        defaults=("tuner.layers", "tuner.weights.left"),
    ),
    "a plugin's choice that is amended": Case(
        {"experiment/mine.yaml": EXPERIMENT + "tuner: {depth: 17}\n"},
        ("tuner=picky", "+experiment=mine"),
        {"tuner.depth": 17},
        defaults=("tuner.name", "tuner.layers", "tuner.weights.left"),
    ),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def provenance_of(folder: Path, case: Case) -> Provenance:
    write(folder, case.texts)
    return composed(*case.overrides, f'hydra.searchpath=["file://{folder}"]')


def composed(*overrides: str) -> Provenance:
    report = Report()
    traced = compose_traced(overrides, registry(), report)
    assert traced, list(report)
    assert not list(report)
    return traced.provenance


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_value_has_its_origin(folder: Path, case: Case) -> None:
    provenance = provenance_of(folder, case)
    nodes = {dotted(path): path for path in paths(provenance.composed_value(()))}
    leaves = {
        name: path for name, path in nodes.items() if is_leaf(provenance.composed_value(path))
    }
    origins = {name: provenance.origin(path) for name, path in leaves.items()}

    assert {name: provenance.composed_value(nodes[name]) for name in case.values} == case.values
    assert tuple(name for name, origin in origins.items() if origin is None) == case.unknown
    for name, origin in origins.items():
        if origin and origin.span:
            check(origin.span.value, provenance.composed_value(leaves[name]), case)
        elif origin:
            section = name.partition(".")[0]
            own = section in ("trial", "budget", "retries")
            assert own or origin.layer.owner.startswith(f"`{section}=")
    by_default = [origins[name] for name in case.defaults]
    assert all(origin is not None and origin.span is None for origin in by_default)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_removed_values_have_no_origin(folder: Path, case: Case) -> None:
    provenance = provenance_of(folder, case)

    for name in case.gone:
        path = tuple(name.split("."))
        history = provenance.history(path)
        assert provenance.composed_value(path) is MISSING
        assert provenance.origin(path) is None
        assert not history or history[-1].kind is ChangeKind.REMOVES


def test_the_example_of_the_module_has_the_changes_that_it_states(folder: Path) -> None:
    files = {
        "space/mine.yaml": "lr: uniform(0, 1)\ndepth: int(1, 8)\nwidth: int(1, 9)\n",
        "experiment/big.yaml": EXPERIMENT + "space:\n  width: int(1, 99)\n",
    }
    provenance = provenance_of(
        folder, Case(files, ("space=mine", "+experiment=big", "~space.depth"), {})
    )
    changes = {
        key: [
            f"{change.kind.value} {change.span.value.file}:{change.span.value.line}"
            for change in provenance.history(("space", key))
            if change.span
        ]
        for key in ("lr", "width", "depth")
    }

    assert changes == {
        "lr": ["set space/mine.yaml:1"],
        "width": ["set space/mine.yaml:3", "set experiment/big.yaml:3"],
        "depth": ["set space/mine.yaml:2", "removed <command line>:3"],
    }
    assert span_of(provenance, ("space", "width")) == "experiment/big.yaml:3:10"
    assert provenance.origin(("space", "depth")) is None


SPACE = ("space", "a")


def span_of(provenance: Provenance, path: KeyPath = SPACE) -> str:
    found = provenance.find(path)
    return str(found.value) if found else ""


def test_the_first_folder_with_a_file_is_its_origin(folder: Path) -> None:
    write(folder, {"one/space/mine.yaml": "b: 1\na: 1\n", "two/space/mine.yaml": "a: 1\n"})
    folders = [f"file://{folder / name}" for name in ("one", "two")]

    assert span_of(composed("space=mine", f"hydra.searchpath={folders}")) == (
        "one/space/mine.yaml:2:4"
    )
    assert span_of(composed("space=mine", f"hydra.searchpath={folders[::-1]}")) == (
        "two/space/mine.yaml:1:4"
    )


def test_a_file_in_a_package_has_spans(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        folder, {"their_parts/conf/__init__.py": "", "their_parts/conf/space/mine.yaml": "a: 1\n"}
    )
    monkeypatch.syspath_prepend(folder)

    assert span_of(composed("space=mine", "hydra.searchpath=['pkg://their_parts.conf']")) == (
        "their_parts/conf/space/mine.yaml:1:4"
    )


def test_a_file_in_a_zipped_package_has_spans(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ZipFile(folder / "theirs.zip", "w") as archive:
        archive.writestr("zipped_parts/__init__.py", "")
        archive.writestr("zipped_parts/space/mine.yaml", "b: 1\na: 2\n")
    monkeypatch.syspath_prepend(folder / "theirs.zip")

    assert span_of(composed("space=mine", "hydra.searchpath=['pkg://zipped_parts']")) == (
        "theirs.zip/zipped_parts/space/mine.yaml:2:4"
    )


def test_values_without_a_text_name_their_owner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ConfigStore.instance().repo, "space", {})
    ConfigStore.instance().store("mine", {"a": 1}, group="space", provider="somebody 1.0")
    origin = composed("space=mine").origin(SPACE)

    assert origin
    assert origin.span is None
    assert origin.layer.owner == "`space=mine` in somebody 1.0"


def test_a_value_that_differs_from_the_merged_layers_has_no_origin() -> None:
    layers = [Layer((), {"space": {"a": 1, "b": [1, 2], "c": 1, "d": float("nan")}})]
    values = {"space": {"a": 2, "b": [1, 2, 3], "c": True, "d": float("nan"), "e": 1}}
    provenance = Provenance(layers, values)
    known = [key for key in "abcde" if provenance.origin(("space", key))]

    assert known == ["d"]
    assert provenance.origin(("space", "b", 0)) is None
    assert provenance.origin(("space", "b", 7)) is None
    assert provenance.origin(("nowhere", "b", 7)) is None


@pytest.mark.parametrize(
    ("action", "at", "unknown"),
    [
        (LayerAction.EXTEND, ("space", "a"), [SPACE, (*SPACE, 0), (*SPACE, 1)]),
        (LayerAction.DELETE, (*SPACE, 1), [(*SPACE, 0), (*SPACE, 1)]),
    ],
)
def test_items_of_a_rearranged_list_have_no_origin(
    action: LayerAction, at: KeyPath, unknown: list[KeyPath]
) -> None:
    """Hydra 1.4 can rearrange lists; the new index of an item is not computed."""
    written: dict[str, Any] = {"space": {"a": [1, 1, 1], "b": 1}}
    left = {"space": {"a": [1, 1], "b": 1}}
    provenance = Provenance([Layer((), written), Layer(at, action)], left)

    assert not any(map(provenance.origin, unknown))
    assert provenance.origin(("space", "b"))


VALUES = st.recursive(
    st.sampled_from([1, 2, "x", None, "???"]),
    lambda inside: (
        st.lists(inside, max_size=2) | st.dictionaries(st.sampled_from("abc"), inside, max_size=3)
    ),
    max_leaves=6,
)
SECTIONS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)
PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=2).map(tuple)
LAYERS = st.one_of(
    st.builds(Layer, st.just(()), SECTIONS),
    st.builds(Layer, PATHS, VALUES | st.just(LayerAction.DELETE)),
)


@given(st.lists(LAYERS, max_size=5))
def test_exactly_the_values_of_the_merged_layers_have_an_origin(layers: list[Layer]) -> None:
    tree = merged(layers)
    provenance = Provenance(layers, tree)
    present = set(paths(tree))
    set_once = {path for layer in layers for path in paths_set_by(layer)}

    assert all(provenance.origin(path) for path in present if path and is_scalar(tree, path))
    assert all(is_removed(provenance.history(path)) for path in set_once - present)


def merged(layers: Sequence[Layer]) -> dict[str, Any]:
    """Merge layers in the plainest way."""
    tree: dict[str, Any] = {}
    for layer in layers:
        value: Any = layer.values
        if value is LayerAction.DELETE:
            section: Any = tree
            for key in layer.at[:-1]:
                section = section.get(key) if isinstance(section, dict) else None
            if isinstance(section, dict):
                section.pop(layer.at[-1], None)
            continue
        for key in reversed(layer.at):
            value = {key: value}
        tree = merge(tree, value)
    return tree


def merge(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return merge({}, new) if isinstance(new, dict) else new
    added = {
        key: merge(old.get(key), value)
        for key, value in new.items()
        if value != "???" or key not in old
    }
    return {**old, **added}


def paths_set_by(layer: Layer) -> Iterator[KeyPath]:
    if not isinstance(layer.values, LayerAction):
        yield from ((*layer.at, *path) for path in paths(layer.values) if (*layer.at, *path))


def is_scalar(value: Any, path: KeyPath) -> bool:
    for key in path:
        value = value[key]
    return not isinstance(value, dict | list)


def is_removed(history: Sequence[ValueChange]) -> bool:
    return not history or history[-1].kind is ChangeKind.REMOVES


def check(span: Span, value: Any, case: Case) -> None:
    """Read the text at a span, and compare it with the value whose origin it is."""
    if span.file == COMMAND_LINE:
        lines: Sequence[str] = case.overrides
    else:
        assert span.file
        lines = Path(span.file).read_text().splitlines()
    assert span.text == lines[span.line - 1]
    start = span.column - 1
    said = span.text[start : start + span.length]
    for word in re.findall(r"word\d+", str(value)):
        (file, line), *others = occurrences(word, case)
        assert not others, f"{word} occurs more than once"
        assert span.file == file
        assert line == span.line if word in said else line > span.line
    if "|" in said or ">" in said:
        assert "\n" in value or " " in value
    elif value is not None:
        assert said.strip("\"'") in str(value) or yaml.safe_load(said) == value


def occurrences(word: str, case: Case) -> list[tuple[str, int]]:
    """Find the files and the lines in which a word occurs."""
    texts = {**case.texts, COMMAND_LINE: "\n".join(case.overrides)}
    return [
        (name, number)
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(rf"{word}\b", line)
    ]


def paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of every value and every section."""
    yield path
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in inside:
        yield from paths(item, (*path, key))


def is_leaf(value: Any) -> bool:
    return not isinstance(value, dict | list) or (value == [])
