"""The identity of this machine since its last start, and of a process on it.

A process id alone identifies nothing: another machine has the same ids, and so has this machine
after a restart, and a container. The journal therefore records the identities of this module.
"""

import os
from contextlib import suppress

_BOOT = "/proc/sys/kernel/random/boot_id"


def machine_identity() -> str:
    """Return a text that is the same for two processes if their process ids are comparable.

    It is empty where the system does not tell, so that nothing is comparable.
    """
    with suppress(OSError), open(_BOOT, encoding="ascii") as file:  # noqa: PTH123 - short
        # Containers of one machine share its boot, but each has process ids of its own.
        return f"{file.read().strip()}/{os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - short
    return ""


def process_start(process: int) -> int:
    """Return the time at which a process started, in ticks of the kernel; 0 if it has ended."""
    with suppress(OSError), open(f"/proc/{process}/stat", "rb") as file:  # noqa: PTH123 - short
        # The program's name, in parentheses, may contain any character, even `)`.
        state, *fields = file.read().rpartition(b")")[2].split()
        return 0 if state in (b"Z", b"X") else int(fields[18])
    return 0
