"""How much of all workers' time they worked."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """What one worker did from one moment to another."""

    begun: float
    over: float
    begins_trial: bool
    """Whether the trial began then, and did not go on."""


def busy_shares(spans: Sequence[Span], workers: int) -> tuple[float, float]:
    """Return the share of the workers' time that they worked, in two ways.

    The first counts up to the start of the last trial, for as long as there is something to
    begin; the second up to the start of the last job, when the last trials go on one by one.
    """
    last_trial = max(span.begun for span in spans if span.begins_trial)
    last_job = max(span.begun for span in spans)
    return _until(last_trial, spans, workers), _until(last_job, spans, workers)


def _until(moment: float, spans: Sequence[Span], workers: int) -> float:
    worked = sum(max(0.0, min(span.over, moment) - span.begun) for span in spans)
    return worked / (moment * workers) if moment else 1.0
