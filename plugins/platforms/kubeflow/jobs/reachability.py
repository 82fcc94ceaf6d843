"""Whether the API server can be reached, as the watches tell."""

from collections.abc import Callable
from math import inf

from .start_waits import Wait, api_wait

STALL_SECONDS = 2.0
"""Time for which the API server may be out of reach before users read about it."""


class Reachability:
    """The watches that are broken at present."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._broken: dict[str, tuple[float, str, int]] = {}
        """Time, reason and HTTP status of the loss of each watch, by the kind of its objects."""

    @property
    def broken(self) -> bool:
        """Whether a watch is broken, so that what it would show is not known."""
        return bool(self._broken)

    @property
    def told_at(self) -> float:
        """Time at which users read that the server is out of reach; infinity if it is not."""
        return min((at for at, _, _ in self._broken.values()), default=inf) + STALL_SECONDS

    @property
    def wait(self) -> Wait | None:
        """What users read; None before that time."""
        if self._now() < self.told_at:
            return None
        _, reason, status = min(self._broken.values())
        return api_wait(reason, status)

    def on_interrupted(self, kind: str, reason: str, status: int = 0) -> None:
        """Note that a watch is broken; `status` is that of a refusal, 0 without an answer."""
        self._broken.setdefault(kind, (self._now(), reason, status))

    def on_resumed(self, kind: str) -> bool:
        """Note that a watch works again; return whether it was the last broken one."""
        return self._broken.pop(kind, None) is not None and not self._broken
