"""Events of jobs, which platforms return from ``poll``."""

from dataclasses import dataclass
from typing import TypeAlias

from .events import Failure, Json


@dataclass(frozen=True, slots=True)
class Launched:
    """The platform runs a job, under a handle of its own."""

    job: str
    handle: Json = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job waits for something that the platform lacks at the moment, such as ``1 gpu``."""

    job: str
    wants: str


@dataclass(frozen=True, slots=True)
class Output:
    """A line that a job wrote to its reports.

    `cursor` says how far the platform has read that job's log, this line included.
    """

    job: str
    line: str
    cursor: Json = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A job is over with all its processes; without a failure it ended well."""

    job: str
    failure: Failure | None = None


JobEvent: TypeAlias = Launched | Waiting | Output | Ended
"""An event of a job, as its platform sees it: first `Launched`, then `Output`, last `Ended`."""
