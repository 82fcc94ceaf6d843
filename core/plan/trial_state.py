"""The states of a trial, the table of what leads from one to another, and a trial under way."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from sweepwright.events import (
    Failed,
    Lost,
    Measured,
    Opened,
    Reported,
    Retried,
    Started,
    Stopped,
    StudyEvent,
)


class TrialState(StrEnum):
    """Where a trial stands."""

    DUE = "due"
    RUNNING = "running"
    MEASURED = "measured"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"


TRANSITIONS: Mapping[tuple[TrialState | None, type[StudyEvent]], TrialState] = MappingProxyType(
    {
        (None, Opened): TrialState.DUE,
        (TrialState.MEASURED, Opened): TrialState.DUE,
        (TrialState.DUE, Started): TrialState.RUNNING,
        (TrialState.DUE, Retried): TrialState.DUE,
        (TrialState.DUE, Failed): TrialState.FAILED,
        (TrialState.DUE, Lost): TrialState.LOST,
        (TrialState.RUNNING, Reported): TrialState.RUNNING,
        (TrialState.RUNNING, Measured): TrialState.MEASURED,
        (TrialState.RUNNING, Stopped): TrialState.STOPPED,
        (TrialState.RUNNING, Retried): TrialState.DUE,
        (TrialState.RUNNING, Failed): TrialState.FAILED,
        (TrialState.RUNNING, Lost): TrialState.LOST,
    }
)
"""The state a trial is in after an event; a pair that is not here cannot happen."""
