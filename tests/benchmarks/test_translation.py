"""Peers search the same spaces: the same parameters are active, with the same values."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from benchmarks.comparison.peers.smac import drawn_values, in_configspace
from benchmarks.comparison.peers.translation import Knot, snapped, suggest, tree
from benchmarks.problems.given import space_of
from benchmarks.problems.spaces import nested_space
from sweepwright.space import (
    Categorical,
    Condition,
    Integer,
    Nested,
    Ordinal,
    Parameter,
    Real,
    SearchSpace,
)
from tests.optional_packages import require

NESTED = nested_space(
    {
        "rate": Real(1e-3, 1, log=True),
        "drop": Real(0, 0.8, step=0.2),
        "model": Nested(("linear", "net")),
        "model.net.width": Integer(8, 64, step=8),
        "model.net.optimizer": Nested(("sgd", "adam")),
        "model.net.optimizer.sgd.momentum": Real(0, 1),
        "size": Ordinal(("small", "large")),
    }
)
SHARED = SearchSpace(
    [
        Parameter("booster", Categorical(("linear", "tree", "dart"))),
        Parameter("depth", Integer(1, 9), when=Condition("booster", (1, 2))),
    ]
)


@dataclass
class Trial:
    """What a peer hands to define-by-run code: it takes the last of everything."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def suggest_float(self, *call: Any, log: bool, step: float | None) -> Any:
        self.calls.append((*call, log, step))
        return call[2]

    def suggest_int(self, *call: Any, log: bool = False, step: int = 1) -> Any:
        self.calls.append((*call, log, step))
        return call[2]

    def suggest_categorical(self, *call: Any) -> Any:
        self.calls.append(call)
        return call[1][-1]


def test_define_by_run_suggests_what_is_active() -> None:
    trial = Trial()
    values = suggest(trial, NESTED)

    assert values == {
        "rate": 1,
        "drop": 0.8,
        "model": "net",
        "model.net.width": 64,
        "model.net.optimizer": "adam",
        "size": "large",
    }
    assert trial.calls[:2] == [("rate", 1e-3, 1, True, None), ("drop", 0, 0.8, False, 0.2)]
    assert ("model.net.width", 8, 64, False, 8) in trial.calls


def test_a_tree_hangs_parameters_under_choices() -> None:
    assert shape(tree(NESTED)) == {
        "rate": [],
        "drop": [],
        "model": [
            {},
            {
                "model.net.width": [],
                "model.net.optimizer": [{"model.net.optimizer.sgd.momentum": []}, {}],
            },
        ],
        "size": [],
    }


def test_a_parameter_of_two_options_is_one_node() -> None:
    (booster,) = tree(SHARED)
    (tree_depth,), (dart_depth,) = booster.under[1:]

    assert booster.under[0] == []
    assert tree_depth is dart_depth


def test_smac_draws_what_is_active_from_each_domain() -> None:
    require("ConfigSpace")
    space = in_configspace(NESTED)
    space.seed(1)
    drawn = [drawn_values(NESTED, dict(one)) for one in space.sample_configuration(200)]

    assert {frozenset(values) for values in drawn} == {
        frozenset({"rate", "drop", "model", "size"} | branch)
        for branch in (
            set(),
            {"model.net.width", "model.net.optimizer"},
            {"model.net.width", "model.net.optimizer", "model.net.optimizer.sgd.momentum"},
        )
    }
    assert {round(values["drop"], 9) for values in drawn} == {0.0, 0.2, 0.4, 0.6, 0.8}
    assert {values["size"] for values in drawn} == {"small", "large"}
    assert all(type(v["model.net.width"]) is int for v in drawn if "model.net.width" in v)


def test_smac_knows_that_several_options_activate_a_parameter() -> None:
    require("ConfigSpace")
    drawn = [dict(one) for one in in_configspace(SHARED).sample_configuration(50)]

    assert {one["booster"] for one in drawn if "depth" in one} == {1, 2}


def shape(knots: list[Knot]) -> dict[str, Any]:
    return {knot.parameter.name: [shape(under) for under in knot.under] for knot in knots}


@pytest.mark.parametrize(
    ("domain", "number", "value"),
    [
        (Real(0, 1), 1.0000001, 1.0),
        (Real(0, 0.8, step=0.2), 0.41, 0.4),
        (Real(0, 0.8, step=0.2), 0.95, 0.8),
        (Integer(1, 9), 0.6, 1),
        (Integer(1, 100, log=True), 100.4, 100),
        (Integer(8, 64, step=8), 3.9, 8),
        (Ordinal(("small", "large")), 1.4, "large"),
        (Categorical(("a", "b")), 1, "b"),
    ],
)
def test_numbers_of_peers_become_values_of_the_domain(
    domain: Any, number: float, value: Any
) -> None:
    found = snapped(Parameter("x", domain), number)

    assert found == (pytest.approx(value) if isinstance(value, float) else value)
    assert type(found) is type(value)


def test_the_given_form_becomes_a_space() -> None:
    space = space_of(
        [
            number("rate", "float", log=True),
            {"name": "kind", "type": "cat", "choices": ["a", "b"], "cond": None},
            {"name": "kernel", "type": "cat", "choices": ["x", "y"], "cond": [("kind", ["b"])]},
            number("depth", "int", cond=[("kernel", ["y", "x"]), ("kind", ["b"])]),
        ]
    )

    assert [p.domain for p in space.parameters] == [
        Real(1, 9, log=True),
        Categorical(("a", "b")),
        Categorical(("x", "y")),
        Integer(1, 9),
    ]
    assert [p.when for p in space.parameters] == [
        None,
        None,
        Condition("kind", (1,)),
        Condition("kernel", (0, 1)),
    ]


def number(name: str, kind: str, *, log: bool = False, cond: Any = None) -> dict[str, Any]:
    return {"name": name, "type": kind, "lower": 1, "upper": 9, "log": log, "cond": cond}
