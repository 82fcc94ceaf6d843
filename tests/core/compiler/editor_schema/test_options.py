"""The schema of options admits what `check_options` accepts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

import pytest
from jsonschema import Draft202012Validator

from sweepwright.core.compiler.editor_schema.options import (
    DEFINITIONS,
    TEXT,
    Schema,
    flexible,
    options_schema,
)
from sweepwright.core.registry.options import check_options


class Color(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    """What is inside."""

    size: int
    """How large it is."""
    name: str = "x"


@dataclass(frozen=True)
class Options:
    """One field of each shape."""

    flag: bool = True
    count: int = 1
    rate: float = 0.5
    text: str = "a"
    maybe: int | None = None
    mixed: str | list[str] = ""
    color: Color = Color.RED
    number: Literal[1, "two"] | None = 1
    inner: Inner | None = None
    """What there is in here."""
    plain: Inner = field(default_factory=lambda: Inner(1))
    many: tuple[int, ...] = ()
    pair: tuple[int, str] = (1, "a")
    bare: list = field(default_factory=list)  # type: ignore[type-arg]  # as people write it
    inners: Sequence[Inner] = ()
    by_name: dict[str, float] = field(default_factory=dict)
    nested: Mapping[str, Inner] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    anything: Any = None


VALUES: list[Any] = [
    None,
    True,
    0,
    7,
    0.25,
    "a",
    "red",
    "two",
    [],
    [1],
    [1, "a"],
    ["a", "b"],
    [1, "a", 2],
    {},
    {"a": 0.5},
    {"size": 1},
    {"size": "x"},
    {"size": 1, "other": 2},
    [{"size": 1}],
    [{"name": "y"}],
    {"a": {"size": 1}},
    [[1]],
]


def validator(schema: Schema) -> Draft202012Validator:
    whole = {"$defs": DEFINITIONS, **schema}
    Draft202012Validator.check_schema(whole)
    return Draft202012Validator(whole)


SCHEMA = validator(options_schema(Options))
FIELDS = list(Options.__dataclass_fields__)


@pytest.mark.parametrize("name", FIELDS)
def test_the_schema_admits_what_the_check_admits(name: str) -> None:
    """Except for partial mappings, which are merged before they are checked."""
    checked = [not check_options(Options, {name: value}) for value in VALUES]
    in_part = [isinstance(value, dict) and "size" not in value for value in VALUES]
    admitted = [SCHEMA.is_valid({name: value}) for value in VALUES]
    compared = zip(VALUES, admitted, checked, in_part, strict=True)

    assert [value for value, mine, theirs, part in compared if mine != theirs and not part] == []


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", ["${other}", "${oc.env:HOME}/x", "???"])
def test_an_interpolation_is_admitted_anywhere(name: str, value: str) -> None:
    assert SCHEMA.is_valid({name: value})


def test_mappings_may_be_partial_except_in_lists() -> None:
    assert SCHEMA.is_valid({"plain": {"name": "y"}})
    assert not SCHEMA.is_valid({"inners": [{"name": "y"}]})


def test_an_unknown_key_is_not_admitted() -> None:
    assert not SCHEMA.is_valid({"colour": "red"})
    assert not SCHEMA.is_valid({"plain": {"sise": 1}})


def test_defaults_and_descriptions_are_included() -> None:
    properties = options_schema(Options)["properties"]

    assert (properties["color"]["default"], properties["pair"]["default"]) == ("red", [1, "a"])
    assert properties["inner"]["description"] == "What there is in here."
    assert properties["plain"]["description"] == "What is inside."
    assert properties["inner"]["anyOf"][0]["properties"]["size"] == {
        "description": "How large it is.",
        "anyOf": [{"type": "integer"}, {"$ref": "#/$defs/interpolation"}],
    }


def test_bounds_hold_for_numbers_by_path() -> None:
    bounds: dict[tuple[str | int, ...], dict[str, int]] = {
        ("rate",): {"minimum": 1},
        ("by_name", "*"): {"maximum": 2},
    }
    schema = validator(options_schema(Options, lambda path: bounds.get(path, {})))

    assert schema.is_valid({"rate": 1, "by_name": {"x": 2}})
    assert not schema.is_valid({"rate": 0.5})
    assert not schema.is_valid({"by_name": {"x": 3}})


def test_schemas_of_any_text_admit_interpolations_already() -> None:
    assert flexible(TEXT) == TEXT
    assert flexible({"type": "null"}, {}) == {}
    assert len(flexible({"enum": ["a"]}, {"type": "integer"})["anyOf"]) == 3
