"""Interpolations become values; other values stay as they are."""

from pathlib import Path
from typing import Any

import pytest

from sweepwright.core.compiler.compose import compose
from sweepwright.core.compiler.error_recovery import INVALID, contains_invalid
from sweepwright.core.compiler.passes.resolve import resolve
from sweepwright.core.registry.registry import Registry
from sweepwright.diagnostics import Code, Report

REGISTRY = Registry.load()

SPACE = """
a: {x: 1, y: [2, 3.5, null, true], z: word}
b: ${.a.x}
c: [1, '${space.b}', {d: '${...z}'}]
deep: ${.a}
text: x${seed}
env: ${oc.env:HOME_OF_NOBODY}
escaped: \\${seed}
z: ${oc.env:HOME_OF_NOBODY}
"""


def resolved(folder: Path, text: str, *overrides: str) -> tuple[dict[str, Any], Report]:
    (folder / "space").mkdir()
    (folder / "space" / "mine.yaml").write_text(text)
    report = Report()
    composed = compose(["space=mine", *overrides], REGISTRY, report, folder)
    assert composed
    return dict(resolve(composed, report).tree), report


def test_values_are_plain_and_interpolations_resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME_OF_NOBODY", "nowhere")
    tree, report = resolved(tmp_path, SPACE, "seed=7")

    assert not list(report)
    assert tree["seed"] == 7
    assert tree["space"] == {
        "a": {"x": 1, "y": [2, 3.5, None, True], "z": "word"},
        "b": 1,
        "c": [1, 1, {"d": "nowhere"}],
        "deep": {"x": 1, "y": [2, 3.5, None, True], "z": "word"},
        "text": "x7",
        "env": "nowhere",
        "escaped": "${seed}",
        "z": "nowhere",
    }


def test_an_interpolated_section_resolves_at_its_new_place(tmp_path: Path) -> None:
    tree, _ = resolved(tmp_path, "a: {x: '${.y}', y: 1}\nb: {y: 2, c: '${space.a}'}\n")

    assert tree["space"]["b"]["c"] == {"x": 1, "y": 1}


def test_sections_that_refer_to_each_other_are_reported(tmp_path: Path) -> None:
    tree, report = resolved(tmp_path, "a: {b: '${space.c}'}\nc: {d: '${space.a}'}\n")

    assert {found.code for found in report} == {Code.BROKEN_INTERPOLATION}
    assert all(
        found.message == "`space` contains itself through an interpolation" for found in report
    )
    assert contains_invalid(tree)


def test_a_value_that_does_not_resolve_hides_no_other_fault(tmp_path: Path) -> None:
    tree, report = resolved(tmp_path, "a: ${nope}\nb: ???\nc: 1\n")

    assert tree["space"] == {"a": INVALID, "b": INVALID, "c": 1}
    assert [(found.code, str(found.span)[-4:]) for found in report] == [
        (Code.BROKEN_INTERPOLATION, ":1:4"),
        (Code.MISSING_VALUE, ":2:4"),
    ]


def test_a_group_merged_at_the_root_gets_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text("seed: 1\n")
    _, report = resolved(tmp_path, "a: 1\n", "+experiment=mine")

    assert [found.help for found in report] == [
        "a config of this group begins with `# @package _global_`"
    ]
