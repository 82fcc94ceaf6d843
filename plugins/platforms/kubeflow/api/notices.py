"""What the threads of the platform tell the thread that decides."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sweepwright.events import Json
from sweepwright.runner_client.pods.log_reader import Item

from .resources import Resource


@dataclass(frozen=True, slots=True)
class Listed:
    """All objects of a kind that the selector selects at present, by name."""

    resource: Resource
    objects: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Changed:
    """An object is new, or has changed."""

    resource: Resource
    object: Json


@dataclass(frozen=True, slots=True)
class Deleted:
    """An object is gone. If it vanished unwatched, its metadata is all that is known of it."""

    resource: Resource
    object: Json


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The API server does not answer, or refuses; the reflector tries again by itself."""

    resource: Resource
    reason: str
    """One line."""
    status: int = 0
    """Status of the refusal, such as 403; 0 if there was no answer."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The API server answers again after an `Interrupted`."""

    resource: Resource


@dataclass(frozen=True, slots=True)
class LogItems:
    """New items of a container's log, in order, and the position after them.

    Whoever handles the notice calls `LogFollower.taken` then: a follower with several notices
    that nobody handles stops reading.
    """

    pod: str
    items: Sequence[Item]
    position: Json


@dataclass(frozen=True, slots=True)
class LogEnded:
    """No more will be read of a container's log."""

    pod: str
    reason: str | None = None
    """Why the rest cannot be read, in one line; None if everything was read."""
    complete: bool = True
    """Whether the agent's last record was read."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A call of `Calls` has returned a result or raised an error."""

    key: Hashable
    result: Any = None
    error: Exception | None = None

    def value(self) -> Any:
        """Return the result, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.result


Notice: TypeAlias = (
    Listed | Changed | Deleted | Interrupted | Resumed | LogItems | LogEnded | Answered
)
