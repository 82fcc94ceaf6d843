"""Every example on the pages about search spaces and expressions compiles, and as they say."""

import json
import re
from pathlib import Path
from textwrap import dedent

import pytest

from sweepwright.core.compiler.compiler import Compiled, compile_sweep
from sweepwright.core.compiler.space.syntax.call_form import looks_like_call
from sweepwright.core.plan.plan_json import fingerprint
from sweepwright.core.registry.registry import Registry
from sweepwright.core.views.yaml_text.space_yaml import write_space
from sweepwright.expressions.functions import ARITIES
from tests.core.compiler.space.syntax.drafting import domain, drafts

REGISTRY = Registry.load()

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "search-spaces.md").read_text()
EXPRESSIONS = (ROOT / "docs" / "expressions.md").read_text()
README = (ROOT / "README.md").read_text()
ROWS = re.findall(r"^\| (`.*) \|$", PAGE, re.MULTILINE)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


SPACES_OF_THE_README = blocks(README.partition("## Search spaces")[2], "yaml")


@pytest.mark.parametrize("space", [*blocks(PAGE, "yaml"), *SPACES_OF_THE_README])
def test_every_example_compiles_and_survives_plan_space(
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
    (folder / "space").mkdir(exist_ok=True)
    (folder / "space" / "mine.yaml").write_text(space)
    return compile_sweep(["space=mine", "trial=noop"], REGISTRY, folder)


@pytest.mark.parametrize("row", ROWS)
def test_the_notations_in_a_row_are_one_domain(row: str) -> None:
    notations = re.findall(r"`([^`]*)`", row)

    assert len(notations) > 1
    assert len({repr(domain(notation)) for notation in notations}) == 1


def test_the_example_of_the_page_about_expressions_compiles(tmp_path: Path) -> None:
    text = blocks(EXPRESSIONS, "yaml")[0]
    made = compiled(tmp_path, dedent(text.removeprefix("space:\n")))

    assert not made.warnings


def test_every_domain_in_the_text_compiles_without_a_finding() -> None:
    """The blocks and the table have tests of their own."""
    text = re.sub(r"^```.*?^```|^\|.*?$", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    calls = [code for code in re.findall(r"`([^`\n]+)`", text) if looks_like_call(code)]

    assert len(calls) > 1
    assert [drafts(json.dumps({"x": code}))[1] for code in calls] == [[] for _ in calls]


def test_the_grammar_of_expressions_lists_every_function() -> None:
    (grammar,) = blocks(EXPRESSIONS, "text")
    listed = grammar[grammar.index("function    =") :]

    assert set(re.findall(r'"(\w+)"', listed)) == {*ARITIES}


def test_every_domain_has_a_row() -> None:
    assert len(ROWS) == 10
