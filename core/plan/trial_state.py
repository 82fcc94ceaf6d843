"""The states of a trial, the table of transitions between them, and a trial's evaluations."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    """The state of a trial. The values are the words that users see."""

    DUE = "due"
    """The current attempt waits for a slot, or was launched but has not started yet."""
    RUNNING = "running"
    MEASURED = "measured"
    """The trial ended with a measurement. It may be promoted, and is then due again."""
    STOPPED = "stopped"
    """An assessor stopped the trial."""
    FAILED = "failed"
    LOST = "lost"


UNFINISHED_STATES = (TrialState.DUE, TrialState.RUNNING)
FINISHED_STATES = (TrialState.MEASURED, TrialState.STOPPED)
"""The states of a trial that ended without a failure."""
FAILED_STATES = (TrialState.FAILED, TrialState.LOST)


TRANSITIONS: Mapping[tuple[TrialState | None, type[StudyEvent]], TrialState] = MappingProxyType(
    {
        (None, Opened): TrialState.DUE,
        # The trial is promoted to a larger budget.
        (TrialState.MEASURED, Opened): TrialState.DUE,
        (TrialState.DUE, Started): TrialState.RUNNING,
        (TrialState.DUE, Retried): TrialState.DUE,
        # A process may fail to start, or end before the driver has seen it start.
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
"""Mapping from a trial's state and the type of an event to the trial's next state.

The state None means that the trial is not opened yet. Pairs that are missing from the mapping
cannot occur.
"""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The evaluation of a trial at one budget. A trial without budgets has one evaluation."""

    budget: float | None
    inherited_budget: float
    """Budget that was spent on the inherited checkpoint; 0 if no checkpoint is inherited."""
    state: TrialState
    attempt: int
    """Number of the last attempt at this evaluation."""
    continued: bool | None
    """Whether the last attempt continued from the inherited checkpoint; None until its first
    report."""
    value: float | None
    """The measured value of the metric, as the trial reported it."""
    machines: str = ""
    """The machines of the last attempt that has started; empty if the platform names none."""
