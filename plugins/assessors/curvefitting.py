"""The assessor ``curvefitting``: stops a trial whose curve is unlikely to beat the incumbent."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from sweepwright.contracts import AssessorProvider, Finding, Problem
from sweepwright.events import Event, Measured, Trial
from sweepwright.hooks import hookimpl
from sweepwright.seeds import rng

from .extrapolation.forecast import Forecast, look_ahead

Look: TypeAlias = Callable[[Sequence[float], int, np.random.Generator], Forecast | None]
"""Tells where a curve of minimised values will be at a step; None: nobody knows yet."""

LEAST_WARMUP = 4
"""Values below which even two parameters and their noise are anybody's guess."""


@dataclass(frozen=True, slots=True)
class CurvefittingOptions:
    """Options of ``assessor=curvefitting``."""

    steps: int | None = None
    """Reports that a whole trial makes; unless given, the budget's maximum."""
    warmup: int = 5
    """Steps that a trial has made when it is first judged."""
    every: int = 1
    """Every how many steps a trial is judged."""
    probability: float = 0.05
    """A trial is stopped that beats the incumbent with a probability below this."""


class Curvefitting:
    """Extrapolates learning curves by twelve families of curves ([1]_).

    What becomes of a curve is a matter of that curve alone; of other trials only the best
    measurement counts. The paper adds up all families with weights; here each has the
    probability that the curve gives it, its parameters integrated out rather than settled,
    and the answer may be that nobody knows yet.

    References
    ----------
    .. [1] T. Domhan, J. T. Springenberg, F. Hutter, Speeding Up Automatic Hyperparameter
       Optimization of Deep Neural Networks by Extrapolation of Learning Curves, IJCAI 2015.
    """

    def __init__(
        self, options: CurvefittingOptions, problem: Problem, look: Look = look_ahead
    ) -> None:
        settled = settle(options, problem)
        assert settled.steps is not None, "a finding otherwise"
        self._options, self._steps = settled, settled.steps
        self._problem, self._look = problem, look
        self._measured: dict[int, float] = {}

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Compare what is probable of the last value with the best of the others."""
        if not self._due(len(curve)):
            return None
        rivals = [value for number, value in self._measured.items() if number != trial.number]
        rival = min(rivals, default=float("inf"))
        if curve[-1] <= rival:
            return None
        draws = rng(self._problem.seed, "assessor", trial.number)
        forecast = self._look(curve, self._steps, draws)
        probability = 1.0 if forecast is None else forecast.probability(rival)
        if probability >= self._options.probability:
            return None
        shown = f"{self._problem.metric(rival):.6g} at step {self._steps}"
        return f"after {len(curve)} steps it beats {shown} with a probability of {probability:.2g}"

    def tell(self, event: Event) -> None:
        """Keep the best measurement of each trial."""
        if isinstance(event, Measured):
            number = event.trial.number
            self._measured[number] = min(event.value, self._measured.get(number, event.value))

    def _due(self, step: int) -> bool:
        past = step - self._options.warmup
        return past >= 0 and past % self._options.every == 0 and step < self._steps


def settle(options: CurvefittingOptions, problem: Problem) -> CurvefittingOptions:
    """Give the number of steps that the budget says."""
    if options.steps is not None or problem.budget is None:
        return options
    return replace(options, steps=int(problem.budget.maximum))


def check(options: CurvefittingOptions, problem: Problem) -> Iterator[Finding]:
    """Find a trial without a known end, and numbers that are out of bounds."""
    steps = settle(options, problem).steps
    if steps is None:
        message = "how many reports a whole trial makes is not known"
        yield Finding(("steps",), message, "give `steps`, or a `budget` in as many units")
    elif steps <= options.warmup:
        message = f"`steps` is {steps}, and judging begins at step {options.warmup}"
        yield Finding(("steps",), message, "give a smaller `warmup`")
    if options.warmup < LEAST_WARMUP:
        message = f"`warmup` is {options.warmup}, below {LEAST_WARMUP}"
        yield Finding(("warmup",), message, "fewer values say nothing of a curve")
    if options.every < 1:
        yield Finding(("every",), f"`every` is {options.every}, below 1")
    if not 0 < options.probability < 1:
        message = f"`probability` is {options.probability:g}, not between 0 and 1"
        yield Finding(("probability",), message)


@hookimpl
def sweep_assessors() -> list[AssessorProvider[CurvefittingOptions]]:
    """Offer ``assessor=curvefitting``."""
    summary = "not likely to beat the best, as its curve goes on"
    build = Curvefitting
    return [
        AssessorProvider(
            "curvefitting",
            CurvefittingOptions,
            build,
            summary,
            check=check,
            finalize_options=settle,
        )
    ]
