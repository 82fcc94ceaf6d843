"""The rate limits of OpenPAI's server: fixed windows, as express-rate-limit counts them."""

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil


class MovableClock:
    """The time of this machine, plus what a test has added."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        """Return the number of seconds since 1970."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._ahead += seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of requests that each user may make; the defaults are OpenPAI's."""

    requests_per_minute: int = 600
    lists_per_minute: int = 60
    submissions_per_hour: int = 60


class RateLimiter:
    """Counts requests of one kind in windows that begin at multiples of their length."""

    def __init__(self, limit: int, period: float, clock: MovableClock) -> None:
        self.limit = limit
        self._period = period
        self._clock = clock
        self._window = 0
        self._counts: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def refuse(self, user: str) -> Mapping[str, str] | None:
        """Count a request; return the headers of the refusal if there were too many."""
        with self._lock:
            window = int(self._clock() // self._period)
            if window != self._window:
                self._window = window
                self._counts.clear()
            self._counts[user] += 1
            if self._counts[user] <= self.limit:
                return None
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(ceil((window + 1) * self._period)),
            # Always the whole window, however much of it has passed.
            "Retry-After": str(ceil(self._period)),
        }
