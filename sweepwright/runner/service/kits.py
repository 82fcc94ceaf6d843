"""The kits on a machine; each process that runs from a kit holds a lock on its folder."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .folders import BaseFolder, is_abandoned, is_hash, temporary_folder

_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_held: dict[Path, int] = {}


def use_kit(kit: Path) -> None:
    """Keep a kit from being removed as long as this process lives."""
    if kit not in _held:
        with suppress(OSError):  # some network file systems have no locks on folders
            file = _held[kit] = os.open(kit, _FLAGS)
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


def remove_unused_kits(base: BaseFolder) -> Iterator[Path]:
    """Remove the kits from which no process runs; yield the folder of each."""
    if base.kits.is_symlink() or not base.kits.is_dir():
        return
    while _held:
        os.close(_held.popitem()[1])  # this process has imported what it needs
    for kit in sorted(base.kits.iterdir()):
        # The base folder may be one in which the user has a folder `kits`, too.
        if (is_hash(kit.name) or is_abandoned(kit)) and _is_unused(kit):
            # If this process is killed meanwhile, half a kit must not have the name of a
            # whole one.
            shutil.rmtree(kit.rename(temporary_folder(base.kits)), ignore_errors=True)
            yield kit


def _is_unused(kit: Path) -> bool:
    try:
        file = os.open(kit, _FLAGS)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(file)
    return True
