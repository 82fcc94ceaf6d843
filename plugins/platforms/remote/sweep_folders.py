"""Names of a sweep's folders on machines, and where its attempts lie."""

import re
from hashlib import sha256

_ODD = re.compile(r"[^A-Za-z0-9._-]")


def sweep_folder(sweep: str, machine: str) -> str:
    """Name the folder of a sweep on a machine.

    Machines may share a disk, and two entries may be one machine. So the name contains that of the
    machine, with a hash if a folder cannot have such a name.
    """
    plain = _ODD.sub("-", machine)
    digest = f".{sha256(machine.encode()).hexdigest()[:8]}" if plain != machine else ""
    return f"{sweep}@{plain}{digest}"


def attempt_folder(trial: int, attempt: int) -> str:
    """Return the path of an attempt's folder in that of its sweep."""
    return f"trials/{trial}/{attempt}"
