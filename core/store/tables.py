"""The tables of a journal: their versions, and the checksum of each row.

Version 2 added the columns `clock`, `process` and `checksum`. A journal of version 1 stays at its
version: a resume appends rows without these columns to it, and a reader finds NULL in their place.

A checksum covers one row, and does not depend on other rows: what is whole can be read around what
is damaged. Rows that are missing are found by their sequence numbers, which have no gaps.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Any, NamedTuple
from zlib import crc32

APPLICATION = 0x53575052  # "SWPR" in ASCII
SCHEMA_VERSION = 2
"""Version of the tables of a new journal. It increases when older versions of sweepwright cannot
read the new tables."""
READABLE_VERSIONS = (1, 2)


class Row(NamedTuple):
    """One row of the journal, without its sequence number and its checksum."""

    time: float
    clock: float | None
    kind: str
    trial: int | None
    attempt: int | None
    role: str | None
    rank: int | None
    process: str | None
    line: int | None
    body: str


# The index `notes` finds the few rows about the sweep itself among the many rows about trials.
SCHEMA = f"""
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {SCHEMA_VERSION};
CREATE TABLE sweep (plan TEXT NOT NULL, created REAL NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    time REAL NOT NULL,
    clock REAL NOT NULL,
    kind TEXT NOT NULL,
    trial INTEGER,
    attempt INTEGER,
    role TEXT,
    rank INTEGER,
    process TEXT,
    line INTEGER,
    body TEXT NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE UNIQUE INDEX lines ON events (trial, attempt, role, rank, process, line)
WHERE line IS NOT NULL;
CREATE INDEX notes ON events (kind) WHERE trial IS NULL;
"""

INSERT_SWEEP = "INSERT INTO sweep (plan, created, checksum) VALUES (?, ?, ?)"
_NOT_IN_VERSION_1 = ("clock", "process", "checksum")


def insert_statement(version: int) -> str:
    """Return the statement that appends a row; its parameters are those of `stored_values`."""
    names = _columns(version)
    places = ", ".join("?" * len(names))
    return f"INSERT INTO events ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - names of columns


def stored_values(version: int, sequence: int, row: Row) -> Sequence[Any]:
    """Return the values that are stored for a row, in the order of the columns."""
    if version == 1:
        # The unique index of version 1 does not tell processes apart, and would take the first
        # line of a second process for the first line of the first one. It skips NULL.
        values = row._replace(line=None)._asdict() if row.process else row._asdict()
        return (sequence, *(values[name] for name in _columns(1)[1:]))
    return (sequence, *row, row_checksum(sequence, row))


def select_statement(version: int, condition: str) -> str:
    """Return the statement that reads rows in order, each as `read_row` expects it."""
    present = _columns(version)
    names = (name if name in present else "NULL" for name in _columns(SCHEMA_VERSION))
    return f"SELECT {', '.join(names)} FROM events WHERE {condition} ORDER BY sequence"  # noqa: S608 - as above


def select_sweep_statement(version: int) -> str:
    """Return the statement that reads the row of the sweep itself."""
    return f"SELECT plan, created, {'NULL' if version == 1 else 'checksum'} FROM sweep"  # noqa: S608 - as above


def _columns(version: int) -> tuple[str, ...]:
    names = ("sequence", *Row._fields, "checksum")
    return tuple(n for n in names if n not in _NOT_IN_VERSION_1) if version == 1 else names


def row_checksum(sequence: int, row: Row) -> int:
    """Return the CRC-32 of a row and its sequence number."""
    time, clock, kind, trial, attempt, role, rank, process, line, body = row
    # The bytes of the two floats take a third of the time of their decimal digits.
    return crc32(
        f"{sequence}|{kind}|{trial}|{attempt}|{role}|{rank}|{process}|{line}|{body}".encode(),
        crc32(_pack_times(time, clock)),
    )


def sweep_checksum(plan: str, created: float) -> int:
    """Return the CRC-32 of the row of the sweep itself."""
    return crc32(f"{created!r}|{plan}".encode())


_pack_times = Struct("<dd").pack
