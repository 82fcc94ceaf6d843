"""Pauses between attempts: exponential, with jitter, so that clients do not retry together."""

from random import Random

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0


class Backoff:
    """The pauses of one sequence of attempts."""

    def __init__(self, random: Random, longest: float = LONGEST_SECONDS) -> None:
        self._random = random
        self._longest = longest
        self._next = FIRST_SECONDS

    def pause(self, retry_after: float | None = None) -> float:
        """Return the seconds to wait now; never fewer than the server asks for."""
        seconds = self._next * self._random.uniform(0.5, 1.0)
        self._next = min(2 * self._next, self._longest)
        if retry_after is None:
            return seconds
        # All clients are asked for the same pause: spread their return, too.
        return max(seconds, retry_after * self._random.uniform(1.0, 1.1))

    def reset(self) -> None:
        """Begin with the shortest pause again, after a success."""
        self._next = FIRST_SECONDS
