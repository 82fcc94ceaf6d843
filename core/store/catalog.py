"""The store: a folder with a subfolder for the journal of each sweep (docs/decisions/0004)."""

import stat
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..plan.plan import Plan
from .creation import SWEEP_NAME, create_sweep, name_at
from .journal_reader import JournalReader
from .leftovers import DeadDrivers
from .salvage import recover_history
from .store_errors import DamagedJournalError, StoreError, converting_errors
from .sweep_files import JOURNAL, is_foreign


@dataclass(frozen=True, slots=True)
class SweepSummary:
    """The row of a sweep in the output of `list`."""

    sweep: str
    created: float | None
    """Time of the sweep's creation, in Unix seconds; None if the journal cannot be read."""
    state: str
    trials: int
    best: float | None
    tuner: str
    code: str
    waiting: int = 0
    """Number of trials that wait for something."""
    dead_drivers: DeadDrivers | None = None
    """The drivers of the sweep, if the last one died on this machine."""


class Store:
    """A folder of sweeps. The folder is created together with its first sweep."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def sweeps(self) -> list[Path]:
        """Return the folders of all sweeps, in the order in which the sweeps began.

        Raises
        ------
        StoreError
            When the store itself cannot be read. A sweep that cannot be read is returned.
        """
        with converting_errors(self.path, "read the store"):
            if not self.path.is_dir():
                return []
            return sorted(filter(_is_sweep, self.path.iterdir()), key=_order)

    def list(self) -> list[SweepSummary]:
        """Summarise all sweeps in order, also those that are damaged or cannot be read."""
        return [_summary(folder) for folder in self.sweeps()]

    def find(self, sweep: str | None = None) -> Path:
        """Return the folder of a sweep by its name, or of the newest sweep if no name is given.

        Raises
        ------
        StoreError
            When the store contains no sweep, or no sweep of this name.
        """
        folders = {folder.name: folder for folder in self.sweeps()}
        # Whatever another program left in the store is found by its name, but is not the newest
        # sweep.
        newest = [name for name, folder in folders.items() if not is_foreign(folder / JOURNAL)]
        if not folders or not (newest or sweep):
            raise StoreError(
                f"no sweep in the store {self.path}; to use another: store.path=FOLDER"
            )
        name = newest[-1] if sweep is None else sweep
        if name not in folders:
            known = ", ".join(newest[-3:])
            raise StoreError(f"no sweep {name} in the store {self.path}; the newest are {known}")
        return folders[name]

    def create(self, plan: Plan) -> Path:
        """Create the folder and the journal of a new sweep.

        Raises
        ------
        StoreError
            When the folder cannot be created, or is on an unsafe file system.
        """
        return create_sweep(self.path, plan, lambda: [folder.name for folder in self.sweeps()])


def _is_sweep(folder: Path) -> bool:
    """Tell whether a folder contains a journal; if that cannot be known, its name decides."""
    if folder.name.startswith("."):
        return False
    try:
        return stat.S_ISREG((folder / JOURNAL).stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return SWEEP_NAME.fullmatch(folder.name) is not None


def _order(folder: Path) -> str:
    """Return a key that sorts the folders of sweeps in the order in which they began."""
    if SWEEP_NAME.fullmatch(folder.name):
        return folder.name
    # A user has renamed the folder, so only the time that the journal recorded is left.
    try:
        with closing(JournalReader(folder)) as reader:
            return name_at(datetime.fromtimestamp(reader.created, UTC))
    except (StoreError, ValueError, OverflowError, OSError):
        return ""


def _summary(folder: Path) -> SweepSummary:
    try:
        history, faults = recover_history(folder)
    except StoreError as error:
        state = "damaged" if isinstance(error, DamagedJournalError) else "unreadable"
        return SweepSummary(folder.name, None, state, 0, None, "", "")
    best = history.best.median if history.best else None
    plan = history.plan
    return SweepSummary(
        folder.name,
        history.created,
        "damaged" if faults else history.state,
        len(history.trials),
        best,
        plan.tuner.name,
        plan.code.name,
        len(history.waiting),
        DeadDrivers.of(history),
    )
