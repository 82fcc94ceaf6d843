"""Draws, neighbours and counts of a space respect its conditions and constraints."""

import numpy as np
import pytest

from sweepwright.expressions import parse
from sweepwright.seeds import rng
from sweepwright.space import (
    Categorical,
    Condition,
    Derived,
    InfeasibleError,
    Integer,
    Misfit,
    MisfitKind,
    Nested,
    Parameter,
    Real,
    SearchSpace,
)
from sweepwright.space.space_json import read_space, space_body
from sweepwright.testing.problems import PROBLEMS

CONSTRAINED = PROBLEMS["constrained"].space
SMALL = SearchSpace(
    [
        Parameter("n", Integer(1, 4)),
        Parameter("m", Integer(1, 4), condition=parse("n > 2")),
        Parameter("kind", Categorical(("a", "b"))),
        Parameter("cut", Real(5, 5)),
    ],
    [parse("n + m < 8"), parse('kind != "b" or n > 1')],
)


def test_every_draw_satisfies_conditions_and_constraints() -> None:
    for assignment in CONSTRAINED.decode(CONSTRAINED.sample(rng(0, "test"), 2000)):
        optimizer = assignment["optimizer"]
        sgd = optimizer["_name"] == "sgd"

        assert assignment["batch"] * assignment["hidden"] <= 65536
        assert sgd or assignment["batch"] >= 32
        assert ("drop" in assignment) == (assignment["hidden"] > 64)
        assert ("nesterov" in optimizer) == (sgd and optimizer["momentum"] > 0.5)
        assert assignment["steps"] == 100000 // assignment["batch"]
        assert not sgd or optimizer["slow"] == 1 - optimizer["momentum"]
        assert sgd or set(optimizer) == {"_name"}


def test_every_neighbour_satisfies_constraints() -> None:
    for row in CONSTRAINED.sample(rng(1, "test"), 50):
        around = CONSTRAINED.neighbours(row, rng(2, "test"), 20)

        assert CONSTRAINED.feasible(around).all()


def test_without_a_feasible_neighbour_the_prior_is_drawn_from() -> None:
    apart = SearchSpace(
        [Parameter("a", Integer(0, 9)), Parameter("b", Integer(0, 9))], [parse("a == b")]
    )
    around = apart.neighbours(np.array([4.0, 4.0]), rng(0, "test"), 30)

    assert apart.feasible(around).all()
    assert len(np.unique(around[:, 0])) > 3


def test_a_row_that_violates_a_constraint_is_not_feasible() -> None:
    adam = {"optimizer": {"_name": "adam"}, "drop": 0.2}
    kept = {**adam, "batch": 128, "hidden": 512}
    broken = {**adam, "batch": 128, "hidden": 4096}

    assert CONSTRAINED.feasible(CONSTRAINED.encode([kept, broken])).tolist() == [True, False]
    assert CONSTRAINED.misfits(kept) == []
    assert CONSTRAINED.misfits(broken) == [
        Misfit(MisfitKind.CONSTRAINT, (), "breaks the constraint `batch * hidden <= 65536`")
    ]


def test_assignments_are_encoded_with_or_without_derived_values() -> None:
    matrix = CONSTRAINED.sample(rng(3, "test"), 20)
    assignments = CONSTRAINED.decode(matrix)
    bare = [{k: v for k, v in assignment.items() if k != "steps"} for assignment in assignments]

    assert np.array_equal(CONSTRAINED.encode(assignments), matrix, equal_nan=True)
    assert np.array_equal(CONSTRAINED.encode(bare), matrix, equal_nan=True)


def test_a_derived_value_may_have_a_condition() -> None:
    space = SearchSpace(
        [Parameter("n", Integer(0, 3))],
        derived=[
            Derived("half", parse("1 / n")),
            Derived("name", parse('"few" if n < 2 else "many"'), condition=parse("n > 0")),
        ],
    )

    assert space.decode(np.array([[0.0], [1.0], [2.0]])) == [
        {"n": 0},
        {"n": 1, "half": 1.0, "name": "few"},
        {"n": 2, "half": 0.5, "name": "many"},
    ]


def test_a_small_space_is_counted_exactly() -> None:
    by_hand = [
        (n, m, kind)
        for n in range(1, 5)
        for m in (range(1, 5) if n > 2 else [None])
        for kind in "ab"
        if (m is None or n + m < 8) and (kind != "b" or n > 1)
    ]

    assert (SMALL.size, SMALL.counted) == (len(by_hand), True)


def test_the_size_of_a_large_space_is_an_upper_bound() -> None:
    large = SearchSpace(
        [Parameter(f"n{i}", Integer(1, 100)) for i in range(4)], [parse("n0 < n1")]
    )

    assert (large.size, large.counted) == (100**4, False)
    assert not CONSTRAINED.size
    assert CONSTRAINED.counted


def test_the_feasible_share_is_estimated_from_draws() -> None:
    half = SearchSpace([Parameter("x", Real(0, 1))], [parse("x < 0.5")])

    assert half.share == pytest.approx(0.5, abs=0.02)
    assert SearchSpace([Parameter("x", Real(0, 1))]).share == 1.0


def test_drawing_from_an_infeasible_space_ends_with_an_error() -> None:
    hopeless = SearchSpace([Parameter("x", Real(0, 1))], [parse("x > 2")])

    with pytest.raises(InfeasibleError, match="too few meet the constraints"):
        hopeless.sample(rng(0, "test"), 1)


def test_an_assignment_is_completed_with_defaults() -> None:
    space = SearchSpace(
        [
            Parameter("opt", Nested(("sgd", "adam")), default="sgd"),
            Parameter("mom", Real(0, 1), ("opt", "mom"), Condition("opt", (0,)), default=0.9),
            Parameter("lr", Real(0, 1)),
        ]
    )

    assert space.completed({"lr": 0.5}) == {"opt": {"_name": "sgd", "mom": 0.9}, "lr": 0.5}
    assert space.completed({"lr": 0.5, "opt": {"_name": "adam"}}) == {
        "opt": {"_name": "adam"},
        "lr": 0.5,
    }
    assert space.misfits({"opt": {"_name": "adam"}}, complete=True) == [
        Misfit(MisfitKind.MISSING, ("lr",), "is missing: uniform(0, 1)")
    ]


def test_a_condition_may_only_refer_to_earlier_parameters() -> None:
    with pytest.raises(ValueError, match="`b` does not precede the parameter that depends on it"):
        SearchSpace(
            [Parameter("a", Real(0, 1), condition=parse("b > 0")), Parameter("b", Real(0, 1))]
        )


def test_a_path_must_lead_through_a_nested_choice() -> None:
    lost = SearchSpace([Parameter("a", Real(0, 1), ("folder", "a"))])

    with pytest.raises(
        ValueError, match=r"`folder\.a` is not in a branch of a nested choice at `folder`"
    ):
        lost.decode(np.array([[0.5]]))


def test_reading_inverts_writing_of_a_space() -> None:
    again = read_space(space_body(CONSTRAINED))

    assert again == CONSTRAINED
    assert again != PROBLEMS["smooth"].space


def test_mutable_values_are_not_shared_between_assignments() -> None:
    space = SearchSpace([Parameter("layers", Categorical(([1, 2], [3], {"a": 1})))])
    matrix = np.array([[0.0], [0.0], [2.0]])
    first, second, third = space.decode(matrix)
    first["layers"].append(3)

    assert second == {"layers": [1, 2]}
    assert np.array_equal(space.encode([second, second, third]), matrix)
