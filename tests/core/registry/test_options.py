"""Options: every mistake in them is found, and what has none is built exactly."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeVar

import pytest

from sweepwright.core.registry.option_types import INVALID, check_schema
from sweepwright.core.registry.options import (
    build_options,
    check_options,
    option_defaults,
    plain_options,
    show,
)

T = TypeVar("T")


class Mode(StrEnum):
    FAST = "fast"
    EXACT = "exact"


@dataclass(frozen=True)
class Layer:
    size: int
    activation: Literal["relu", "tanh"] = "relu"


@dataclass(frozen=True)
class Everything:
    eta: int
    rate: float = 0.1
    verbose: bool = False
    label: str = ""
    limit: int | None = None
    mode: Mode = Mode.FAST
    layers: tuple[Layer, ...] = ()
    pair: tuple[int, float] = (1, 0.5)
    names: list[str] = field(default_factory=list)
    weights: Mapping[str, float] = field(default_factory=dict)
    first: Layer = Layer(8)
    either: int | float | list[int] = 0
    anything: Any = None
    tags: frozenset[str] = frozenset()
    plain: Sequence[int] = ()
    loose: list = field(default_factory=list)  # type: ignore[type-arg]
    nothing: None = None
    computed: int = field(default=0, init=False)


def messages(**values: Any) -> list[str]:
    return [fault.message for fault in check_options(Everything, {"eta": 3, **values})]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"eta": "three"}, "`eta` is 'three', not an integer"),
        ({"eta": True}, "`eta` is true, not an integer"),
        ({"eta": 3.0}, "`eta` is 3.0, not an integer"),
        ({"eta": None}, "`eta` is null, not an integer"),
        ({"rate": "fast"}, "`rate` is 'fast', not a finite number"),
        ({"rate": float("nan")}, "`rate` is nan, not a finite number"),
        ({"verbose": 1}, "`verbose` is 1, not true or false"),
        ({"label": 7}, "`label` is 7, not text"),
        ({"limit": "none"}, "`limit` is 'none', not an integer or null"),
        ({"mode": "fats"}, "`mode` is 'fats', not one of `fast`, `exact`"),
        ({"layers": {"size": 1}}, "`layers` is {'size': 1}, not a list"),
        ({"layers": [{"size": 1}, {"size": "x"}]}, "`layers[1].size` is 'x', not an integer"),
        ({"layers": [3]}, "`layers[0]` is 3, not a mapping"),
        ({"pair": [1]}, "`pair` has 1 entries, not 2"),
        ({"pair": [1, "x"]}, "`pair[1]` is 'x', not a finite number"),
        ({"names": ["a", 1]}, "`names[1]` is 1, not text"),
        ({"weights": {"a": "b"}}, "`weights.a` is 'b', not a finite number"),
        ({"weights": 3}, "`weights` is 3, not a mapping"),
        ({"first": {"size": 1, "activation": "rely"}}, None),
        ({"first": {}}, "`first.size` has no value"),
        ({"either": "x"}, "`either` is 'x', not an integer or a finite number or a list"),
        ({"either": [1, "x"]}, "`either[1]` is 'x', not an integer"),
        ({"anything": [float("inf")]}, "`anything` is [inf], not something that JSON can hold"),
        ({"anything": {1, 2}}, "`anything` is {1, 2}, not something that JSON can hold"),
        ({"nothing": 0}, "`nothing` is 0, not null"),
    ],
)
def test_a_wrong_type_is_named_with_its_place(values: dict[str, Any], message: str | None) -> None:
    found = messages(**values)

    assert len(found) == 1
    assert message is None or found == [message]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"eta": INVALID}, []),
        ({"etaa": INVALID}, []),
        ({"pair": [INVALID, 1.5]}, []),
        ({"either": [INVALID, "x"]}, ["`either[1]` is 'x', not an integer"]),
        ({"layers": [INVALID, 3]}, ["`layers[1]` is 3, not a mapping"]),
        ({"weights": [INVALID, 3]}, ["`weights` is […, 3], not a mapping"]),
        ({"first": {"size": INVALID, "sise": 1}}, ["`first.sise` is not an option of Layer"]),
        ({"anything": [INVALID, {"a": INVALID}]}, []),
        ({"names": INVALID, "rate": "x"}, ["`rate` is 'x', not a finite number"]),
    ],
)
def test_a_value_that_was_reported_hides_no_other_fault(
    values: dict[str, Any], expected: list[str]
) -> None:
    assert messages(**values) == expected


def test_every_fault_is_found_at_once() -> None:
    values = {"rate": "x", "layers": [{"size": 1.5}, {"sise": 2}], "unknown": 1}
    faults = check_options(Everything, values)

    assert [fault.path for fault in faults] == [
        ("rate",),
        ("layers", 0, "size"),
        ("layers", 1, "sise"),
        ("layers", 1, "size"),
        ("unknown",),
        ("eta",),
    ]
    assert [fault.unknown for fault in faults] == [False, False, True, False, True, False]


@pytest.mark.parametrize(
    ("values", "help_"),
    [
        ({"lable": "x"}, "did you mean `label`?"),
        ({"eta": 3.0}, "write `3`"),
        ({"mode": "fats"}, "did you mean `fast`?"),
        ({"label": 7}, "put it in quotes: `'7'`, and on the command line in two pairs: `\"'7'\"`"),
        ({"eta": "???"}, "give it an integer"),
        ({"layers": ["wide"]}, "write a mapping, such as `{size: wide}`"),
        ({"rate": []}, None),
    ],
)
def test_a_fault_has_help(values: dict[str, Any], help_: str | None) -> None:
    (fault,) = check_options(Everything, {"eta": 3, **values})

    assert fault.help == help_


def test_values_that_fit_have_no_fault() -> None:
    found = messages(
        rate=1,
        verbose=True,
        limit=None,
        mode="exact",
        layers=[{"size": 2, "activation": "tanh"}],
        pair=(2, 3),
        weights={"a": 1},
        either=[1, 2],
        anything={"deep": [1, None, "x"]},
        tags=["a"],
        plain=[1],
        loose=[1, "a"],
        nothing=None,
    )

    assert found == []


def test_true_does_not_choose_1() -> None:
    @dataclass
    class Options:
        level: Literal[1, 2] = 1

    assert check_options(Options, {"level": 1}) == []
    assert check_options(Options, {"level": True})


def test_options_that_are_not_a_mapping_are_a_fault() -> None:
    values: Any = [1]

    assert [fault.path for fault in check_options(Everything, values)] == [()]


def test_building_gives_every_value_the_type_of_its_field() -> None:
    built = build_options(
        Everything,
        {
            "eta": 3,
            "rate": 1,
            "mode": "exact",
            "layers": [{"size": 2}],
            "pair": [1, 2],
            "names": ("a",),
            "weights": {"a": 1},
            "either": 1.5,
            "tags": ["a", "a"],
            "plain": [1],
            "anything": [1],
            "limit": None,
        },
    )

    assert built == Everything(
        3,
        rate=1.0,
        mode=Mode.EXACT,
        layers=(Layer(2),),
        pair=(1, 2.0),
        names=["a"],
        weights={"a": 1.0},
        either=1.5,
        tags=frozenset({"a"}),
        plain=(1,),
        anything=[1],
    )
    assert isinstance(built.rate, float)
    assert isinstance(built.mode, Mode)
    assert isinstance(built.weights["a"], float)


def test_a_union_builds_the_alternative_of_the_value() -> None:
    @dataclass
    class Options:
        value: float | int | Layer = 0

    assert isinstance(build_options(Options, {"value": 2}).value, int)
    assert build_options(Options, {"value": {"size": 2}}).value == Layer(2)


def test_defaults_are_plain_data() -> None:
    @dataclass
    class Outer:
        inner: Layer
        everything: Everything = field(default_factory=lambda: Everything(3))

    defaults = option_defaults(Outer)

    assert defaults["inner"] == {"size": "???", "activation": "relu"}
    assert defaults["everything"]["mode"] == "fast"
    assert type(defaults["everything"]["mode"]) is str
    assert defaults["everything"]["pair"] == [1, 0.5]
    assert defaults["everything"]["first"] == {"size": 8, "activation": "relu"}
    assert "computed" not in defaults["everything"]


def test_plain_options_build_the_same_options() -> None:
    options = Everything(3, mode=Mode.EXACT, layers=(Layer(1),), tags=frozenset("cab"))
    written = plain_options(options)

    assert build_options(Everything, json.loads(json.dumps(written))) == options
    assert written["tags"] == ["a", "b", "c"]


def test_defaults_build_themselves() -> None:
    defaults = option_defaults(Everything) | {"eta": 3}

    assert check_options(Everything, defaults) == []
    assert build_options(Everything, defaults) == Everything(3)


def test_a_schema_that_yaml_cannot_fill_is_refused() -> None:
    @dataclass
    class Inner:
        stream: memoryview

    @dataclass
    class Options:
        inner: dict[str, list[Inner | None]]

    with pytest.raises(TypeError, match=r"`Inner\.stream` is of type memoryview"):
        check_schema(Options)
    check_schema(Everything)


@pytest.mark.parametrize("options", [dict, 3, None])
def test_options_must_be_a_dataclass(options: Any) -> None:
    with pytest.raises(TypeError, match="not a dataclass"):
        check_schema(options)


def test_the_type_of_a_field_may_be_something_other_than_a_class() -> None:
    @dataclass
    class Options:
        value: T  # type: ignore[valid-type]

    with pytest.raises(TypeError, match=r"`Options\.value` is of type T"):
        check_schema(Options)


def test_a_class_that_is_not_a_dataclass_cannot_be_an_option() -> None:
    @dataclass
    class Options:
        call: "Sequence[int] | Any | type[int]" = ()

    with pytest.raises(TypeError, match="YAML cannot represent"):
        check_schema(Options)


def test_long_values_are_shortened() -> None:
    assert show("x" * 200).endswith("…")
    assert len(show("x" * 200)) == 60
