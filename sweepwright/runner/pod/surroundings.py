"""What a trial expects of a machine, and what a container may lack.

A container may run under a user id without an entry in ``/etc/passwd``, with ``/`` as its home
and a root file system that nobody can write to. Then what is missing lies in the scratch folder.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import MutableMapping

USER = "sweepwright"
_TEMPORARY = "/tmp"  # noqa: S108 - where programs look without TMPDIR


def complete(environment: MutableMapping[str, str], scratch: Path) -> None:
    """Set the home, the user's name and the folder for temporary files, where they are missing."""
    if not _is_writable(environment.get("HOME", "")):
        environment["HOME"] = _make(scratch / "home")
    if not _is_writable(environment.get("TMPDIR", _TEMPORARY)):
        environment["TMPDIR"] = _make(scratch / "tmp")
    if not _has_name():
        name = environment.get("USER") or environment.get("LOGNAME") or USER
        environment.setdefault("USER", name)
        environment.setdefault("LOGNAME", name)


def _is_writable(folder: str) -> bool:
    return folder not in ("", "/") and Path(folder).is_dir() and os.access(folder, os.W_OK)


def _make(folder: Path) -> str:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(folder)


def _has_name() -> bool:
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        return False
    return True
