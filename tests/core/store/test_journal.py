"""The journal: commits are durable, there is one writer, and newer formats are refused."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from sweepwright.core.store.catalog import Store
from sweepwright.core.store.entries import (
    Entry,
    EventEntry,
    LateLine,
    SessionEnded,
    SessionStarted,
)
from sweepwright.core.store.journal import Journal
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.core.store.store_errors import StoreError
from sweepwright.core.store.sweep_files import JOURNAL
from sweepwright.events import Measured, Opened, Reported, Start, StudyEvent, Trial
from tests.core.examples import ASSIGNMENT, plan

TRIAL = Trial(0, ASSIGNMENT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an empty journal."""
    Journal.create(tmp_path, plan())
    return tmp_path


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    """Open its writer."""
    writer = Journal(folder)
    yield writer
    writer.close()


def entries(folder: Path) -> list[Entry]:
    """Read all entries."""
    with closing(JournalReader(folder)) as reader:
        return list(reader.entries())


def events(folder: Path) -> list[StudyEvent]:
    """Read the events of trials."""
    return [entry.event for entry in entries(folder) if isinstance(entry, EventEntry)]


def python(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own."""
    argv = [sys.executable, "-c", script]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_the_plan_comes_back_as_it_was(folder: Path) -> None:
    reader = JournalReader(folder)

    assert reader.plan == plan()
    reader.close()


def test_a_journal_is_complete_from_the_moment_it_is_there(tmp_path: Path) -> None:
    """Another process looks for it all the time while it is created."""
    script = f"""
from pathlib import Path
from sweepwright.core.store.catalog import Store
from sweepwright.core.store.journal_reader import JournalReader
store = Store(Path({str(tmp_path)!r}))
print("ready", flush=True)
while not store.sweeps():
    pass
print(JournalReader(*store.sweeps()).plan.seed)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as reader:
        assert reader.stdout
        assert reader.stdout.readline() == "ready\n"
        Store(tmp_path).create(plan(seed=42))
        output, _ = reader.communicate(timeout=60)

    assert output == "42\n"


def test_entries_are_readable_only_after_the_commit(folder: Path, journal: Journal) -> None:
    opened = EventEntry(Opened(TRIAL, Start(ASSIGNMENT)), results_told=0)
    journal.append(opened)
    before = entries(folder)
    journal.commit()

    assert before == []
    assert entries(folder) == [opened]


def test_a_reader_yields_each_entry_once(folder: Path, journal: Journal) -> None:
    opened, measured = Opened(TRIAL, Start(ASSIGNMENT)), Measured(TRIAL, 0.5)
    with closing(JournalReader(folder)) as reader:
        read = []
        for event in (opened, measured):
            journal.append(EventEntry(event))
            journal.commit()
            read.append(
                [entry.event for entry in reader.entries() if isinstance(entry, EventEntry)]
            )

    assert read == [[opened], [measured]]


def test_sessions_are_read_without_the_other_entries(folder: Path, journal: Journal) -> None:
    sessions = [
        SessionStarted(plan(concurrency=count).limits, plan().platform, 1, "laptop", "0.1.0")
        for count in (2, 3)
    ]
    for session in sessions:
        journal.append(session)
        journal.append(SessionEnded("interrupted", "interrupted"))
    journal.commit()

    with closing(JournalReader(folder)) as reader:
        assert list(reader.sessions()) == sessions


def test_a_line_of_a_trial_is_stored_once(folder: Path, journal: Journal) -> None:
    """The study drops a line that it has seen; if it did not, the journal would refuse it."""
    journal.append(EventEntry(Opened(TRIAL, Start(ASSIGNMENT))))
    for _ in range(2):
        journal.append(EventEntry(Reported(TRIAL, 0.5), role="main", rank=0))

    with pytest.raises(StoreError, match="it has such entries already"):
        journal.commit()
    assert entries(folder) == []


def test_a_journal_of_a_newer_format_is_refused(folder: Path) -> None:
    with sqlite3.connect(folder / JOURNAL) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(StoreError, match="has format 99"):
        JournalReader(folder)
    with pytest.raises(StoreError, match="has format 99"):
        Journal(folder)


def test_a_file_that_is_not_a_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(b"not a database, but long enough to look like one" * 100)

    with pytest.raises(StoreError, match=r"is damaged .*not a database"):
        JournalReader(tmp_path)


def test_a_journal_with_damaged_pages_is_refused_where_they_are_read(folder: Path) -> None:
    """The first page is sound, so that only reading the rest can tell."""
    with closing(Journal(folder)) as journal:
        for number in range(200):
            journal.append(LateLine("s1-0-1", f"{number}" * 100))
        journal.commit()
    path = folder / JOURNAL
    path.write_bytes(path.read_bytes()[:4096] + b"damaged" * 10_000)

    with pytest.raises(StoreError, match=r"is damaged .*malformed"):
        entries(folder)


@pytest.mark.parametrize("content", [b"broken" * 1000, None])
def test_a_refused_journal_is_not_kept_open(folder: Path, content: bytes | None) -> None:
    with closing(sqlite3.connect(folder / JOURNAL)) as connection:
        connection.execute("PRAGMA user_version = 99")
    if content:
        (folder / JOURNAL).write_bytes(content)
    with pytest.raises(StoreError):
        JournalReader(folder)

    assert str(folder / JOURNAL) not in [file.path for file in psutil.Process().open_files()]


def test_a_full_disk_keeps_the_entries_for_the_next_try(folder: Path) -> None:
    """A process of its own limits the size of its files, which SQLite meets as a full disk."""
    script = f"""
import resource, signal
from pathlib import Path
from sweepwright.core.store.entries import LateLine
from sweepwright.core.store.journal import Journal
from sweepwright.core.store.store_errors import TransientStoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path({str(folder)!r}))
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
for number in range(50):
    journal.append(LateLine("s1-0-1", "x" * 10_000))
try:
    journal.commit()
except TransientStoreError:
    print("full")
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
journal.commit()
journal.close()
"""
    done = python(script)

    assert (done.stdout, done.stderr) == ("full\n", "")
    assert len(entries(folder)) == 50


@pytest.mark.parametrize("cut", [1, 17, 100, 1000, 4096])
def test_a_torn_tail_costs_the_last_commit_at_most(folder: Path, cut: int) -> None:
    """A write-ahead log that is cut off anywhere opens, with every earlier commit."""
    script = f"""
import os, signal
from pathlib import Path
from sweepwright.core.store.entries import LateLine
from sweepwright.core.store.journal import Journal
journal = Journal(Path({str(folder)!r}))
for number in range(20):
    journal.append(LateLine("s1-0-1", str(number)))
    journal.commit()
os.kill(os.getpid(), signal.SIGKILL)
"""
    python(script)
    log = folder / (JOURNAL + "-wal")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - cut)
    Journal(folder).close()

    lines = [entry.line for entry in entries(folder) if isinstance(entry, LateLine)]

    assert lines == [str(number) for number in range(len(lines))]
    assert 18 <= len(lines) <= 20


def test_other_errors_of_a_commit_are_raised(folder: Path) -> None:
    journal = Journal(folder)
    with sqlite3.connect(folder / JOURNAL) as other:
        other.execute("DROP TABLE events")
    other.close()
    journal.append(LateLine("s1-0-1", ""))

    with pytest.raises(StoreError, match=r"is damaged .*no such table"):
        journal.commit()
    journal.close()


def test_a_journal_that_cannot_be_written_is_an_error_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot write"):
        Journal.create(tmp_path / "missing", plan())
    with pytest.raises(StoreError, match="cannot drive the sweep"):
        Journal(tmp_path / "missing")
