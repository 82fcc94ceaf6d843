"""The median rule, on tables computed by hand; values are minimised."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.contracts import Problem
from sweepwright.events import Reported
from sweepwright.plugins.assessors._running_averages import RunningAverages, running_averages
from sweepwright.plugins.assessors.medianstop import Medianstop, MedianstopOptions, check
from sweepwright.testing.problems import PROBLEMS
from tests.plugins.assessors.event_histories import (
    failed,
    measured,
    promoted,
    reports,
    stopped,
    tell,
    trial,
)

PROBLEM = PROBLEMS["finite"]
NEW = trial(99)


def medianstop(*histories: Any, warmup: int = 1, least: int = 1) -> Medianstop:
    assessor = Medianstop(MedianstopOptions(warmup, least), PROBLEM)
    tell(assessor, *histories)
    return assessor


TABLE = (
    measured(0, [8.0, 6.0, 4.0]),  # averages 8, 7, 6
    measured(1, [5.0, 3.0, 1.0]),  # 5, 4, 3
    measured(2, [9.0, 9.0, 9.0]),  # 9, 9, 9
)
"""Medians of the averages: 8, 7, 6."""


@pytest.mark.parametrize(
    ("curve", "ends"),
    [
        ([8.0], False),  # no worse than the median
        ([8.1], True),
        ([9.0, 7.0], False),
        ([9.0, 7.1], True),
        ([6.0, 99.0, 99.0], False),  # by its best so far, not by its last
        ([9.0, 9.0, 6.1], True),
        ([9.0, 9.0, 6.0], False),
        ([9.0, 9.0, 9.0, 6.1], True),  # beyond the others' last step: their averages at the end
    ],
)
def test_a_trial_whose_best_is_worse_than_the_median_average_is_stopped(
    curve: Sequence[float], ends: Any
) -> None:
    assert (medianstop(*TABLE).assess(NEW, curve) is not None) == ends


def test_the_median_of_an_even_number_is_the_mean_of_the_middle_two() -> None:
    assessor = medianstop(*TABLE, measured(3, [2.0]))  # 2, 5, 8, 9

    assert assessor.assess(NEW, [6.5]) is None
    assert assessor.assess(NEW, [6.6]) is not None


def test_a_stopped_trial_counts_at_its_last_step_and_at_all_later_ones() -> None:
    """Without it the median at the third step would be that of the two survivors, 4.5."""
    assessor = medianstop(*TABLE[:2], stopped(2, [9.0, 7.0]))  # 9, 8, 8

    assert assessor.assess(NEW, [9.0, 9.0, 6.0]) is None
    assert assessor.assess(NEW, [9.0, 9.0, 6.1]) is not None


def test_a_trial_stopped_early_counts_at_steps_that_only_later_trials_reach() -> None:
    early = medianstop(stopped(2, [9.0, 7.0]), *TABLE[:2])
    late = medianstop(*TABLE[:2], stopped(2, [9.0, 7.0]))
    curves = [[9.0] * steps for steps in (1, 2, 3, 4)]

    assert [early.assess(NEW, c) for c in curves] == [late.assess(NEW, c) for c in curves]


def test_failed_trials_do_not_count() -> None:
    assessor = medianstop(*TABLE, failed(3, [0.0, 0.0, 0.0]), failed(4, [0.0]))

    assert assessor.assess(NEW, [8.0]) is None


def test_trials_that_still_run_do_not_count() -> None:
    assessor = medianstop(*TABLE, measured(3, [0.0])[:-1], measured(4, [0.0])[:-1])

    assert assessor.assess(NEW, [8.0]) is None


def test_the_longer_curve_of_a_promoted_trial_replaces_the_shorter() -> None:
    """Trial 2 continues from 9 to 3 and 0, whose running averages are 9, 6, 4."""
    first = [*TABLE[:2], measured(2, [9.0])]
    assessor = medianstop(*first, promoted(2, [3.0, 0.0], continued=True))
    anew = medianstop(*first, promoted(2, [9.0, 3.0, 0.0], continued=False))

    for judge in (assessor, anew):
        assert judge.assess(NEW, [9.0, 9.0, 4.0]) is None
        assert judge.assess(NEW, [9.0, 9.0, 4.1]) is not None


def test_a_promoted_trial_is_not_compared_with_itself() -> None:
    assessor = medianstop(*TABLE)

    assert assessor.assess(trial(1), [8.5]) is None  # of 8 and 9
    assert assessor.assess(trial(1), [8.6]) is not None


def test_reports_out_of_order_and_without_a_value_make_the_same_curve() -> None:
    """The order of sequence numbers counts, not the order of arrival."""
    opened, first, second, third, end = measured(0, [8.0, 6.0, 4.0])
    missing = reports(0, [None] * 4)[3]
    assessor = medianstop([opened, missing, third, first, second, end])

    assert assessor.assess(NEW, [9.0, 7.0]) is None
    assert assessor.assess(NEW, [9.0, 7.1]) is not None


def test_a_retried_attempt_starts_its_curve_anew() -> None:
    history = measured(0, [8.0, 6.0])
    assessor = medianstop([*reports(0, [0.0, 0.0], attempt=0), *history[1:]])

    assert assessor.assess(NEW, [8.0]) is None
    assert assessor.assess(NEW, [8.1]) is not None


def test_no_trial_is_stopped_before_enough_trials_and_steps() -> None:
    curve = [99.0, 99.0]

    assert medianstop(*TABLE, least=4).assess(NEW, curve) is None
    assert medianstop(*TABLE, least=3).assess(trial(0), curve) is None  # two others
    assert medianstop(*TABLE, warmup=3).assess(NEW, curve) is None
    assert medianstop(*TABLE, warmup=2, least=3).assess(NEW, curve) is not None


def test_the_reason_shows_the_metric_as_it_was_reported() -> None:
    problem = Problem(PROBLEM.space, maximize=True)
    assessor = Medianstop(MedianstopOptions(1, 1), problem)
    tell(assessor, measured(0, [-0.9]), measured(1, [-0.7]), measured(2, [-0.8]))

    assert assessor.assess(NEW, [-0.75]) == (
        "its best so far, 0.75, is worse than the median 0.8 of 3 trials at step 1"
    )


def test_invalid_options_are_reported() -> None:
    assert list(check(MedianstopOptions(), PROBLEM)) == []
    assert [f.path for f in check(MedianstopOptions(0, 0), PROBLEM)] == [("warmup",), ("least",)]


CURVES = st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=6)


@given(st.lists(st.tuples(st.integers(0, 4), CURVES), min_size=1, max_size=12))
def test_medians_are_those_of_the_latest_curves(entered: list[tuple[int, list[float]]]) -> None:
    """After any entries, replacements and removals, the medians equal numpy's."""
    averages, latest = RunningAverages(), dict(entered)
    for number, curve in entered:
        averages.enter(number, curve)

    for step in range(1, 9):
        for besides in range(5):
            others = [running_averages(c) for n, c in latest.items() if n != besides]
            values = [average[min(step, len(average)) - 1] / 2 for average in others]
            median, count = averages.median(step, besides)

            assert count == len(values)
            assert not values or np.isclose(median / 2, np.median(values), rtol=1e-12, atol=0)


@given(CURVES)
def test_running_averages_are_within_the_values(curve: list[float]) -> None:
    for step, average in enumerate(running_averages(curve), 1):
        slack = 1e-12 * max(map(abs, curve))

        assert min(curve[:step]) - slack <= average <= max(curve[:step]) + slack


def test_equal_values_are_their_own_average() -> None:
    """Otherwise equal trials could differ by a rounding error, and be stopped."""
    assert list(running_averages([0.1] * 50)) == [0.1] * 50


def test_a_retry_of_a_promoted_trial_continues_the_measured_curve() -> None:
    """Its first attempt at the larger budget reported 7 and was lost; its curve is 9, 3, 0."""
    opened, *rest, end = promoted(2, [3.0, 0.0], continued=True)
    again = [replace(event, attempt=3) for event in rest if isinstance(event, Reported)]
    vanished = reports(2, [7.0], 2, continued=True)
    assessor = medianstop(*TABLE[:2], measured(2, [9.0]), [opened, *vanished, *again, end])

    assert assessor.assess(NEW, [9.0, 9.0, 4.0]) is None
    assert assessor.assess(NEW, [9.0, 9.0, 4.1]) is not None
