"""A runtime without processes: a script says what each container writes, when, and how it ends."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ...store.resources import JsonObject
from ..control_loop import ControlLoop, Timer
from .runtime import KILLED, ContainerStart, Exit, VolumeContent


@dataclass(frozen=True, slots=True)
class Write:
    """A step of a script: wait, then write to the log."""

    seconds: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Finish:
    """The last step of a script: wait, then end."""

    seconds: float = 0.0
    code: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class ScriptedContainer:
    """What a script may know of its container."""

    pod: JsonObject
    container: JsonObject
    environment: Mapping[str, str]


Script: TypeAlias = Callable[[ScriptedContainer], Iterator[Write | Finish]]
"""Function that yields the steps of a container; it ends with code 0 if no step ends it."""

_TERMINATED = 143


class Scripted:
    """Runs containers by a script, on the timers of the cluster: hundreds cost next to nothing."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._loop: ControlLoop | None = None

    def attach(self, loop: ControlLoop) -> None:
        """Take the loop on whose timers the scripts run."""
        self._loop = loop

    def prepare(self, pod: JsonObject, volumes: Mapping[str, VolumeContent]) -> None:
        """Make no volumes: no process would read them."""

    def start(self, start: ContainerStart) -> "_Playing":
        """Start the script of a container."""
        assert self._loop is not None
        known = ScriptedContainer(start.pod, start.container, start.environment)
        playing = _Playing(self._loop, start, self._script(known))
        playing.advance()
        return playing

    def remove(self, pod: JsonObject) -> None:
        """Remove nothing: scripts leave nothing."""

    def close(self) -> None:
        """End nothing: the timers end with the loop."""


class _Playing:
    """A container whose script is being played."""

    def __init__(
        self, loop: ControlLoop, start: ContainerStart, steps: Iterator[Write | Finish]
    ) -> None:
        self._loop = loop
        self._start = start
        self._steps = steps
        self._timer: Timer | None = None
        self._ended = False

    def advance(self) -> None:
        """Wait for the time of the next step."""
        step = next(self._steps, Finish())
        self._timer = self._loop.later(step.seconds, lambda: self._do(step))

    def _do(self, step: Write | Finish) -> None:
        match step:
            case Write(data=data):
                if data:
                    self._start.log.write(data)
                self.advance()
            case Finish(code=code, message=message):
                self._end(Exit(code, message))

    def terminate(self) -> None:
        """End as a process does that SIGTERM kills."""
        self._end(Exit(_TERMINATED))

    def kill(self) -> None:
        """End as a process does that is killed."""
        self._end(Exit(KILLED))

    def _end(self, how: Exit) -> None:
        if self._ended:
            return
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        self._start.log.close()
        self._start.ended(how)
