"""Bounds are in the units of the metric, for either direction of the objective."""

from typing import Any

import pytest

from sweepwright.contracts import Problem
from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.registry.registry import Registry
from sweepwright.plugins.assessors.threshold import Threshold, ThresholdOptions, check
from sweepwright.testing.problems import PROBLEMS
from tests.plugins.assessors.event_histories import trial

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
def test_a_trial_with_a_value_worse_than_the_bound_is_stopped(
    metrics: list[float], maximize: Any, ends: Any
) -> None:
    assert (reason(ThresholdOptions(0.5, step=2), *metrics, maximize=maximize) is not None) == ends


@pytest.mark.parametrize("maximize", [False, True])
def test_a_trial_that_gets_much_worse_than_its_own_best_is_stopped(maximize: Any) -> None:
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


def test_invalid_options_are_reported() -> None:
    def found(*options: Any) -> list[Any]:
        found = check(ThresholdOptions(*options), PROBLEMS["finite"])
        return [finding.path[0] for finding in found]

    assert found() == ["bound"]
    assert found(0.5) == []
    assert found(None, 0.0) == []
    assert found(None, -1.0, 0) == ["setback", "step"]


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_the_direction_of_the_objective_decides_what_is_worse(direction: str) -> None:
    overrides = ["assessor=threshold", "assessor.bound=0.5", f"objective.direction={direction}"]
    problem = compile_sweep(overrides, Registry.load()).plan.problem

    assert problem.maximize == (direction == "maximize")
