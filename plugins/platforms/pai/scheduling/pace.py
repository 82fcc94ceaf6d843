"""When the platform may ask OpenPAI: within its limits, and less often while it is away."""

from ..client import ApiError, PaiError
from ..options import PaiOptions
from ..rate_budget import Clock, RateBudget

_LONGEST_PAUSE = 60.0
_HURRIED_SECONDS = 2.0
"""Seconds between two lists while jobs are being stopped, for whose end a driver waits."""
_SLACK = 1.0
"""Largest difference in seconds between the times that two requests need to arrive."""
_TOO_MANY = 429
REFUSED_SECONDS = 60.0
"""Seconds after which a refused request is repeated, if OpenPAI does not say when."""


class Pace:
    """The budgets of one user, and the pauses after failed requests."""

    def __init__(self, options: PaiOptions, clock: Clock) -> None:
        self.submissions = RateBudget(options.submissions_per_hour, 3600.0 + _SLACK, clock)
        self.lists = RateBudget(options.lists_per_minute, 60.0 + _SLACK, clock)
        self.requests = RateBudget(options.requests_per_minute, 60.0 + _SLACK, clock)
        self.fault = ""
        """Why OpenPAI does not answer; empty if it does."""
        self._poll_seconds = options.poll_seconds
        self._clock = clock
        self._failures = 0
        self._list_at = float("-inf")

    @property
    def until_list(self) -> float:
        """Seconds until the jobs may be listed again; 0 if they may be now."""
        waits = (self._list_at - self._clock(), self.lists.wait(), self.requests.wait())
        return max(0.0, *waits)

    @property
    def until_submission(self) -> float:
        """Seconds until a job may be submitted; 0 if one may be now."""
        return max(self.submissions.wait(), self.requests.wait())

    def list_soon(self) -> None:
        """Permit the next list at once, within the limits."""
        self._list_at = min(self._list_at, self._clock())

    def on_list(self, *, hurried: bool) -> None:
        """Plan the next list, after one that was answered; sooner if users wait for it."""
        self._failures, self.fault = 0, ""
        pause = min(self._poll_seconds, _HURRIED_SECONDS) if hurried else self._poll_seconds
        self._list_at = self._clock() + pause

    def on_failed_list(self, error: PaiError) -> None:
        """Plan the next list, after one that failed."""
        self._failures += 1
        self.fault = str(error)
        pause = self._poll_seconds * 2.0 ** min(self._failures - 1, 10)
        self._list_at = self._clock() + min(pause, max(_LONGEST_PAUSE, self._poll_seconds))
        self.hold_if_limited(error, self.lists)

    def hold_if_limited(self, error: PaiError, budget: RateBudget) -> bool:
        """Make no more requests of a kind for a while, if there were too many; tell whether."""
        if not isinstance(error, ApiError) or error.status != _TOO_MANY:
            return False
        budget.hold(error.retry_after or REFUSED_SECONDS)
        return True

    @property
    def is_away(self) -> bool:
        """Whether OpenPAI has not answered for so long that users should know."""
        return self._failures > 1
