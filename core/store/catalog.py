"""The store: a folder with a folder for each sweep, each with a journal of its own."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..plan.plan import Plan
from .history import read_history
from .journal import Journal
from .sweep_files import JOURNAL, StoreError

UNSAFE_FILESYSTEMS = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "vboxsf",
        "drvfs",
        "fuse.sshfs",
        "fuse.s3fs",
    }
)
"""Where file locks or shared memory cannot be relied on, as SQLite's write-ahead log needs."""


MOUNT_TABLE = Path("/proc/self/mounts")


@dataclass(frozen=True, slots=True)
class SweepSummary:
    """A line about a sweep in the store."""

    sweep: str
    created: float
    """Unix seconds."""
    state: str
    trials: int
    best: float | None
    tuner: str
    code: str


class Store:
    """A folder of sweeps; made when the first sweep is."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def sweeps(self) -> Iterator[Path]:
        """Yield the folders of all sweeps, oldest first."""
        if self.path.is_dir():
            yield from sorted(p for p in self.path.iterdir() if (p / JOURNAL).is_file())

    def list(self) -> list[SweepSummary]:
        """Summarise every sweep, oldest first; a journal that cannot be read is said to be so."""
        return [_summary(folder) for folder in self.sweeps()]

    def find(self, sweep: str | None = None) -> Path:
        """Return the folder of a sweep, of the newest when none is named.

        Raises
        ------
        StoreError
            When there is none.
        """
        folders = {folder.name: folder for folder in self.sweeps()}
        if not folders:
            raise StoreError(f"no sweep in the store {self.path}; name another: store.path=FOLDER")
        if sweep is None:
            return folders[max(folders)]
        if sweep not in folders:
            newest = ", ".join(sorted(folders)[-3:])
            raise StoreError(f"no sweep {sweep} in the store {self.path}; the newest are {newest}")
        return folders[sweep]

    def create(self, plan: Plan) -> Path:
        """Make the folder and the journal of a new sweep.

        Raises
        ------
        StoreError
            When the folder cannot be made, or lies where a journal is not safe.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            _refuse_unsafe(self.path)
            folder = _new_folder(self.path)
        except OSError as error:
            reason = f"{error.strerror}; name another store: store.path=FOLDER"
            raise StoreError(f"cannot write to the store {self.path}: {reason}") from error
        Journal.create(folder, plan)
        return folder


def filesystem(path: Path, mounts: str) -> str:
    """Return the type of the file system that holds a path, from the text of a mount table."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, point, found, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        inside = path.is_relative_to(point)
        if inside and len(point) >= len(best):
            best, kind = point, found
    return kind


def _refuse_unsafe(path: Path) -> None:
    try:
        mounts = MOUNT_TABLE.read_text(encoding="utf-8")
    except OSError:
        return
    kind = filesystem(path.resolve(), mounts)
    if kind in UNSAFE_FILESYSTEMS:
        raise StoreError(
            f"the store {path} lies on {kind}, where a journal can be damaged; "
            "name a folder on a local disk: store.path=FOLDER"
        )


def _new_folder(store: Path) -> Path:
    while True:
        folder = store / new_name()
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        _flush_folder(store)
        return folder


def new_name() -> str:
    """Name a sweep after this instant; names sort by age."""
    # A letter first, so that it can begin the name of a job on any platform.
    return datetime.now(UTC).strftime("s%Y%m%d-%H%M%S-%f")


def _flush_folder(folder: Path) -> None:
    """Make a folder's entries last through a power loss."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _summary(folder: Path) -> SweepSummary:
    try:
        history = read_history(folder)
    except StoreError:
        created = folder.stat().st_mtime
        return SweepSummary(folder.name, created, "unreadable", 0, None, "", "")
    best = history.best.value if history.best else None
    plan = history.plan
    return SweepSummary(
        folder.name,
        history.created,
        history.state,
        len(history.trials),
        best,
        plan.tuner.name,
        plan.code.name,
    )
