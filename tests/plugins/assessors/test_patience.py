"""Patience, on tables made by hand; values are minimised."""

from typing import Any

import pytest

from sweepwright.contracts import Problem
from sweepwright.plugins.assessors.patience import Patience, PatienceOptions, check
from sweepwright.testing.problems import PROBLEMS
from tests.plugins.assessors.event_histories import trial

PROBLEM = PROBLEMS["finite"]


@pytest.mark.parametrize(
    ("curve", "ends"),
    [
        ([3.0], False),
        ([3.0, 3.0], False),
        ([3.0, 3.0, 3.0], True),  # as good is no better
        ([3.0, 4.0, 2.9], False),
        ([3.0, 2.0, 2.5], False),
        ([3.0, 2.0, 2.5, 2.4], True),  # better than the one before, but not than the best
        ([3.0, 2.0, 2.5, 1.9], False),
        ([-0.5, -0.6, -0.6, -0.6], True),
    ],
)
def test_a_trial_no_better_than_two_steps_ago_is_stopped(curve: list[float], ends: Any) -> None:
    assert (Patience(PatienceOptions(2), PROBLEM).assess(trial(0), curve) is not None) == ends


def test_small_improvements_add_up() -> None:
    patient = Patience(PatienceOptions(3, 0.25), PROBLEM)
    slow = [1 - step / 8 for step in range(5)]  # 0.375 in three steps
    slower = [1 - step / 16 for step in range(5)]

    assert patient.assess(trial(0), slow) is None
    assert patient.assess(trial(0), slower) == (
        "the last 3 steps did not improve on 0.9375 by more than 0.25"
    )


def test_the_reason_shows_the_metric_as_it_was_reported() -> None:
    patient = Patience(PatienceOptions(1), Problem(PROBLEM.space, maximize=True))

    assert patient.assess(trial(0), [-0.9, -0.8]) == "the last step did not improve on 0.9"


def test_invalid_options_are_reported() -> None:
    def found(*options: Any) -> list[Any]:
        return [finding.path[0] for finding in check(PatienceOptions(*options), PROBLEM)]

    assert found() == []
    assert found(0, -1.0) == ["steps", "min_delta"]
    assert found(1, 0.5) == []
