"""The limit of open files: each log that is followed takes a connection of its own."""

import resource
from contextlib import suppress

ENOUGH = 65_536
"""Number of open files for more jobs than one driver can follow."""


def raise_file_limit() -> None:
    """Let this process open as many files as its hard limit allows, at most `ENOUGH`.

    Most systems set a soft limit of 1,024, for programs that use `select`, and a far higher hard
    limit; programs in Go raise the former at their start. Nothing here uses `select`.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # macOS may have a lower limit than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
