"""Places where the driver can be made to die, so that tests can try a crash at each of them.

``SWEEPWRIGHT_FAIL_POINT=committed:7`` kills the process the seventh time it gets there.
"""

import os
import signal

FAIL_POINTS = ("asked", "opened", "committed", "launched", "seen", "acknowledged")
"""In the order in which a turn of the driver reaches them."""

_point, _, _count = os.environ.get("SWEEPWRIGHT_FAIL_POINT", "").partition(":")
_left = {_point: int(_count or 1)} if _point else {}


def reach(point: str) -> None:
    """Pass a fail point, or die there as told."""
    if point in _left:
        _left[point] -= 1
        if _left[point] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
