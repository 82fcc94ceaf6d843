"""Checks the journals of a store: what is whole, and what is damaged."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .salvage import SalvageReader
from .store_errors import UNREADABLE, DamagedJournalError, StoreError
from .sweep_files import JOURNAL, connect
from .tables import SCHEMA, SCHEMA_VERSION

_MOST_MESSAGES = 5
"""Largest number of messages of SQLite about one database."""


@dataclass(frozen=True, slots=True)
class SweepCheck:
    """What a check of a sweep found."""

    sweep: str
    state: Literal["whole", "damaged", "unreadable"]
    entries: int
    """Number of entries that are whole."""
    faults: tuple[str, ...] = ()


def check_sweep(folder: Path) -> SweepCheck:
    """Read a whole journal, and let SQLite check its database."""
    try:
        faults = _database_faults(folder)
        with closing(SalvageReader(folder)) as reader:
            reader.history()
            faults += reader.faults
            state: Literal["whole", "damaged"] = "damaged" if faults else "whole"
            return SweepCheck(folder.name, state, reader.whole, tuple(faults))
    except DamagedJournalError as error:
        return SweepCheck(folder.name, "damaged", 0, (error.what,))
    except StoreError as error:
        return SweepCheck(folder.name, "unreadable", 0, (str(error),))


def _database_faults(folder: Path) -> list[str]:
    """Return what SQLite finds, such as an index that lacks a row, and changes of the tables."""
    connection, version = connect(folder, mode="ro")
    with closing(connection):
        try:
            rows = connection.execute(f"PRAGMA integrity_check({_MOST_MESSAGES})").fetchall()
            tables = connection.execute("SELECT sql FROM sqlite_master").fetchall()
        except UNREADABLE as error:
            return [f"the database {folder / JOURNAL}: {error}"]
    messages = [" ".join(str(text).split()) for (text,) in rows if text != "ok"]
    if version == SCHEMA_VERSION and not all(str(sql) in SCHEMA for (sql,) in tables):
        messages.append("its tables are not as they were created")
    return [f"the database: {message}" for message in messages]
