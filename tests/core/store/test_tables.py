"""The tables of a journal: each row has a checksum, and version 1 keeps its own form."""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sweepwright.core.store.entries import Entry, EventEntry, LateLine
from sweepwright.core.store.journal import Journal
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.core.store.store_errors import StoreError
from sweepwright.core.store.sweep_files import JOURNAL
from sweepwright.events import Opened, Reported, Start, Trial
from tests.core.examples import ASSIGNMENT, plan

TRIAL = Trial(0, ASSIGNMENT)
RELEASED = Path(__file__).parent / "data" / "journals" / "1.sqlite"


def write(folder: Path, *entries: Entry) -> None:
    """Append entries to a journal."""
    with closing(Journal(folder)) as journal:
        for entry in entries:
            journal.append(entry)
        journal.commit()


def read(folder: Path) -> list[Entry]:
    """Read the entries of a journal."""
    with closing(JournalReader(folder)) as reader:
        return list(reader.entries())


def execute(folder: Path, statement: str) -> Sequence[Any]:
    """Execute a statement in a journal, as only damage would."""
    with closing(sqlite3.connect(folder / JOURNAL, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the journal of one trial."""
    Journal.create(tmp_path, plan())
    write(
        tmp_path,
        EventEntry(Opened(TRIAL, Start(ASSIGNMENT)), results_told=0),
        EventEntry(Reported(TRIAL, 0.5, 1, 0, {"ä": 1.0}), role="main", rank=0, process="4f1c"),
        LateLine("s1-0-1", "a line"),
    )
    return tmp_path


@pytest.mark.parametrize(
    "change",
    [
        "time = time + 1e-6",
        "clock = clock + 1e-6",
        "kind = 'started'",
        "trial = 1",
        "attempt = 2",
        "role = 'mäin'",
        "rank = 1",
        "rank = NULL",
        "process = '4f1d'",
        "line = 1",
        "body = replace(body, '0.5', '0.7')",
        "checksum = checksum + 1",
    ],
)
def test_a_change_of_any_column_is_noticed(folder: Path, change: str) -> None:
    execute(folder, f"UPDATE events SET {change} WHERE sequence = 2")  # noqa: S608 - of this test

    with pytest.raises(StoreError, match=r"is damaged \(entry 2 is not as it was written\)"):
        read(folder)


@pytest.mark.parametrize("change", ["plan = plan || ' '", "created = 1"])
def test_a_change_of_the_plan_is_noticed(folder: Path, change: str) -> None:
    execute(folder, f"UPDATE sweep SET {change}")  # noqa: S608 - of this test

    with pytest.raises(StoreError, match=r"is damaged \(the plan is not as it was written\)"):
        read(folder)


@pytest.mark.parametrize(
    "change", ["DELETE FROM events", "UPDATE events SET sequence = 9"], ids=["lost", "moved"]
)
def test_a_missing_row_is_noticed(folder: Path, change: str) -> None:
    execute(folder, f"{change} WHERE sequence = 2")

    with pytest.raises(StoreError, match=r"is damaged \(entry 2 is missing\)"):
        read(folder)


def test_reports_of_two_processes_may_have_one_number(folder: Path) -> None:
    other = EventEntry(Reported(TRIAL, 0.5, 1, 0), role="main", rank=0, process="beef")
    write(folder, other)

    assert read(folder)[-1] == other


def test_a_resume_appends_to_a_journal_of_version_1_in_its_own_form(tmp_path: Path) -> None:
    shutil.copy(RELEASED, tmp_path / JOURNAL)
    before = len(read(tmp_path))
    write(tmp_path, LateLine("s1-0-1", "a line", time=13.0))

    assert read(tmp_path)[before:] == [LateLine("s1-0-1", "a line", time=13.0, clock=None)]
    assert execute(tmp_path, "PRAGMA user_version") == [(1,)]


def test_version_1_stores_reports_of_two_processes(tmp_path: Path) -> None:
    """Its index would take the second one for the first."""
    shutil.copy(RELEASED, tmp_path / JOURNAL)
    (trial,) = execute(tmp_path, "SELECT max(trial) + 1 FROM events")[0]
    opened = Trial(trial, ASSIGNMENT)
    write(
        tmp_path,
        EventEntry(Opened(opened, Start(ASSIGNMENT))),
        EventEntry(Reported(opened, 0.5, 1, 0), role="main", rank=0, process="4f1c"),
        EventEntry(Reported(opened, 0.7, 1, 0), role="main", rank=0, process="beef"),
    )

    events = [entry.event for entry in read(tmp_path) if isinstance(entry, EventEntry)]
    assert events[-2:] == [Reported(opened, 0.5, 1, 0), Reported(opened, 0.7, 1, 0)]
