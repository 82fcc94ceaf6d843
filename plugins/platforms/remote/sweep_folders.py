"""Names of a sweep's folders on machines, and of the folders of its attempts."""

import re
from hashlib import sha256

_ODD = re.compile(r"[^A-Za-z0-9._-]")


def sweep_folder(sweep: str, machine: str) -> str:
    """Name the folder of a sweep on a machine.

    Machines may share a disk, and two entries may be one machine. So the folder's name contains
    that of the machine, with a hash if the machine's name has characters that cannot be used.
    """
    plain = _ODD.sub("-", machine)
    digest = f".{sha256(machine.encode()).hexdigest()[:8]}" if plain != machine else ""
    return f"{sweep}@{plain}{digest}"


def attempt_folder(trial: int, attempt: int) -> str:
    """Return the path of an attempt's folder in that of its sweep."""
    return f"trials/{trial}/{attempt}"
