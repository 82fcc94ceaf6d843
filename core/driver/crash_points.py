"""Points at which the driver can be killed, so that tests can crash it at every step of a turn.

The technique is known as fail points. ``SWEEPWRIGHT_FAIL_POINT=committed:7`` kills the process
with SIGKILL, which nothing can catch, the seventh time that it reaches the point `committed`.
The tests then resume the sweep and check that no trial was lost or run twice. A point stands
between each two effects that a crash could separate: in memory, in the journal, on the platform.
"""

import os
import signal

CRASH_POINTS = ("asked", "opened", "committed", "launched", "seen", "acknowledged")
"""All points, in the order in which a turn of the driver reaches them.

asked
    the tuner has suggested; nothing is recorded
opened
    the suggestions are in the study and the uncommitted journal
committed
    the journal is on disk; nothing is launched
launched
    the platform has a job whose start is not journaled
seen
    the platform reported events that are not recorded
acknowledged
    these events are recorded, and not committed
"""

_point, _, _count = os.environ.get("SWEEPWRIGHT_FAIL_POINT", "").partition(":")
_left = {_point: int(_count or 1)} if _point else {}


def crash_point(point: str) -> None:
    """Kill this process if the environment asks for it here; otherwise do nothing."""
    if point in _left:
        _left[point] -= 1
        if _left[point] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
