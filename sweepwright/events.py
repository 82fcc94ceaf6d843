"""What happens to trials: suggestions and events, all frozen nouns.

A tuner returns suggestions from ``ask`` and is told events; the journal keeps every event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeAlias

Assignment: TypeAlias = Mapping[str, Any]
"""Parameter values of a trial: plain nested dicts, a nested choice under ``_name``."""

Json: TypeAlias = Any
"""Whatever JSON can hold."""


@dataclass(frozen=True, slots=True)
class CheckpointRef:
    """The attempt whose checkpoint another trial starts from."""

    trial: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Start:
    """Suggests a new trial; with a parent it inherits that attempt's checkpoint."""

    assignment: Assignment
    budget: float | None = None
    parent: CheckpointRef | None = None


@dataclass(frozen=True, slots=True)
class Promote:
    """Suggests that a measured trial goes on, from its own checkpoint, to a larger budget."""

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
    """Classes of failure: what each means, and how often a sweep retries it by default.

    This is their only list. The keys of ``retries`` in the configuration, with their defaults
    and descriptions, are derived from it.
    """

    meaning: str
    """The failure as part of a sentence, such as "ran out of memory"."""
    retries: int
    """How many failed attempts of this class a trial may repeat by default."""

    def __new__(cls, value: str, meaning: str = "", retries: int = 0) -> Self:
        """Make a member that is equal to its value as text."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning, member.retries = meaning, retries
        return member

    ERROR = "error", "ended in an uncaught exception"
    EXIT = "exit", "ended with an exit code other than 0, without a traceback"
    METRIC = "metric", "reported no result, or one that is not a finite number"
    MEMORY = "memory", "ran out of memory"
    TIMEOUT = "timeout", "ran over its time limit"
    # Somebody's `kill` and a lost machine say nothing about the assignment: retrying may help.
    KILLED = "killed", "was ended by a signal from outside", 1
    LAUNCH = "launch", "could not be started by the platform"
    LOST = "lost", "vanished, with its machine or without a trace", 2


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed: the class, and one line a person can act on."""

    kind: FailureKind
    message: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A suggestion was accepted and recorded; the k-th of these is the k-th suggestion."""

    trial: Trial
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt is running; `handle` is the platform's own name for it."""

    trial: Trial
    attempt: int
    handle: Json = None


@dataclass(frozen=True, slots=True)
class Reported:
    """A trial reported metrics on its way.

    `value` is the objective, always minimised, or None where the report lacks it or it is
    not finite; `metrics` are as the trial gave them. The `final` report is kept like any
    other, but tuners hear of it as `Measured`, once the trial has ended well.
    """

    trial: Trial
    value: float | None
    attempt: int = 1
    sequence: int = 0
    metrics: Mapping[str, Any] = field(default_factory=dict)
    final: bool = False
    continued: bool = False
    """Whether the attempt took up the checkpoint that it inherits."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A trial ended well: its measurement, always minimised, at the trial's budget."""

    trial: Trial
    value: float
    attempt: int = 1
    metrics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stopped:
    """An assessor ended a trial for good.

    `value` is what it counts as, minimised: its last report, or None, which is the worst.
    """

    trial: Trial
    value: float | None
    reason: str = ""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Failed:
    """A trial failed and will not be retried."""

    trial: Trial
    failure: Failure
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Lost:
    """A trial vanished with its machine, and will not be retried."""

    trial: Trial
    failure: Failure
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Retried:
    """An attempt ended without a result and the trial is due again; tuners are not told.

    `counted` tells whether it used up one of the trial's retries: an attempt that was cut
    off with its driver does not.
    """

    trial: Trial
    failure: Failure
    attempt: int = 1
    counted: bool = True


Event: TypeAlias = Opened | Reported | Measured | Stopped | Failed | Lost
"""What tuners and assessors are told.

An ``attempt`` says which launch produced something and whose checkpoint to inherit. After an
interruption the same trial may succeed as a later attempt, so nothing else may depend on it.
"""

StudyEvent: TypeAlias = Event | Started | Retried
"""Everything the journal keeps of a trial."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One launch of a trial at one budget, numbered from 1 within its trial."""

    sweep: str
    trial: Trial
    number: int
    seed: int = 0
    """Seed of this trial's own randomness, the same for all its attempts."""
    inherits: CheckpointRef | None = None
    """The attempt whose complete checkpoint this one continues from."""

    @property
    def job(self) -> str:
        """Name of the attempt's job: sweep id, trial and attempt, unique for ever."""
        return job_name(self.sweep, self.trial.number, self.number)


def job_name(sweep: str, trial: int, attempt: int) -> str:
    """Name a job, in letters, digits and hyphens, so that any platform takes it."""
    return f"{sweep}-{trial}-{attempt}"
