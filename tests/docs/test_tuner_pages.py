"""Every tuner has a page that says what it is, with its options and a picture of it."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import get_type_hints

import pytest

from sweepwright.core.compiler.editor_schema.options import attribute_docs
from sweepwright.core.registry.option_types import words_of
from sweepwright.core.registry.options import option_defaults
from sweepwright.core.registry.registry import Registry

PAGES = Path(__file__).parents[2] / "docs" / "tuners"
REGISTRY = Registry.load()
TUNERS = [
    name
    for name in REGISTRY.names("tuner")
    if REGISTRY.distribution("tuner", name).startswith("sweepwright ")
]
HEAD = "| option | takes | default | |\n|---|---|---|---|\n"


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text()


@pytest.mark.parametrize("name", TUNERS)
def test_a_page_says_what_a_tuner_is_good_and_bad_at(name: str) -> None:
    headings = re.findall(r"^#+ (.*)$", page(name), re.MULTILINE)

    assert headings[0] == name
    assert {"Good at", "Bad at", "Options"} <= {*headings}
    assert f"\n| [`{name}`]({name}.md) |" in page("README")


@pytest.mark.parametrize("name", TUNERS)
def test_the_options_of_a_page_are_those_of_the_tuner(name: str) -> None:
    assert page(name).partition(HEAD)[2] == "".join(rows(name))


def rows(name: str) -> list[str]:
    """Write a row for each option: its name, its type in words, its default, what it says."""
    options = REGISTRY.find("tuner", name).options
    hints, said = get_type_hints(options), attribute_docs(options)
    return [
        f"| `{key}` | {words_of(hints[key])} | `{json.dumps(default)}` | {said[key]} |\n"
        for key, default in option_defaults(options).items()
    ]


@pytest.mark.parametrize("name", TUNERS)
def test_a_page_shows_a_small_picture_of_its_tuner(name: str) -> None:
    file = PAGES / f"{name}.svg"
    picture = ET.parse(file).getroot()  # noqa: S314 - a file of ours

    assert f"]({name}.svg)" in page(name)
    assert picture.findtext("{*}title") == f"tuner={name} searching"
    assert file.stat().st_size < 60_000
