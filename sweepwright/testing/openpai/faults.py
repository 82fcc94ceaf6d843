"""Faults that a test injects into the cluster's server."""

import re
import threading
from dataclasses import dataclass, field

LOST_ANSWER = 0
"""Status that stands for a request that has its effect, but whose answer never arrives."""


@dataclass(slots=True)
class Fault:
    """Answers the next requests that match, instead of the server or after it."""

    method: str
    path: str
    """Regular expression that the path of a request contains."""
    status: int
    """HTTP status of the answer, or `LOST_ANSWER`."""
    count: int
    """Number of requests that it still answers."""
    retry_after: int | None = None
    code: str = "UnknownError"


@dataclass(slots=True)
class Faults:
    """The faults of a server, and what it has seen."""

    away: bool = False
    """Whether the server closes every connection without an answer."""
    _faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(
        self,
        method: str,
        path: str,
        status: int,
        count: int = 1,
        *,
        retry_after: int | None = None,
        code: str = "UnknownError",
    ) -> None:
        """Answer the next requests that match with a status."""
        with self._lock:
            self._faults.append(Fault(method, path, status, count, retry_after, code))

    def lose_answers(self, method: str, path: str, count: int = 1) -> None:
        """Let the next requests that match have their effect, but lose the answers."""
        self.answer(method, path, LOST_ANSWER, count)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that a request meets; None if it meets none."""
        with self._lock:
            for fault in self._faults:
                if fault.count and fault.method == method and re.search(fault.path, path):
                    fault.count -= 1
                    return fault
        return None
