"""The assessor ``patience``: stops a trial that no longer improves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweepwright.contracts import AssessorProvider, Finding, Problem
from sweepwright.events import Event, Trial
from sweepwright.hooks import hookimpl


@dataclass(frozen=True, slots=True)
class PatienceOptions:
    """Options of ``assessor=patience``."""

    steps: int = 10
    """Number of steps without an improvement after which a trial is stopped, 1 or more."""
    min_delta: float = 0.0
    """Only an improvement by more than this difference counts. The difference is 0 or more, in
    units of the objective."""


class Patience:
    """Compares a trial only with its own earlier values; other trials make no difference."""

    def __init__(self, options: PatienceOptions, problem: Problem) -> None:
        self._options = options
        self._metric = problem.metric

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:  # noqa: ARG002 - the contract's
        """Compare the best of the last `steps` values with the best value before them."""
        steps, delta = self._options.steps, self._options.min_delta
        if len(curve) <= steps:
            return None
        before = min(curve[:-steps])
        if min(curve[-steps:]) < before - delta:
            return None
        much = f" by more than {delta:g}" if delta else ""
        last = "the last step" if steps == 1 else f"the last {steps} steps"
        return f"{last} did not improve on {self._metric(before):.6g}{much}"

    def tell(self, event: Event) -> None:
        """Ignore the event."""


def check(options: PatienceOptions, _problem: Problem) -> Iterator[Finding]:
    """Report options that are out of range."""
    if options.steps < 1:
        yield Finding(("steps",), f"`steps` is {options.steps}, below 1")
    if options.min_delta < 0:
        message = f"`min_delta` is {options.min_delta:g}, below 0"
        yield Finding(("min_delta",), message, "give the size of the difference, 0 or more")


@hookimpl
def sweep_assessors() -> list[AssessorProvider[PatienceOptions]]:
    """Offer ``assessor=patience``."""
    summary = "stops trials that no longer improve"
    return [AssessorProvider("patience", PatienceOptions, Patience, summary, check=check)]
