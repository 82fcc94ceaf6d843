"""Bounds are written as trials report the metric, whichever way is better."""

from typing import Any

import pytest

from sweepwright.contracts import Problem
from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.registry.registry import Registry
from sweepwright.plugins.assessors.threshold import Threshold, ThresholdOptions, check
from sweepwright.testing.problems import PROBLEMS
from tests.plugins.assessors.told import trial

SPACE = PROBLEMS["finite"].space


def reason(options: ThresholdOptions, *metrics: float, maximize: bool) -> str | None:
    problem = Problem(SPACE, maximize=maximize)
    return Threshold(options, problem).assess(trial(0), [problem.metric(m) for m in metrics])


@pytest.mark.parametrize(
    ("metrics", "maximize", "ends"),
    [
        ([0.4], False, False),
        ([0.4, 0.5], False, False),  # no worse than the bound
        ([0.4, 0.6], False, True),
        ([0.6], False, False),  # before step 2
        ([0.6, 0.4], False, False),  # only the last value counts
        ([0.6, 0.5], True, False),
        ([0.6, 0.4], True, True),
        ([0.4], True, False),
    ],
)
def test_a_trial_ends_whose_value_is_worse_than_the_bound(
    metrics: list[float], maximize: Any, ends: Any
) -> None:
    assert (reason(ThresholdOptions(0.5, step=2), *metrics, maximize=maximize) is not None) == ends


@pytest.mark.parametrize("maximize", [False, True])
def test_a_trial_ends_that_falls_back_too_far_behind_itself(maximize: Any) -> None:
    sign = -1 if maximize else 1
    options = ThresholdOptions(setback=0.5)

    assert reason(options, sign * 1.0, sign * 1.5, maximize=maximize) is None
    assert reason(options, sign * 1.0, sign * 1.625, maximize=maximize) == (
        f"{sign * 1.625} at step 2 is worse than its own best {sign} by more than 0.5"
    )


def test_the_reason_shows_the_bound_as_it_was_written() -> None:
    assert reason(ThresholdOptions(0.5), 0.25, maximize=True) == (
        "0.25 at step 1 is worse than the bound 0.5"
    )


def test_options_that_cannot_be_are_found() -> None:
    def found(*options: Any) -> list[Any]:
        found = check(ThresholdOptions(*options), PROBLEMS["finite"])
        return [finding.path[0] for finding in found]

    assert found() == ["bound"]
    assert found(0.5) == []
    assert found(None, 0.0) == []
    assert found(None, -1.0, 0) == ["setback", "step"]


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_the_problem_tells_the_direction_of_the_objective(direction: str) -> None:
    overrides = ["assessor=threshold", "assessor.bound=0.5", f"objective.direction={direction}"]
    problem = compile_sweep(overrides, Registry.load()).plan.problem

    assert problem.maximize == (direction == "maximize")
