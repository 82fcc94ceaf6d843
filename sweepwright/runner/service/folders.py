"""The folders of the runner on a machine, and the paths that a request may name.

All data that arrive are written under a temporary name, verified, and then renamed. ::

    <base>/                          mode 700
        kits/<sha256>/sweepwright/…  the kit: this package, the trial API, built-in trials
        code/<sha256>.tar            code as it was received
        sweeps/<sweep>/
            events.log  runner.log  runner.lock  control
            code-<sha12>/            the code, unpacked; trials may write beside their code
            trials/<n>/<a>/          files of an attempt, as in a local store
            reports/                 named pipes of running jobs
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from pathlib import Path, PurePosixPath

from .refusal import RefusalError

TEMPORARY = ".part-"
"""Beginning of the name of an incomplete file or folder."""
_HASH_DIGITS = 64
_CODE_DIGITS = 12
_TEMPORARY_NAME = re.compile(re.escape(TEMPORARY) + "[a-z0-9_]{8}")
_STALE_SECONDS = 86400.0
"""Age in seconds at which a file with a temporary name counts as abandoned."""


class BaseFolder:
    """The folder of a user's runners on a machine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kits = path / "kits"
        self.codes = path / "code"
        self.sweeps = path / "sweeps"

    def code_archive(self, code: str) -> Path:
        """Return the path of an archive of code, which may be missing."""
        return self.codes / f"{_hash(code)}.tar"

    def sweep(self, name: str) -> SweepFolder:
        """Return the folder of a sweep, which may be missing."""
        if not name or name.startswith(".") or "/" in name or "\0" in name:
            raise RefusalError("request", f"`{name}` is not the name of a sweep")
        return SweepFolder(self.sweeps / name)


class SweepFolder:
    """The folder of one sweep on a machine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def code(self, code: str | None) -> Path:
        """Return the folder in which a version of the code is unpacked."""
        return self.path / (f"code-{_hash(code)[:_CODE_DIGITS]}" if code else "no-code")

    def inside(self, relative: str) -> Path:
        """Return the path of something in this folder; refuse a path that leads out of it."""
        parts = PurePosixPath(relative).parts
        if not parts or relative.startswith("/") or ".." in parts or "\0" in relative:
            raise RefusalError("unsafe", f"`{relative}` is not a path in the folder of a sweep")
        path = self.path.joinpath(*parts)
        real = os.path.realpath(path)
        if not real.startswith(os.path.realpath(self.path) + os.sep):
            raise RefusalError("unsafe", f"`{relative}` leads out of the folder of its sweep")
        return path


def make_private(folder: Path) -> Path:
    """Make a folder that only the user may open, and any missing folders above it."""
    for path in (*reversed(folder.parents), folder):
        if not path.exists():
            path.mkdir(mode=0o700, exist_ok=True)
    return folder


def temporary_folder(beside: Path) -> Path:
    """Make an empty folder, to be renamed when it is complete."""
    return Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=make_private(beside)))


def is_hash(text: str) -> bool:
    """Return whether a text is a SHA-256 hash in hexadecimal."""
    return len(text) == _HASH_DIGITS and set(text) <= set("0123456789abcdef")


def is_abandoned(path: Path) -> bool:
    """Return whether a file or folder was abandoned before it was complete."""
    if not _TEMPORARY_NAME.fullmatch(path.name):
        return False
    try:
        return time.time() - path.lstat().st_mtime > _STALE_SECONDS
    except OSError:
        return False


def _hash(text: str) -> str:
    if not is_hash(text):
        raise RefusalError("request", f"`{text}` is not a SHA-256 hash")
    return text
