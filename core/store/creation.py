"""Creation of a sweep: its name, its folder, and its journal.

The folder is built under another name, which no command looks at, and renamed when its journal is
complete. Whatever ends the process, there is a whole sweep or none.
"""

import errno
import os
import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from ..plan.plan import Plan
from .journal import Journal
from .lock import is_driven, take_lock
from .store_errors import StoreError, converting_errors
from .sweep_files import flush_folder

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
SWEEP_NAME = re.compile(r"s\d{8}-\d{6}-\d{6}")
_NAME_FORMAT = "s%Y%m%d-%H%M%S-%f"
_DRAFT = ".new-"
_DRAFT_SECONDS = 60
"""Age from which a draft that no process has locked is left over. A draft is locked within
milliseconds."""


def create_sweep(store: Path, plan: Plan, names: Callable[[], Iterable[str]]) -> Path:
    """Create the folder and the journal of a new sweep; `names` lists the sweeps of the store.

    Raises
    ------
    StoreError
        When the folder cannot be created, or is on an unsafe file system.
    """
    try:
        store.mkdir(parents=True, exist_ok=True)
        _refuse_unsafe(store)
        _remove_drafts(store)
        draft = Path(mkdtemp(prefix=_DRAFT, dir=store))
    except OSError as error:
        reason = f"{error.strerror}; name another store: store.path=FOLDER"
        raise StoreError(f"cannot write to the store {store}: {reason}") from error
    try:
        with converting_errors(store, "create a sweep in"):
            return _complete(draft, plan, names)
    except BaseException:
        rmtree(draft, ignore_errors=True)
        raise


def _complete(draft: Path, plan: Plan, names: Callable[[], Iterable[str]]) -> Path:
    # The lock tells others that the draft is not left over. It also shows, before the sweep
    # exists, whether the file system has locks.
    lock = take_lock(draft)
    try:
        draft.chmod(0o750 if plan.shared else 0o700)  # whatever the umask
        Journal.create(draft, plan)
        folder = _rename(draft, names)
        flush_folder(folder.parent)
    finally:
        os.close(lock)
    return folder


def _rename(draft: Path, names: Callable[[], Iterable[str]]) -> Path:
    # Another driver may have taken the name since it was chosen. Its folder is not empty, so it
    # cannot be replaced.
    while True:
        folder = draft.with_name(new_sweep_name(names()))
        try:
            draft.rename(folder)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                raise
        else:
            return folder


def _remove_drafts(store: Path) -> None:
    """Remove what processes left that died while they created a sweep."""
    for draft in store.glob(f"{_DRAFT}*"):
        with suppress(OSError):
            old = time.time() - draft.stat().st_mtime > _DRAFT_SECONDS
            if old and not is_driven(draft):
                rmtree(draft, ignore_errors=True)


def new_sweep_name(existing: Iterable[str]) -> str:
    """Name a sweep after the current time, and after the newest existing sweep.

    The names are a hybrid logical clock: they show the time, but sorting by name sorts by age even
    if the system's clock was set back between two sweeps.
    """
    name = name_at(datetime.now(UTC))
    newest = max(filter(SWEEP_NAME.fullmatch, existing), default="")
    if name > newest:
        return name
    with suppress(ValueError, OverflowError):
        began = datetime.strptime(newest, _NAME_FORMAT).replace(tzinfo=UTC)
        return name_at(began + timedelta(microseconds=1))
    return name


def name_at(time: datetime) -> str:
    """Return the name of a sweep that began at a time."""
    # Job names begin with the sweep's name, and some platforms require a letter at the beginning.
    return time.strftime(_NAME_FORMAT)


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
