"""A file with too many YAML nodes is reported, and the suggested limits work."""

from pathlib import Path

import pytest

from sweepwright.core.compiler.compose import compose
from sweepwright.core.compiler.compose.node_count import LIMIT
from sweepwright.core.registry.registry import Registry
from sweepwright.diagnostics import Code, Diagnostic, Report

REGISTRY = Registry.load()


def findings(folder: Path, text: str) -> list[Diagnostic]:
    (folder / "space").mkdir(exist_ok=True)
    (folder / "space" / "mine.yaml").write_text(text)
    report = Report()
    compose(["space=mine"], REGISTRY, report, config_dir=folder)
    return list(report)


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIMIT, "401")


@pytest.mark.usefixtures("limit")
def test_every_key_and_value_counts(tmp_path: Path) -> None:
    fits = "".join(f"p{number}: uniform(0, 1)\n" for number in range(200))
    (found,) = findings(tmp_path, fits + "one_more: uniform(0, 1)\n")

    assert not findings(tmp_path, fits)
    assert found.code is Code.TOO_MANY_NODES
    assert found.message == "`space/mine` has 403 YAML nodes, above the limit of 401"
    assert not found.notes


@pytest.mark.usefixtures("limit")
def test_an_alias_counts_as_often_as_it_is_used(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, f"a: &a {[1] * 200}\nb: *a\nc: {{<<: {{d: *a}}}}\n")

    assert "611 YAML nodes" in found.message
    assert found.notes == ("the file contains 209 nodes; aliases repeat them",)


@pytest.mark.usefixtures("limit")
@pytest.mark.parametrize("count", [500, 3000])
def test_the_suggested_limit_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    text = f"a: {[1] * count}\n"
    (found,) = findings(tmp_path, text)
    assert found.help
    monkeypatch.setenv(LIMIT, found.help.partition(f"{LIMIT}=")[2].partition("`")[0])

    assert not findings(tmp_path, text)


@pytest.mark.usefixtures("limit")
def test_aliases_that_expand_a_file_need_every_limit_lifted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"a: &a {[1] * 9}\n" + "".join(
        f"{key}: &{key} [{', '.join([f'*{inner}'] * 9)}]\n" for inner, key in ("ab", "bc", "cd")
    )
    (found,) = findings(tmp_path, text)
    monkeypatch.setenv(LIMIT, "none")

    assert found.help == f"if this is intended set `{LIMIT}=none` in the environment"
    assert not findings(tmp_path, text)


def test_a_limit_that_is_not_a_number_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LIMIT, "many")

    assert Code.TOO_MANY_NODES not in [found.code for found in findings(tmp_path, "a: 1\n")]


def test_a_deeply_nested_file_is_reported(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "a: " + "[" * 600 + "]" * 600)

    assert found.code is Code.NOT_COMPOSABLE
