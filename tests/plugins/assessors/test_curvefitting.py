"""Curve fitting: what it forecasts, when the end is unknown, and when it stops a trial."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sweepwright.contracts import Budget, Problem
from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.registry.registry import Registry
from sweepwright.plugins.assessors.curvefitting import (
    Curvefitting,
    CurvefittingOptions,
    check,
    finalize_options,
)
from sweepwright.plugins.assessors.extrapolation.forecast import (
    MOST_POINTS,
    Forecast,
    forecast_end,
    has_not_slowed,
    thin_out,
)
from sweepwright.testing.problems import PROBLEMS
from tests.plugins.assessors.event_histories import measured, stopped, tell, trial

PROBLEM = replace(PROBLEMS["finite"], budget=Budget(30.0))
NEW = trial(99)


def curve(end: float, steps: int, seed: int = 0) -> list[float]:
    """Make a loss that falls from about 1 to its end, with noise of 0.003."""
    noise = 0.003 * np.random.default_rng(seed).standard_normal(steps)
    x = np.arange(1.0, steps + 1)
    return list(end + (1 - end) * np.exp(-0.6 * (x - 1)) + noise)


def curvefitting(*histories: Any, **options: Any) -> Curvefitting:
    assessor = Curvefitting(CurvefittingOptions(**options), PROBLEM)
    tell(assessor, *histories)
    return assessor


def probability(values: Sequence[float], rival: float, steps: int = 30) -> float | None:
    forecast = forecast_end(values, steps, np.random.default_rng(0))
    return None if forecast is None else forecast.probability(rival)


def test_a_forecast_is_a_function_of_its_arguments() -> None:
    """Neither earlier forecasts nor their order make a difference."""
    curves = [curve(0.1, 12), curve(0.3, 9), curve(0.2, 20)]
    forward = [probability(values, 0.1) for values in curves]

    assert [probability(values, 0.1) for values in reversed(curves)] == forward[::-1]
    assert None not in forward


def test_a_trial_unlikely_to_beat_the_incumbent_is_stopped() -> None:
    assessor = curvefitting(measured(0, curve(0.1, 30)), measured(1, curve(0.5, 30)))

    assert assessor.assess(NEW, curve(0.3, 10)) is not None
    assert assessor.assess(NEW, curve(0.05, 10)) is None
    assert assessor.assess(NEW, curve(0.1, 10)) is None


def test_a_trial_as_good_as_the_incumbent_is_not_assessed() -> None:
    def look(*_: Any) -> Forecast | None:
        raise AssertionError("looked at")

    assessor = Curvefitting(CurvefittingOptions(), PROBLEM, look)
    tell(assessor, measured(0, curve(0.5, 30)))

    assert assessor.assess(NEW, curve(0.3, 10)) is None


def test_no_trial_is_stopped_before_another_is_measured() -> None:
    hopeless, good = curve(0.3, 10), curve(0.1, 30)

    assert curvefitting().assess(NEW, hopeless) is None
    assert curvefitting(stopped(0, good)).assess(NEW, hopeless) is None
    assert curvefitting(measured(99, good)).assess(NEW, hopeless) is None


@pytest.mark.parametrize(
    ("options", "judged"),
    [
        ({}, [5, 6, 7, 8, 9, 10, 11, 12]),
        ({"warmup": 8}, [8, 9, 10, 11, 12]),
        ({"every": 3}, [5, 8, 11]),
        ({"warmup": 6, "steps": 9}, [6, 7, 8]),
    ],
)
def test_a_trial_is_assessed_from_warmup_on_and_before_its_last_step(
    options: dict[str, Any], judged: list[int]
) -> None:
    assessor = curvefitting(measured(0, curve(0.0, 30)), **options)
    hopeless = curve(0.5, 12)
    ended = [step for step in range(1, 13) if assessor.assess(NEW, hopeless[:step])]

    assert ended == judged


def test_the_reason_shows_the_metric_as_it_was_reported() -> None:
    assessor = Curvefitting(CurvefittingOptions(), replace(PROBLEM, maximize=True))
    tell(assessor, measured(0, [-0.9]))
    reason = assessor.assess(NEW, [value - 0.9 for value in curve(0.4, 10)])

    assert reason is not None
    assert reason.startswith("after 10 steps it beats 0.9 at step 30 with a probability of ")
    assert float(reason.split()[-1]) < 0.05


def test_a_longer_curve_makes_the_forecast_more_certain() -> None:
    """A trial that ends just short of the incumbent is stopped only after many steps."""
    early, late = (probability(curve(0.3, steps), 0.27) for steps in (7, 25))

    assert early is not None
    assert late is not None
    assert late < early
    assert late < 0.01


@pytest.mark.parametrize(
    ("factor", "shift"), [(100.0, 0.0), (1e-6, 0.0), (1.0, 1000.0), (3.0, -7)]
)
def test_units_make_no_difference(factor: float, shift: float) -> None:
    """Each curve is scaled by its own values."""
    values = curve(0.3, 10)
    moved = [factor * value + shift for value in values]

    assert probability(moved, factor * 0.29 + shift) == pytest.approx(
        probability(values, 0.29), rel=1e-3
    )


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 0.5],
        [0.5] * 10,
        [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4],  # as steep as ever
        [1.0, 0.9, 0.805, 0.715, 0.63, 0.55, 0.475],  # hardly less so
        [1.0, 0.99, 0.97, 0.93, 0.85, 0.7, 0.5],  # steeper and steeper
        [0.0, 9.0, 1.0, 8.0, 2.0, 9.0, 0.5, 8.5, 1.0, 9.5],  # nothing but noise
    ],
    ids=["two", "flat", "straight", "slowing", "bent", "noise"],
)
def test_the_end_of_such_a_curve_is_unknown(values: list[float]) -> None:
    assert forecast_end(values, 30, np.random.default_rng(0)) is None
    assert curvefitting(measured(0, [-99.0])).assess(NEW, values) is None


def test_a_curve_that_gets_worse_counts_as_slowing_down() -> None:
    assert not has_not_slowed(np.arange(6.0), np.array([0.8, 0.6, 0.5, 0.4, 0.3, 0.2]))


def test_a_long_curve_is_thinned_out_and_keeps_its_ends() -> None:
    values = np.arange(1000.0)
    steps, kept = thin_out(values)

    assert len(steps) <= MOST_POINTS
    assert list(kept) == [step - 1 for step in steps]
    assert [*steps[:3], steps[-1]] == [1, 2, 3, 1000]
    assert list(thin_out(values[:64])[0]) == list(range(1, 65))


def test_a_long_curve_is_assessed_like_a_short_one() -> None:
    values = list(np.repeat(curve(0.3, 20), 50) + 0.001 * np.sin(np.arange(1000)))
    chance = probability(values, 0.2, steps=2000)

    assert chance is not None
    assert chance < 0.05


def test_the_number_of_steps_is_that_of_the_budget_unless_given() -> None:
    assert finalize_options(CurvefittingOptions(), PROBLEM).steps == 30
    assert finalize_options(CurvefittingOptions(7), PROBLEM).steps == 7


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, []),
        ({"steps": 5}, ["steps"]),
        ({"warmup": 3}, ["warmup"]),
        ({"warmup": 30}, ["steps"]),
        ({"every": 0}, ["every"]),
        ({"probability": 0.0}, ["probability"]),
        ({"probability": 1.0}, ["probability"]),
    ],
)
def test_invalid_options_are_reported(options: dict[str, Any], found: list[str]) -> None:
    assert [f.path[0] for f in check(CurvefittingOptions(**options), PROBLEM)] == found


def test_an_unknown_number_of_steps_is_reported() -> None:
    unbounded = Problem(PROBLEM.space)
    (finding,) = check(CurvefittingOptions(), unbounded)

    assert finding.message == "the number of reports of a complete trial is unknown"
    assert list(check(CurvefittingOptions(20), unbounded)) == []


def test_the_plan_holds_the_number_of_steps() -> None:
    overrides = ["assessor=curvefitting", "assessor.steps=null", "budget={maximum: 18}"]
    plan = compile_sweep(overrides, Registry.load()).plan

    assert plan.assessor is not None
    assert plan.assessor.options["steps"] == 18
