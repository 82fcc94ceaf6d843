"""Levels are evenly spread values of a domain, and multiples are those between its bounds."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sweepwright.space import Integer, Normal, Real
from sweepwright.space.grid_levels import count_multiples, multiples, spread
from tests.sweepwright.spaces import integers, normals, reals


@pytest.mark.parametrize(
    ("domain", "count", "values"),
    [
        (Real(0, 1), 11, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]),
        (Real(0.5, 0.9), 2, [0.5, 0.9]),
        (Real(0, 8), 1, [4]),
        (Real(3, 3), 5, [3]),
        (Real(-1.7e308, 1.7e308), 3, [-1.7e308, 0, 1.7e308]),
        (Real(0, 1, step=0.25), 3, [0, 0.5, 1]),
        (Real(0, 1, step=0.25), 99, [0, 0.25, 0.5, 0.75, 1]),
        (Real(2, 10, step=5, clip=True), 2, [2, 10]),
        (Integer(1, 10), 4, [1, 4, 7, 10]),
        (Integer(1, 3), 9, [1, 2, 3]),
        (Integer(1, 1024, log=True), 6, [1, 4, 16, 64, 256, 1024]),
        (Integer(1, 10, log=True), 9, [1, 2, 3, 4, 6, 7, 10]),
        (Integer(3, 10, step=3), 2, [3, 9]),
    ],
)
def test_levels_divide_the_axis_from_one_bound_to_the_other(
    domain: Real | Integer, count: int, values: list[float]
) -> None:
    found = spread(domain, count).choices

    assert found == tuple(values)
    assert {type(value) for value in found} == {int if isinstance(domain, Integer) else float}


def test_levels_of_a_logarithmic_axis_have_equal_ratios() -> None:
    values = np.array(spread(Real(1e-4, 1, log=True), 5).choices)

    assert values == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1], rel=1e-14)
    assert values[[0, -1]].tolist() == [1e-4, 1]


def test_levels_of_a_normal_are_medians_of_equal_parts() -> None:
    assert spread(Normal(0, 1), 4).choices == pytest.approx(
        stats.norm.ppf([1 / 8, 3 / 8, 5 / 8, 7 / 8])
    )
    assert spread(Normal(0, 1, log=True), 1).choices == (1.0,)
    assert spread(Normal(0, 0.4, step=1), 5).choices == (-1.0, 0.0, 1.0)


@given(domain=st.one_of(reals(), integers(), normals()), count=st.integers(1, 30))
def test_levels_are_different_values_of_the_domain_in_order(domain: Any, count: int) -> None:
    values = spread(domain, count).choices

    assert 1 <= len(values) <= count
    assert list(values) == sorted(set(values))
    assert all(domain.number(value) == value for value in values)


@pytest.mark.parametrize(
    ("domain", "step", "values"),
    [
        (Real(0.1, 1), 0.25, [0.25, 0.5, 0.75, 1]),
        (Real(0, 0.3), 0.1, [0, 0.1, 0.2, 0.3]),
        (Real(1, 3, log=True), 1, [1, 2, 3]),
        (Integer(1, 10), 3, [3, 6, 9]),
        (Real(0.1, 0.2), 1, []),
    ],
)
def test_multiples_lie_between_the_bounds(
    domain: Real | Integer, step: float, values: list[float]
) -> None:
    assert multiples(domain, step).choices == tuple(values)
    assert count_multiples(domain, step) == len(values)


def test_minus_zero_is_not_a_level() -> None:
    assert math.copysign(1, spread(Real(-0.0, -0.0), 2).choices[0]) == 1
    assert math.copysign(1, multiples(Real(-1, 0), 0.3).choices[-1]) == 1
