"""The files of attempts on a machine: listed, and read from any offset."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .folders import SweepFolder
from .refusal import RefusalError

LONGEST_READ = 1 << 22
"""Maximum number of bytes that one request reads."""
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def list_files(sweep: SweepFolder, attempts: Iterable[tuple[int, int]]) -> list[dict[str, Any]]:
    """List the regular files of attempts: trial, attempt, path in the attempt's folder, size."""
    return [
        {"trial": trial, "attempt": attempt, "path": path, "size": size}
        for trial, attempt in attempts
        for path, size in _files(sweep.path / "trials" / str(int(trial)) / str(int(attempt)))
    ]


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    # `os.walk` skips what cannot be read or has just vanished, and follows no link.
    for path, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(path, name)
            try:
                found = file.lstat()
            except OSError:
                continue
            if stat.S_ISREG(found.st_mode):
                yield file.relative_to(folder).as_posix(), found.st_size


def read_file(sweep: SweepFolder, path: str, offset: int, limit: int) -> tuple[bytes, int]:
    """Read a part of a regular file, and return it with the file's size."""
    file = os.open(sweep.inside(path), _FLAGS)
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise RefusalError("missing", f"`{path}` is not a file")
        return os.pread(file, min(limit, LONGEST_READ), offset), found.st_size
    finally:
        os.close(file)
