"""Faults that a test injects into a server.

A fault of requests has a pattern and a number of times. Of the faults that match a request the
oldest is used, except that delays add up with whatever else is to happen.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias

from .store.status_errors import StatusError

Refusal: TypeAlias = Literal["refuse", "close", "hang"]

_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Expired",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """Requests that a fault concerns; what is None matches any."""

    verb: str | None = None
    """Verb of the API: `create`, `list`, `watch` …"""
    resource: str | None = None
    """Plural, with its sub-resource if any: `pods`, `pods/log`."""
    method: str | None = None
    path: str = "*"
    """Glob that the path has to match."""

    def matches(self, method: str, path: str, verb: str, resource: str) -> bool:
        """Tell whether a request is meant."""
        return (
            self.verb in {None, verb}
            and self.resource in {None, resource}
            and self.method in {None, method}
            and fnmatchcase(path, self.path)
        )


@dataclass(slots=True)
class Fault:
    """What is to happen to the next requests that match."""

    pattern: Pattern
    left: int
    seconds: float = 0.0
    """How long the answer is delayed."""
    status: int | None = None
    """Status to answer without doing anything; None does what was asked for."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = "application/json"
    loses_answer: bool = False
    """Whether the connection is closed after the work, instead of an answer."""

    @property
    def only_delays(self) -> bool:
        """Tell whether the request is answered as usual, if late."""
        return self.status is None and not self.loses_answer


class Faults:
    """Faults of one server; all methods may be called at any time from any thread."""

    def __init__(
        self,
        drop_watches: Callable[[], int],
        expire_versions: Callable[[bool], None],
        drop_connections: Callable[[], None],
        set_outage: Callable[[Refusal | None], None],
    ) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._drop_watches = drop_watches
        self._expire_versions = expire_versions
        self._drop_connections = drop_connections
        self._set_outage = set_outage

    def answer(
        self,
        status: int,
        *,
        times: int = 1,
        message: str = "injected by the test",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        pattern: Pattern | None = None,
        **matching: str,
    ) -> Fault:
        """Answer the next matching requests with a status, and do nothing.

        The keywords of `Pattern` say which requests. The body is an object of kind `Status`,
        unless one is given; a body that is given is answered as plain text.
        """
        where = pattern or Pattern(**matching)
        fault = Fault(where, times, status=status, headers=headers or {})
        if body is None:
            reason = _REASONS.get(status, "Unknown")
            fault.body = _encoded(StatusError(status, reason, message).body())
        else:
            fault.body = body
            fault.content_type = "text/plain; charset=utf-8"
        return self._add(fault)

    def throttle(self, *, times: int = 1, retry_after: int = 1, **matching: str) -> Fault:
        """Answer the next matching requests with 429 and a `Retry-After`."""
        return self.answer(
            429,
            times=times,
            message="Too many requests, please try again later.",
            headers={"Retry-After": str(retry_after)},
            pattern=Pattern(**matching),
        )

    def lose_answers(self, *, times: int = 1, **matching: str) -> Fault:
        """Do what the next matching requests ask for, but close the connection then."""
        return self._add(Fault(Pattern(**matching), times, loses_answer=True))

    def delay(self, seconds: float, *, times: int = 1, **matching: str) -> Fault:
        """Answer the next matching requests later."""
        return self._add(Fault(Pattern(**matching), times, seconds=seconds))

    def clear(self) -> None:
        """Forget all faults of requests."""
        with self._lock:
            self._faults.clear()

    def drop_watches(self) -> int:
        """Close the connections of all watches, and return how many there were."""
        return self._drop_watches()

    def drop_connections(self) -> None:
        """Close all connections: watches, logs and requests alike."""
        self._drop_connections()

    def expire_versions(self, *, within_watches: bool = False) -> None:
        """Forget all changes: who watches from any version known so far is answered 410.

        `within_watches` sends the error into the watches that are open, too.
        """
        self._expire_versions(within_watches)

    @contextmanager
    def outage(self, kind: Refusal = "refuse") -> Iterator[None]:
        """Be away while the block runs: close all connections, and accept no new ones.

        With `refuse` nobody listens on the port, with `close` connections are accepted and closed
        at once, and with `hang` they are accepted and never answered.
        """
        self._set_outage(kind)
        try:
            yield
        finally:
            self._set_outage(None)

    def take(self, method: str, path: str, verb: str, resource: str) -> list[Fault]:
        """Return the faults that a request meets, and count them as used."""
        with self._lock:
            taken: list[Fault] = []
            for fault in self._faults:
                wanted = fault.only_delays or all(earlier.only_delays for earlier in taken)
                if wanted and fault.pattern.matches(method, path, verb, resource):
                    fault.left -= 1
                    taken.append(fault)
            self._faults = [fault for fault in self._faults if fault.left > 0]
        return taken

    def _add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()
