"""The assessor ``curvefitting``: stops a trial whose curve is unlikely to beat the incumbent."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from sweepwright.contracts import AssessorProvider, Finding, Problem
from sweepwright.events import Event, Measured, Trial
from sweepwright.hooks import hookimpl
from sweepwright.seeds import rng

from .extrapolation.forecast import Forecast, forecast_end

ForecastFunction: TypeAlias = Callable[
    [Sequence[float], int, np.random.Generator], Forecast | None
]
"""Forecasts the last value of a curve, or returns None if this is not possible yet."""

MIN_WARMUP = 4
"""Smallest number of values that can be fitted: enough for two parameters, the noise and one
further value."""


@dataclass(frozen=True, slots=True)
class CurvefittingOptions:
    """Options of ``assessor=curvefitting``."""

    steps: int | None = None
    """Number of reports that a complete trial makes; null for the largest budget."""
    warmup: int = 5
    """First step at which a trial is assessed, 4 or more."""
    every: int = 1
    """Number of steps from one assessment of a trial to the next, 1 or more."""
    probability: float = 0.05
    """Threshold between 0 and 1: a trial is stopped if its probability of beating the incumbent is
    lower."""


class Curvefitting:
    """Extrapolates learning curves with twelve families of curves ([1]_).

    The forecast of a curve depends only on this curve. Of the other trials, only the best
    measurement matters. The paper models a curve as a weighted sum of all families. Here each
    family has a probability, which depends on how well it explains the curve, and its parameters
    are integrated out instead of fixed. There is no forecast while the end of the curve is too
    uncertain (decision 0011).

    References
    ----------
    .. [1] T. Domhan, J. T. Springenberg, F. Hutter, Speeding Up Automatic Hyperparameter
       Optimization of Deep Neural Networks by Extrapolation of Learning Curves, IJCAI 2015.
    """

    def __init__(
        self,
        options: CurvefittingOptions,
        problem: Problem,
        forecast_end: ForecastFunction = forecast_end,
    ) -> None:
        final = finalize_options(options, problem)
        assert final.steps is not None, "a finding otherwise"
        self._options, self._steps = final, final.steps
        self._problem, self._forecast = problem, forecast_end
        self._measured: dict[int, float] = {}

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Compare the forecast of the last value with the best measurement of the other trials."""
        if not self._due(len(curve)):
            return None
        rivals = [value for number, value in self._measured.items() if number != trial.number]
        rival = min(rivals, default=float("inf"))
        if curve[-1] <= rival:
            return None
        draws = rng(self._problem.seed, "assessor", trial.number)
        forecast = self._forecast(curve, self._steps, draws)
        probability = 1.0 if forecast is None else forecast.probability(rival)
        if probability >= self._options.probability:
            return None
        shown = f"{self._problem.metric(rival):.6g} at step {self._steps}"
        return f"after {len(curve)} steps it beats {shown} with a probability of {probability:.2g}"

    def tell(self, event: Event) -> None:
        """Record the best measurement of each trial."""
        if isinstance(event, Measured):
            number = event.trial.number
            self._measured[number] = min(event.value, self._measured.get(number, event.value))

    def _due(self, step: int) -> bool:
        past = step - self._options.warmup
        return past >= 0 and past % self._options.every == 0 and step < self._steps


def finalize_options(options: CurvefittingOptions, problem: Problem) -> CurvefittingOptions:
    """Derive the number of steps from the budget, unless `steps` is given."""
    if options.steps is not None or problem.budget is None:
        return options
    return replace(options, steps=int(problem.budget.maximum))


def check(options: CurvefittingOptions, problem: Problem) -> Iterator[Finding]:
    """Report an unknown number of steps, and options that are out of range."""
    steps = finalize_options(options, problem).steps
    if steps is None:
        message = "the number of reports of a complete trial is unknown"
        way_out = "give `steps`, or a `budget` with one report per unit"
        yield Finding(("steps",), message, way_out)
    elif steps <= options.warmup:
        message = f"`steps` is {steps}, but assessment begins only at step {options.warmup}"
        yield Finding(("steps",), message, "give a smaller `warmup`")
    if options.warmup < MIN_WARMUP:
        message = f"`warmup` is {options.warmup}, below {MIN_WARMUP}"
        yield Finding(("warmup",), message, f"give {MIN_WARMUP} or more: any curve fits fewer")
    if options.every < 1:
        yield Finding(("every",), f"`every` is {options.every}, below 1")
    if not 0 < options.probability < 1:
        message = f"`probability` is {options.probability:g}, not between 0 and 1"
        yield Finding(("probability",), message)


@hookimpl
def sweep_assessors() -> list[AssessorProvider[CurvefittingOptions]]:
    """Offer ``assessor=curvefitting``."""
    summary = "stops trials whose extrapolated curve is unlikely to beat the best"
    build = Curvefitting
    return [
        AssessorProvider(
            "curvefitting",
            CurvefittingOptions,
            build,
            summary,
            check=check,
            finalize_options=finalize_options,
        )
    ]
