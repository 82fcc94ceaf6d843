"""The store: a folder with a subfolder for the journal of each sweep (docs/decisions/0004)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..plan.plan import Plan
from .history import read_history
from .journal import Journal
from .sweep_files import JOURNAL, StoreError, flush_folder

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
"""Types of file systems that lack the locks or the shared memory that SQLite's WAL mode needs."""


MOUNT_TABLE = Path("/proc/self/mounts")


@dataclass(frozen=True, slots=True)
class SweepSummary:
    """The row of a sweep in the output of `list`."""

    sweep: str
    created: float
    """Time of the sweep's creation, in Unix seconds."""
    state: str
    trials: int
    best: float | None
    tuner: str
    code: str


class Store:
    """A folder of sweeps. The folder is created together with its first sweep."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def sweeps(self) -> Iterator[Path]:
        """Yield the folders of all sweeps, oldest first."""
        if self.path.is_dir():
            yield from sorted(p for p in self.path.iterdir() if (p / JOURNAL).is_file())

    def list(self) -> list[SweepSummary]:
        """Summarise all sweeps, oldest first. A damaged journal has the state ``unreadable``."""
        return [_summary(folder) for folder in self.sweeps()]

    def find(self, sweep: str | None = None) -> Path:
        """Return the folder of a sweep by its name, or of the newest sweep if no name is given.

        Raises
        ------
        StoreError
            When the store contains no sweep, or no sweep of this name.
        """
        folders = {folder.name: folder for folder in self.sweeps()}
        if not folders:
            raise StoreError(
                f"no sweep in the store {self.path}; to use another: store.path=FOLDER"
            )
        if sweep is None:
            return folders[max(folders)]
        if sweep not in folders:
            newest = ", ".join(sorted(folders)[-3:])
            raise StoreError(f"no sweep {sweep} in the store {self.path}; the newest are {newest}")
        return folders[sweep]

    def create(self, plan: Plan) -> Path:
        """Create the folder and the journal of a new sweep.

        Raises
        ------
        StoreError
            When the folder cannot be created, or is on an unsafe file system.
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


def _refuse_unsafe(path: Path) -> None:
    try:
        mounts = MOUNT_TABLE.read_text(encoding="utf-8")
    except OSError:
        return
    kind = filesystem_type(path.resolve(), mounts)
    if kind in UNSAFE_FILESYSTEMS:
        raise StoreError(
            f"the store {path} is on {kind}, where a journal can be damaged; "
            "name a folder on a local disk: store.path=FOLDER"
        )


def filesystem_type(path: Path, mounts: str) -> str:
    """Return the type of the file system that contains a path, according to a mount table."""
    # The file system is mounted at the deepest mount point above the path. If the table lists the
    # same mount point twice, the later entry hides the earlier entry.
    longest, kind = "", ""
    for line in mounts.splitlines():
        _, point, found, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        inside = path.is_relative_to(point)
        if inside and len(point) >= len(longest):
            longest, kind = point, found
    return kind


def _new_folder(store: Path) -> Path:
    # Two drivers may begin in the same microsecond. The second driver then tries again with a new
    # name.
    while True:
        folder = store / new_sweep_name()
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        flush_folder(store)
        return folder


def new_sweep_name() -> str:
    """Name a sweep after the current time, so that sorting by name also sorts by age."""
    # Job names begin with the sweep's name, and some platforms require a letter at the beginning.
    return datetime.now(UTC).strftime("s%Y%m%d-%H%M%S-%f")
