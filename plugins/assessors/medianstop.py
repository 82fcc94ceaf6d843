"""The assessor ``medianstop``: stops a trial that is worse than the median of the other trials."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweepwright.contracts import AssessorProvider, Finding, Problem
from sweepwright.events import Event, Trial
from sweepwright.hooks import hookimpl

from ._curves import Curves
from ._running_averages import RunningAverages


@dataclass(frozen=True, slots=True)
class MedianstopOptions:
    """Options of ``assessor=medianstop``."""

    warmup: int = 2
    """First step at which a trial is assessed, 1 or more."""
    least: int = 5
    """Number of other trials that must have ended before any trial is stopped, 1 or more."""


class Medianstop:
    """The median stopping rule of Vizier, with every ended trial in the median.

    A trial is stopped at step S if its best value so far is strictly worse than the median of the
    running averages of the other trials up to step S ([1]_, section 3.1.2). Vizier includes only
    trials with reports up to step S. Here the median also includes trials that ended earlier, with
    their final average. Otherwise only survivors would be compared, and the rule would become
    stricter in the course of the sweep.

    References
    ----------
    .. [1] D. Golovin et al., Google Vizier: A Service for Black-Box Optimization, KDD 2017.
    """

    def __init__(self, options: MedianstopOptions, problem: Problem) -> None:
        self._options = options
        self._metric = problem.metric
        self._curves = Curves()
        self._averages = RunningAverages()

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Compare the trial's best value with the median of the other trials at this step."""
        step = len(curve)
        if step < self._options.warmup:
            return None
        median, count = self._averages.median(step, trial.number)
        best = min(curve)
        if count < self._options.least or best <= median:
            return None
        shown = f"its best so far, {self._metric(best):.6g}, is worse than"
        return f"{shown} the median {self._metric(median):.6g} of {count} trials at step {step}"

    def tell(self, event: Event) -> None:
        """Enter the curve of a trial when the trial ends."""
        curve = self._curves.tell(event)
        if curve is not None:
            self._averages.enter(event.trial.number, curve)


def check(options: MedianstopOptions, _problem: Problem) -> Iterator[Finding]:
    """Report counts that are out of range."""
    if options.warmup < 1:
        yield Finding(("warmup",), f"`warmup` is {options.warmup}, below 1")
    if options.least < 1:
        yield Finding(("least",), f"`least` is {options.least}, below 1")


@hookimpl
def sweep_assessors() -> list[AssessorProvider[MedianstopOptions]]:
    """Offer ``assessor=medianstop``."""
    summary = "stops trials whose best value is worse than the median average"
    return [AssessorProvider("medianstop", MedianstopOptions, Medianstop, summary, check=check)]
