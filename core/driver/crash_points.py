"""Points at which tests can kill the driver, to simulate a crash at every step of a turn.

The technique is known as fail points. With ``SWEEPWRIGHT_FAIL_POINT=committed:7``, the process
kills itself with SIGKILL, which cannot be caught, when it reaches the point `committed` for the
seventh time. The tests then resume the sweep and check that no trial was lost or run twice. A turn
has effects in memory, in the journal and on the platform. There is a crash point between every
pair of consecutive effects.
"""

import os
import signal
from functools import cache

CRASH_POINTS = ("asked", "opened", "committed", "launched", "seen", "acknowledged")
"""All points, in the order in which a turn of the driver reaches them.

asked
    The tuner has made suggestions, but nothing is recorded.
opened
    The suggestions are in the study and among the uncommitted entries.
committed
    The journal is on disk, but the new jobs are not launched.
launched
    The platform has a job, but the job's start is not in the journal.
seen
    The platform has reported events, but the events are not recorded.
acknowledged
    The reported events are recorded, but not committed.
"""


def crash_point(point: str) -> None:
    """Kill this process if ``SWEEPWRIGHT_FAIL_POINT`` names this point; otherwise do nothing."""
    left = _left()
    if point in left:
        left[point] -= 1
        if left[point] == 0:
            os.kill(os.getpid(), signal.SIGKILL)


@cache
def _left() -> dict[str, int]:
    """Return how often this process may still reach the chosen point."""
    point, _, count = os.environ.get("SWEEPWRIGHT_FAIL_POINT", "").partition(":")
    return {point: int(count or 1)} if point else {}
