"""The assessor ``threshold``: stops a trial at a fixed bound, or far from its own best value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweepwright.contracts import AssessorProvider, Finding, Problem
from sweepwright.events import Event, Trial
from sweepwright.hooks import hookimpl


@dataclass(frozen=True, slots=True)
class ThresholdOptions:
    """Options of ``assessor=threshold``, in units of the objective as trials report it."""

    bound: float | None = None
    """Worst value that a trial may report from step `step` on."""
    setback: float | None = None
    """Largest amount, 0 or more, by which a value may be worse than the best value of the same
    trial from step `step` on."""
    step: int = 1
    """First step at which a trial is assessed, counted from 1."""


class Threshold:
    """Compares the last value of a trial with a fixed bound and with the trial's best value."""

    def __init__(self, options: ThresholdOptions, problem: Problem) -> None:
        self._options = options
        self._metric = problem.metric

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:  # noqa: ARG002 - the contract's
        """Compare the last value with `bound` and with the best value of the trial."""
        bound, setback = self._options.bound, self._options.setback
        last, step = curve[-1], len(curve)
        if step < self._options.step:
            return None
        shown = f"{self._metric(last):.6g} at step {step} is worse than"
        if bound is not None and last > self._metric(bound):
            return f"{shown} the bound {bound:g}"
        if setback is not None and last - min(curve) > setback:
            return f"{shown} its own best {self._metric(min(curve)):.6g} by more than {setback:g}"
        return None

    def tell(self, event: Event) -> None:
        """Ignore the event."""


def check(options: ThresholdOptions, _problem: Problem) -> Iterator[Finding]:
    """Report missing bounds, and options that are out of range."""
    bound, setback = options.bound, options.setback
    if bound is None and setback is None:
        way_out = "give the worst value that a trial may have as `bound`"
        yield Finding(("bound",), "neither `bound` nor `setback` is given", way_out)
    if setback is not None and setback < 0:
        message = f"`setback` is {setback:g}, below 0"
        yield Finding(("setback",), message, "give the size of the difference, 0 or more")
    if options.step < 1:
        yield Finding(("step",), f"`step` is {options.step}, below 1", "steps are counted from 1")


@hookimpl
def sweep_assessors() -> list[AssessorProvider[ThresholdOptions]]:
    """Offer ``assessor=threshold``."""
    summary = "stops trials at a fixed bound, or at a setback from their own best"
    return [AssessorProvider("threshold", ThresholdOptions, Threshold, summary, check=check)]
