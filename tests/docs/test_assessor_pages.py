"""Every assessor has a page that says what it is, with its options as they are."""

import json
import re
from pathlib import Path
from typing import get_type_hints

import pytest

from sweepwright.core.compiler.editor_schema.options import attribute_docs
from sweepwright.core.registry.option_types import words_of
from sweepwright.core.registry.options import option_defaults
from sweepwright.core.registry.registry import Registry
from sweepwright.plugins.assessors.extrapolation.families import FAMILIES

PAGES = Path(__file__).parents[2] / "docs" / "assessors"
REGISTRY = Registry.load()
ASSESSORS = [
    name
    for name in REGISTRY.names("assessor")
    if REGISTRY.distribution("assessor", name).startswith("sweepwright ")
]
HEAD = "| option | takes | default | |\n|---|---|---|---|\n"
CODE = "the authors' code"


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text()


@pytest.mark.parametrize("name", ASSESSORS)
def test_a_page_says_what_an_assessor_is_good_and_bad_at(name: str) -> None:
    headings = re.findall(r"^#+ (.*)$", page(name), re.MULTILINE)

    assert headings[0] == name
    assert {"Good at", "Bad at", "How it works", "A run", "Options"} <= {*headings}
    assert f"\n| [`{name}`]({name}.md) |" in page("README")


@pytest.mark.parametrize("name", ASSESSORS)
def test_the_options_of_a_page_are_those_of_the_assessor(name: str) -> None:
    assert page(name).partition(HEAD)[2] == "".join(rows(name))


def rows(name: str) -> list[str]:
    """Write a row for each option: its name, its type in words, its default, what it says."""
    options = REGISTRY.find("assessor", name).options
    hints, said = get_type_hints(options), attribute_docs(options)
    return [
        f"| `{key}` | {words_of(hints[key])} | `{json.dumps(default)}` | {said[key]} |\n"
        for key, default in option_defaults(options).items()
    ]


def test_the_families_of_the_page_are_those_that_are_fitted() -> None:
    listed = re.findall(r"^\| (.*?) \| `(.*?)` \| (.*?) \|$", page("curvefitting"), re.MULTILINE)

    assert [(name, formula) for name, formula, _ in listed if not name.startswith("`")] == [
        (family.name, family.formula) for family in FAMILIES
    ]
    assert [name for name, _, source in listed if source == CODE] == ["linear"]
