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
    """Steps that a trial may make without an improvement on its best value before them."""
    min_delta: float = 0.0
    """By how much more than this a value must be better to be an improvement."""


class Patience:
    """Holds a trial against itself alone: what became of others makes no difference."""

    def __init__(self, options: PatienceOptions, problem: Problem) -> None:
        self._options = options
        self._metric = problem.metric

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:  # noqa: ARG002 - the contract's
        """Compare the best of the last steps with the best before them."""
        steps, delta = self._options.steps, self._options.min_delta
        if len(curve) <= steps:
            return None
        before = min(curve[:-steps])
        if min(curve[-steps:]) < before - delta:
            return None
        much = f" by more than {delta:g}" if delta else ""
        last = "the last step" if steps == 1 else f"the last {steps} steps"
        return f"{last} brought nothing better than {self._metric(before):.6g}{much}"

    def tell(self, event: Event) -> None:
        """Take nothing in."""


def check(options: PatienceOptions, _problem: Problem) -> Iterator[Finding]:
    """Find numbers that are out of bounds."""
    if options.steps < 1:
        yield Finding(("steps",), f"`steps` is {options.steps}, below 1")
    if options.min_delta < 0:
        message = f"`min_delta` is {options.min_delta:g}, below 0"
        yield Finding(("min_delta",), message, "give it as a difference, whichever way is better")


@hookimpl
def sweep_assessors() -> list[AssessorProvider[PatienceOptions]]:
    """Offer ``assessor=patience``."""
    summary = "no better than it was some steps ago"
    return [AssessorProvider("patience", PatienceOptions, Patience, summary, check=check)]
