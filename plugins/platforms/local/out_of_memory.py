"""How often the kernel has killed for want of memory."""

import re
from pathlib import Path

_COUNT = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)
_ROOT = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")
_MACHINE = Path("/proc/vmstat")


def find_counter(root: Path = _ROOT, membership: Path = _MEMBERSHIP) -> Path:
    """Find the file that counts, of this process's control group if it has one.

    Both generations of control groups are known; the machine's own count serves last.
    """
    for line in _read(membership).splitlines():
        _, controllers, path = line.split(":", 2)
        folder = root / controllers / path.lstrip("/")
        for file in (folder / "memory.events", folder / "memory.oom_control"):
            if _COUNT.search(_read(file)):
                return file
    return _MACHINE


def kills(counter: Path) -> int:
    """Read a counter; 0 when it says nothing."""
    found = _COUNT.search(_read(counter))
    return int(found[1]) if found else 0


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
