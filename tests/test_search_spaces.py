"""The page about search spaces says what is: every example in it compiles, and as it says."""

import re
from pathlib import Path

import pytest

from sweepwright.core.compiler.compiler import Compiled, compile_sweep
from sweepwright.core.plan.plan_json import fingerprint
from sweepwright.core.registry.registry import Registry
from sweepwright.core.views.space_yaml import write_space
from tests.core.compiler.space.syntax.drafting import domain

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "search-spaces.md").read_text()
README = (ROOT / "README.md").read_text()
ROWS = re.findall(r"^\| (`.*) \|$", PAGE, re.MULTILINE)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("space", [*blocks(PAGE, "yaml"), *blocks(README, "yaml")])
def test_every_example_compiles_and_so_does_what_plan_writes_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, space: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space").mkdir()
    (tmp_path / "space" / "search_space.json").write_text(blocks(PAGE, "json")[0])
    made = compiled(tmp_path, space)
    plan = made.plan

    assert not made.warnings
    again = compiled(
        tmp_path, write_space(plan.space, plan.start, nni_v0_format=plan.nni_v0_format)
    )
    assert fingerprint(again.plan) == fingerprint(plan)


def compiled(folder: Path, space: str) -> Compiled:
    (folder / "space" / "mine.yaml").write_text(space)
    return compile_sweep(["space=mine", "trial=noop"], Registry.load(), folder)


@pytest.mark.parametrize("row", ROWS)
def test_the_spellings_of_a_row_are_one_domain(row: str) -> None:
    spellings = re.findall(r"`([^`]*)`", row)

    assert len(spellings) > 1
    assert len({repr(domain(spelling)) for spelling in spellings}) == 1


def test_every_domain_has_a_row() -> None:
    assert len(ROWS) == 10
