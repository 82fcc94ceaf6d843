"""Spaces map assignments to rows and rows to the unit cube, and invert both maps."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.seeds import rng
from sweepwright.space import (
    Categorical,
    Condition,
    Domain,
    Integer,
    Misfit,
    MisfitKind,
    Nested,
    Normal,
    Parameter,
    Real,
    SearchSpace,
)
from sweepwright.testing.problems import PROBLEMS, nested_space, space
from tests.sweepwright.spaces import spaces

SEEDS = st.integers(0, 2**32)


@given(spaces(), SEEDS)
def test_samples_belong_to_the_space(space: SearchSpace, seed: int) -> None:
    matrix = space.sample(rng(seed, "test"), 8)

    assert space.feasible(matrix).all()
    assert (np.isnan(matrix) == ~space.active(matrix)).all()


@given(spaces(), SEEDS)
def test_encoding_inverts_decoding(space: SearchSpace, seed: int) -> None:
    matrix = space.sample(rng(seed, "test"), 8)
    assignments = space.decode(matrix)
    written = json.dumps(assignments, allow_nan=False)

    assert np.array_equal(space.encode(assignments), matrix, equal_nan=True)
    assert json.dumps(space.decode(space.encode(json.loads(written)))) == written


@given(spaces(), SEEDS)
def test_from_unit_inverts_unit(space: SearchSpace, seed: int) -> None:
    matrix = space.sample(rng(seed, "test"), 8)
    unit = space.unit(matrix)
    again = space.from_unit(unit)

    assert (np.isnan(unit) == np.isnan(matrix)).all()
    assert ((unit >= 0) & (unit <= 1) | np.isnan(unit)).all()
    assert np.allclose(again, matrix, rtol=1e-9, atol=1e-9, equal_nan=True)
    for column, parameter in enumerate(space.parameters):
        if parameter.domain.grid is not None:
            assert np.array_equal(again[:, column], matrix[:, column], equal_nan=True)


@given(spaces(), SEEDS)
def test_neighbours_differ_in_one_active_parameter(space: SearchSpace, seed: int) -> None:
    row = space.sample(rng(seed, "test"), 1)[0]
    around = space.neighbours(row, rng(seed, "neighbours"), 8)
    active = ~np.isnan(row)
    movable = [
        column
        for column, parameter in enumerate(space.parameters)
        if active[column] and parameter.domain.size != 1
    ]

    assert space.feasible(around).all()
    for other in around:
        changed = {column for column in movable if other[column] != row[column]}
        left = {column for column in np.flatnonzero(active) if np.isnan(other[column])}
        assert len(changed - left) == bool(movable), (space.parameters, row, other)


@pytest.mark.parametrize(
    "domain",
    [
        Integer(1, 2),
        Integer(1, 1024, log=True),
        Real(0, 0.1, step=0.1),
        Real(1, np.nextafter(1, 2)),
        Real(1e15, 1e15 + 2, step=0.125),
        Normal(0, 1e-9, step=1),
        Normal(0, 1e-9, log=True),
        Categorical((1, 2)),
        Nested(("a", "b")),
    ],
)
def test_neighbours_differ_wherever_they_can(domain: Domain) -> None:
    one = space(x=domain)
    for row in one.sample(rng(0, "test"), 20):
        around = one.neighbours(row, rng(1, "test"), 50)

        assert (around != row).all()
        assert one.feasible(around).all()


def test_neighbours_in_a_space_of_one_row_are_that_row() -> None:
    one = PROBLEMS["one_value"].space
    row = one.sample(rng(0, "test"), 1)[0]

    assert (one.neighbours(row, rng(0, "test"), 3) == row).all()


@pytest.mark.parametrize(
    "domain",
    [
        Real(1e-300, 1e300, log=True),
        Real(-8e307, 8e307),
        Normal(0, 300, log=True),
        Normal(0, 1e308),
        Normal(0, 300, log=True, step=0.1),
        Real(0, 1, step=0.1234567890123456),
        Real(0, 1e-300, step=1e-301),
        Real(0, 1e15, step=0.3),
        Integer(-(2**53), 2**53),
    ],
)
def test_extreme_domains_stay_finite(domain: Domain) -> None:
    one = space(x=domain)
    cube = np.array([[0.0], [1e-17], [0.3], [0.5], [1 - 2**-53], [1.0]])
    matrix = one.from_unit(cube)

    assert np.isfinite(matrix).all()
    assert one.feasible(matrix).all()
    assert np.array_equal(one.encode(one.decode(matrix)), matrix)
    assert np.isfinite(one.unit(matrix)).all()


def test_quantised_values_are_exact_multiples() -> None:
    values = {a["x"] for a in _decoded(Real(0, 1, step=0.1), 500)}

    assert values == {0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0}


def test_decoded_values_have_python_types_and_ints_stay_ints() -> None:
    assert {type(a["x"]) for a in _decoded(Integer(1, 8), 20)} == {int}
    assert {type(a["x"]) for a in _decoded(Real(0, 8, step=1), 20)} == {float}
    assert {type(a["x"]) for a in _decoded(Categorical((1, True, None)), 50)} == {
        int,
        bool,
        type(None),
    }


def test_no_decoded_value_is_minus_zero() -> None:
    for domain in (Real(-1, 1, step=1), Real(-1, 1), Integer(-1, 1), Normal(0, 0.1, step=1)):
        matrix = space(x=domain).from_unit(np.linspace(0, 1, 101)[:, None])

        assert not (np.signbit(matrix) & (matrix == 0)).any()


def test_a_log_normal_rounded_to_zero_maps_into_the_cube() -> None:
    one = space(x=Normal(0, 1, log=True, step=0.5))

    assert 0 < one.unit(np.array([[0.0]]))[0, 0] < one.unit(np.array([[0.5]]))[0, 0]


def test_choices_four_deep_are_delivered_as_nested_dicts() -> None:
    deep = nested_space()
    assignment = {
        "seed": 3,
        "model": {
            "_name": "net",
            "l2": 0.1,
            "layer": {
                "_name": "conv",
                "kernel": 4,
                "norm": {"_name": "batch", "decay": 0.9, "order": "last", "gain": 1.0},
            },
        },
    }

    assert deep.misfits(assignment) == []
    assert deep.decode(deep.encode([assignment])) == [assignment]


def test_misfits_name_every_value_with_its_path() -> None:
    deep = nested_space()
    assignment = {
        "seed": 3.5,
        "model": {"_name": "linear", "l2": 2, "layer": {"_name": "pool"}},
        "extra": {},
    }

    assert deep.misfits(assignment) == [
        Misfit(MisfitKind.OUTSIDE, ("seed",), "is 3.5, outside int(0, 9)"),
        Misfit(MisfitKind.OUTSIDE, ("model", "l2"), "is 2, outside loguniform(1e-06, 1)"),
        Misfit(MisfitKind.UNKNOWN, ("model", "layer", "_name"), "is not an active parameter here"),
        Misfit(MisfitKind.UNKNOWN, ("extra",), "is not an active parameter here"),
    ]


def test_an_unknown_branch_is_reported_once() -> None:
    found = nested_space().misfits({"seed": 1, "model": {"_name": "tree", "depth": 3}})

    assert found == [
        Misfit(MisfitKind.OUTSIDE, ("model",), "is 'tree', outside choice(linear, net)")
    ]


def test_a_branch_given_by_name_alone_is_distinguished_from_a_missing_one() -> None:
    found = nested_space().misfits({"seed": 1, "model": "linear"})

    assert (
        Misfit(
            MisfitKind.NOT_A_BRANCH,
            ("model",),
            "is 'linear', not a mapping with its branch under `_name`",
        )
        in found
    )


@pytest.mark.parametrize("held", [{}, {"model": {}}])
def test_missing_values_are_misfits(held: dict[str, Any]) -> None:
    found = nested_space().misfits({"seed": 1, **held})

    assert Misfit(MisfitKind.MISSING, ("model",), "is missing: choice(linear, net)") in found


def test_encoding_an_invalid_assignment_names_the_path() -> None:
    with pytest.raises(ValueError, match=r"x is 9, outside uniform\(0, 1\)"):
        space(x=Real(0, 1)).encode([{"x": 9}])


def test_rows_outside_are_infeasible() -> None:
    two = space(x=Real(0, 1), n=Integer(1, 3))
    matrix = np.array([[0.5, 2], [0.5, 2.5], [1.5, 2], [np.nan, 2], [np.inf, 1]])

    assert two.feasible(matrix).tolist() == [True, False, False, False, False]


def test_rows_with_inactive_values_are_infeasible() -> None:
    deep = PROBLEMS["finite"].space
    matrix = np.array([[1, 0, np.nan, np.nan], [1, 0, 2, np.nan], [1, 1, 2, 0.1]])

    assert deep.feasible(matrix).tolist() == [True, False, True]


def test_the_size_of_a_finite_space_adds_up_its_branches() -> None:
    assert PROBLEMS["finite"].space.size == 4 * (1 + 3 * 4)
    assert nested_space().size is None
    assert space(x=Integer(1, 8), y=Categorical((1, 2, 3))).size == 24


def test_a_plain_choice_may_activate_parameters() -> None:
    both = SearchSpace(
        [
            Parameter("kernel", Categorical(("linear", "rbf", "poly"))),
            Parameter("gamma", Integer(1, 4), when=Condition("kernel", (1, 2))),
        ]
    )

    assert both.size == 1 + 4 + 4
    assert both.misfits({"kernel": "linear"}) == []
    assert both.misfits({"kernel": "poly", "gamma": 2}) == []


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ([Parameter("x", Real(0, 1)), Parameter("x", Real(0, 1))], "share a name"),
        ([Parameter("x", Real(0, 1), when=Condition("y", (0,)))], "`y` is not a choice"),
        ([Parameter("x", Nested(("a",)), when=Condition("x", (0,)))], "`x` is not a choice"),
        (
            [Parameter("x", Real(0, 1)), Parameter("y", Real(0, 1), when=Condition("x", (0,)))],
            "`x` is not a choice",
        ),
        ([Parameter("x", Real(1, 0))], "`x` has no values"),
    ],
)
def test_invalid_spaces_are_refused(parameters: list[Parameter], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        SearchSpace(parameters)


def test_spaces_are_equal_by_their_parameters() -> None:
    assert nested_space() == nested_space()
    assert hash(nested_space()) == hash(nested_space())
    assert nested_space() != space(x=Real(0, 1))
    assert nested_space() != "space"


def test_two_hundred_parameters_and_a_thousand_choices() -> None:
    wide = space(**{f"x{i}": Categorical(tuple(range(1000))) for i in range(200)})
    matrix = wide.sample(rng(0, "test"), 10)

    assert len(wide) == 200
    assert np.array_equal(wide.encode(wide.decode(matrix)), matrix)
    assert wide.size == 1000**200


def test_a_space_without_parameters_has_one_assignment() -> None:
    nothing = SearchSpace([])

    assert nothing.size == 1
    assert nothing.decode(nothing.sample(rng(0, "test"), 2)) == [{}, {}]
    assert nothing.neighbours(np.array([]), rng(0, "test"), 3).shape == (3, 0)


def _decoded(domain: Domain, n: int) -> list[dict[str, Any]]:
    one = space(x=domain)
    return one.decode(one.sample(rng(0, "test"), n))
