"""The value of an assignment is the median of its measurements."""

import math
from statistics import median as exact_median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.core.plan.assignment_values import AssignmentValues, median

NUMBERS = st.floats(-100, 100, allow_nan=False)


@given(st.lists(NUMBERS, min_size=1))
def test_the_median_is_that_of_the_standard_library(values: list[float]) -> None:
    assert median(values) == pytest.approx(exact_median(values), abs=1e-300)


def test_the_median_of_huge_values_is_finite() -> None:
    assert median([1.7e308, 1.7e308]) == 1.7e308


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4), NUMBERS), max_size=30))
def test_the_best_is_the_best_after_any_measurements(steps: list[tuple[bool, int, float]]) -> None:
    values = AssignmentValues()
    measured: dict[int, list[float]] = {}
    for repeats, place, value in steps:
        number = len(values)
        first = list(measured)[place % len(measured)] if repeats and measured else number
        values.open_trial(None if first == number else first)
        values.measure(number, value)
        measured.setdefault(first, []).append(value)
        medians = {trial: median(seen) for trial, seen in measured.items()}
        best = values.best

        assert best is not None
        assert best[1] == min(medians.values()) == medians[best[0]]
        assert sorted(values.measurements(first).values()) == sorted(measured[first])


def test_a_trial_without_a_measurement_is_never_the_best() -> None:
    values = AssignmentValues()
    values.open_trial(None)

    assert values.best is None
    assert not values.measurements(0)

    values.open_trial(0)
    values.measure(1, math.pi)

    assert values.best == (0, math.pi)
