"""Ends the daemon and jobs of a sweep, and removes its files and those that no sweep needs."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from ..leftovers import leftovers
from .daemon_start import end_daemon
from .event_log import read_marks
from .folders import BaseFolder, is_abandoned, is_hash, temporary_folder
from .kits import remove_unused_kits
from .refusal import RefusalError

_PATIENCE_SECONDS = 15.0
# Code may have been sent for a sweep that is about to attach.
_RECENT_SECONDS = 3600.0


def clean_up(base: BaseFolder, sweep: str, codes: Collection[str]) -> Iterator[str]:
    """End and remove a sweep, then unused code and kits; yield a line for each thing done.

    `codes` are hashes of code that only this sweep has sent. No symbolic link is followed.
    """
    folder = base.sweep(sweep).path
    if folder.is_symlink() or base.sweeps.is_symlink():
        raise RefusalError("unsafe", f"`{folder}` is a symbolic link, and is left as it is")
    if folder.is_dir():
        yield from _end(folder, sweep)
        # If this process is killed meanwhile, half a folder must not have the name of a whole one.
        _remove(folder.rename(temporary_folder(base.sweeps)))
        yield f"removed `{folder}`"
    for part in filter(is_abandoned, _entries(base.sweeps)):
        shutil.rmtree(part, ignore_errors=True)
    for archive in _unused_code(base, codes):
        archive.unlink()
        yield f"removed `{archive}`"
    for kit in remove_unused_kits(base):
        yield f"removed `{kit}`"
    for emptied in (base.sweeps, base.codes, base.kits):
        with suppress(OSError):
            emptied.rmdir()


def _end(folder: Path, sweep: str) -> Iterator[str]:
    process = end_daemon(folder, _PATIENCE_SECONDS)
    os.chdir("/")  # this process may have connected to the daemon from its folder
    if process is not None:
        yield f"ended the runner of sweep `{sweep}` (process {process})"
    if killed := leftovers(folder, read_marks(folder), end=True):
        yield f"killed {killed} processes that trials of sweep `{sweep}` had left running"


def _remove(folder: Path) -> None:
    """Remove a folder, even if trials have made folders in it that may not be changed."""
    for path, inner, _ in os.walk(folder):
        for name in inner:
            found = Path(path, name)
            if not found.is_symlink():
                found.chmod(stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise RefusalError("denied", f"`{folder}` cannot be removed completely")


def _unused_code(base: BaseFolder, codes: Collection[str]) -> Iterator[Path]:
    """Yield the archives of code that no sweep on this machine has unpacked.

    The base folder may also contain a folder `code` of the user's own.
    """
    used = {path.name[len("code-") :] for path in base.sweeps.glob("*/code-*")}
    for archive in _entries(base.codes):
        ours = archive.stem in codes
        recent = time.time() - archive.lstat().st_mtime < _RECENT_SECONDS
        if archive.suffix == ".tar" and is_hash(archive.stem):
            unused = not any(archive.name.startswith(code) for code in used)
        else:
            unused = is_abandoned(archive)
        if unused and (ours or not recent):
            yield archive


def _entries(folder: Path) -> list[Path]:
    """List what is in a folder; nothing if it is missing or a symbolic link."""
    return [] if folder.is_symlink() or not folder.is_dir() else sorted(folder.iterdir())
