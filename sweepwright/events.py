"""Suggestions of a tuner, and events: facts about trials.

A tuner returns suggestions from ``ask`` and is told events. The journal stores every event, and a
study, a tuner and an assessor are rebuilt from the stored events alone. Events therefore contain
no times and no places (``docs/decisions/0002-events-carry-no-physical-facts.md``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeAlias

Assignment: TypeAlias = Mapping[str, Any]
"""Parameter values of a trial: nested dicts, with the branch of a choice under ``_name``."""

Json: TypeAlias = Any
"""A value that JSON can represent."""


@dataclass(frozen=True, slots=True)
class CheckpointRef:
    """The attempt whose checkpoint another attempt inherits."""

    trial: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Start:
    """Suggestion of a new trial; if it has a parent, it inherits the parent's checkpoint."""

    assignment: Assignment
    budget: float | None = None
    parent: CheckpointRef | None = None
    repeats: int | None = None
    """Number of the first trial of this assignment, which the new trial measures again. The first
    trial has the same assignment, and repeats no trial itself."""
    reason: str = ""
    """Why the tuner suggests this trial, in a few words for the user."""


@dataclass(frozen=True, slots=True)
class Promote:
    """Suggestion to continue a measured trial, from its own checkpoint, to a larger budget."""

    trial: int
    budget: float


Suggestion: TypeAlias = Start | Promote


@dataclass(frozen=True, slots=True)
class Trial:
    """One assignment under evaluation at one budget, numbered from 0."""

    number: int
    assignment: Assignment
    budget: float | None = None


class FailureKind(StrEnum):
    """Classes of failure, each with its meaning and its default number of retries.

    The keys of ``retries`` in the configuration, with their defaults and descriptions, are derived
    from this list.
    """

    meaning: str
    """Predicate of a sentence about the trial, such as "ran out of memory"."""
    retries: int
    """Default number of failed attempts of this class that a trial may repeat."""

    def __new__(cls, value: str, meaning: str = "", retries: int = 0) -> Self:
        """Make a member that is equal to its value as text."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning, member.retries = meaning, retries
        return member

    ERROR = "error", "ended in an uncaught exception"
    EXIT = "exit", "ended with an exit code other than 0, without a traceback"
    METRIC = "metric", "reported no result, or a result that is not a finite number"
    MEMORY = "memory", "ran out of memory"
    TIMEOUT = "timeout", "ran over its time limit"
    # A `kill` from outside or a lost machine says nothing about the assignment: a retry may help.
    KILLED = "killed", "was ended by a signal from outside", 1
    LAUNCH = "launch", "could not be started by the platform"
    LOST = "lost", "vanished, with its machine or without a trace", 2


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed: the class, and a one-line message for the user."""

    kind: FailureKind
    message: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A suggestion was accepted and recorded; the k-th such event opens the k-th suggestion."""

    trial: Trial
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt runs; `handle` is the platform's own name for its job."""

    trial: Trial
    attempt: int
    handle: Json = None


@dataclass(frozen=True, slots=True)
class Reported:
    """A trial reported metrics.

    `value` is the minimised objective; it is None if the report lacks the objective or if it is
    not finite. `sequence` orders the reports of an attempt, whichever of its processes reported.
    `metrics` holds the metrics that the trial reported. A report with `final` is
    recorded too, but tuners receive its value as `Measured`, after the trial has succeeded.
    """

    trial: Trial
    value: float | None
    attempt: int = 1
    sequence: int = 0
    metrics: Mapping[str, Any] = field(default_factory=dict)
    final: bool = False
    continued: bool = False
    """Whether the attempt continued from the checkpoint that it inherits."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A trial succeeded; `value` is its measurement at its budget, minimised."""

    trial: Trial
    value: float
    attempt: int = 1
    metrics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stopped:
    """An assessor stopped a trial for good.

    `value` is the minimised value that tuners assume: the last report, or None without a report,
    which tuners treat as the worst value.
    """

    trial: Trial
    value: float | None
    reason: str = ""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Failed:
    """A trial failed and is not retried."""

    trial: Trial
    failure: Failure
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Lost:
    """A trial vanished, for example with its machine, and is not retried."""

    trial: Trial
    failure: Failure
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Retried:
    """An attempt ended without a result and is retried; tuners do not receive this event.

    `counted` tells whether this uses up one of the trial's retries. If the attempt ended because
    its driver was interrupted or because the machine refused a resource, it does not use up a
    retry.
    """

    trial: Trial
    failure: Failure
    attempt: int = 1
    counted: bool = True


Event: TypeAlias = Opened | Reported | Measured | Stopped | Failed | Lost
"""The events that tuners and assessors receive.

``attempt`` identifies the launch, and thus the checkpoint to inherit. Do not use this number for
any other decision, because after an interruption the same trial may succeed in a later attempt.
"""

StudyEvent: TypeAlias = Event | Started | Retried
"""Every event that the journal stores."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One launch of a trial at one budget, numbered from 1 within its trial."""

    sweep: str
    trial: Trial
    number: int
    seed: int = 0
    """Seed for the trial's own random numbers; all attempts of a trial have the same seed. It has
    63 bits, so it is non-negative in the signed 64-bit integers of other languages."""
    inherits: CheckpointRef | None = None
    """The attempt whose complete checkpoint this attempt continues from."""

    @property
    def job(self) -> str:
        """Name of the attempt's job, which is unique: it contains sweep id, trial and attempt."""
        return job_name(self.sweep, self.trial.number, self.number)


def job_name(sweep: str, trial: int, attempt: int) -> str:
    """Return a job's name: letters, digits and hyphens, which all platforms accept in names."""
    return f"{sweep}-{trial}-{attempt}"
