"""A token bucket, so that a sweep never floods an API server that others use."""

import threading
import time
from collections.abc import Callable


class TokenBucket:
    """Admits `rate` requests a second on average, and `burst` at once."""

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = float(burst)
        self._at = clock()
        self.taken = 0
        """Number of tokens that were taken."""

    def reserve(self) -> float:
        """Take a token, and return the seconds to wait until it exists."""
        with self._lock:
            now = self._clock()
            grown = self._tokens + (now - self._at) * self._rate
            # Negative tokens are those that waiting requests have taken already.
            self._tokens = min(grown, float(self._burst)) - 1.0
            self._at = now
            self.taken += 1
            return max(0.0, -self._tokens / self._rate)
