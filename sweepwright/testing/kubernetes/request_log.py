"""Record of the requests that a server has answered, so that tests can bound their number."""

import threading
from collections import Counter, deque
from dataclasses import dataclass

_KEPT_REQUESTS = 10_000


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request, as it was answered."""

    method: str
    path: str
    query: dict[str, str]
    verb: str
    """Verb of the API: `get`, `list`, `watch`, `create` …; the method for other paths."""
    resource: str
    """Plural with its sub-resource: `pods/log`; empty for other paths."""
    namespace: str
    name: str
    user: str
    status: int
    """Status of the answer; 0 where none was given."""
    time: float
    """When it was answered, on the monotonic clock."""


class RequestLog:
    """Counts of all requests, and the latest of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._recent: deque[RequestRecord] = deque(maxlen=_KEPT_REQUESTS)

    def add(self, record: RequestRecord) -> None:
        """Count a request."""
        with self._lock:
            self._counts[record.verb, record.resource] += 1
            self._recent.append(record)

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """Return the number of requests by verb and resource."""
        with self._lock:
            return Counter(self._counts)

    @property
    def recent(self) -> list[RequestRecord]:
        """Return the latest requests, the oldest first."""
        with self._lock:
            return list(self._recent)

    def count(self, verb: str | None = None, resource: str | None = None) -> int:
        """Return the number of requests of a verb and a resource; None counts all."""
        return sum(
            number
            for (its_verb, its_resource), number in self.counts.items()
            if verb in {None, its_verb} and resource in {None, its_resource}
        )

    def clear(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._counts.clear()
            self._recent.clear()
