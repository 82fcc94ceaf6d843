"""The states of a trial, and the table of events that lead from one to another."""

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
    """The state of a trial; views show these words, and journals are read into them."""

    DUE = "due"
    """Waiting for a slot, or launched and not yet started."""
    RUNNING = "running"
    MEASURED = "measured"
    """Ended well. A measured trial may be promoted, and is then due again."""
    STOPPED = "stopped"
    """Ended by an assessor."""
    FAILED = "failed"
    LOST = "lost"


UNFINISHED_STATES = (TrialState.DUE, TrialState.RUNNING)
FINISHED_STATES = (TrialState.MEASURED, TrialState.STOPPED)
"""Ended well, or by an assessor."""
FAILED_STATES = (TrialState.FAILED, TrialState.LOST)


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
"""The state after an event, by the state before it; None is a trial that is not opened yet.

A pair that is not here cannot happen.
"""
