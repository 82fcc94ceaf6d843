"""What the kubelet asks of whatever runs containers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...store.resources import JsonObject
from .container_log import ContainerLog

KILLED = 137
"""Exit code of a container that was killed (128 + SIGKILL)."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a container ended."""

    code: int
    message: str = ""
    """The termination message that it left."""
    reason: str | None = None
    """`Completed` or `Error` by its code, unless given."""


@dataclass(frozen=True, slots=True)
class ContainerStart:
    """A container to start."""

    pod: JsonObject
    container: JsonObject
    environment: Mapping[str, str]
    command: Sequence[str]
    """Command and arguments, with variables expanded; empty if the image's is to run."""
    log: ContainerLog
    ended: Callable[[Exit], None]
    """Called in any thread when the container has ended and its log is complete."""


class NotReadyError(Exception):
    """A container cannot start yet, and why: it waits, as `reason` in its state says."""

    def __init__(self, reason: str, message: str, event: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.event = event
        """Reason of the event that says so."""


class StartError(Exception):
    """A container could not be started at all; it ends with the reason `StartError`."""


class RunningContainer(Protocol):
    """A container that has been started."""

    def terminate(self) -> None:
        """Send its first process SIGTERM."""
        ...

    def kill(self) -> None:
        """Kill all its processes."""
        ...


class Runtime(Protocol):
    """What runs containers."""

    def prepare(self, pod: JsonObject, volumes: Mapping[str, "VolumeContent"]) -> None:
        """Make the volumes of a pod, each with its content."""
        ...

    def start(self, start: ContainerStart) -> RunningContainer:
        """Start a container; raise `StartError` if that is impossible."""
        ...

    def remove(self, pod: JsonObject) -> None:
        """Remove what a pod has left on its node, except for what outlives pods."""
        ...

    def close(self) -> None:
        """End all containers, and return when no process of them is left."""
        ...


@dataclass(frozen=True, slots=True)
class VolumeContent:
    """What a volume of a pod consists of."""

    files: Mapping[str, bytes] | None = None
    """Files of a ConfigMap or a Secret, by path; None for a folder that pods write to."""
    claim: str | None = None
    """Namespace and name of the claim whose folder it is; None for a folder of the pod."""
