"""A budget of requests: as many in each period as the cluster allows, in any window of time.

OpenPAI counts requests in fixed windows (express-rate-limit) whose beginnings a client does not
know. A client that keeps to the limit in every window of this length keeps to it in theirs.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Clock = Callable[[], float]


@dataclass(slots=True)
class RateBudget:
    """Permits at most `limit` requests in any `period` seconds."""

    limit: int
    period: float
    clock: Clock
    _taken: deque[float] = field(default_factory=deque)
    """Times of the requests of the last period, in order."""
    _held_until: float = float("-inf")

    def wait(self) -> float:
        """Return the number of seconds until a request is permitted; 0 if it is now."""
        now = self.clock()
        while self._taken and self._taken[0] <= now - self.period:
            self._taken.popleft()
        until = self._held_until
        if len(self._taken) >= self.limit:
            until = max(until, self._taken[-self.limit] + self.period)
        return max(0.0, until - now)

    def take(self) -> None:
        """Count a request that is made now."""
        self._taken.append(self.clock())

    def remember(self, times: Iterable[float]) -> None:
        """Count requests that others have made."""
        self._taken = deque(sorted([*self._taken, *times]))

    def hold(self, seconds: float) -> None:
        """Permit no request for some seconds, because the cluster has refused one."""
        self._held_until = max(self._held_until, self.clock() + seconds)
