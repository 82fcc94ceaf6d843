"""A sweep that is broken in any way is told in one line, and hides no other sweep."""

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sweepwright.core.cli.app import main
from sweepwright.core.store.catalog import Store
from sweepwright.core.store.store_errors import StoreError
from sweepwright.core.store.sweep_files import JOURNAL
from sweepwright.core.store.tables import (
    SCHEMA_VERSION,
    Row,
    row_checksum,
    select_statement,
    sweep_checksum,
)
from tests.core.examples import plan
from tests.core.recorded_sweeps import record
from tests.core.store.damaged_journals import read_entries

NOBODY = 65534


def empty(folder: Path) -> None:
    """Leave an empty journal, as a crash of an early version did."""
    (folder / JOURNAL).write_bytes(b"")


def foreign(folder: Path) -> None:
    """Put the database of another program in the place of the journal."""
    (folder / JOURNAL).unlink()
    with closing(sqlite3.connect(folder / JOURNAL)) as connection:
        connection.execute("CREATE TABLE events (sequence)")


def newer(folder: Path) -> None:
    """Give the journal the format of a later version."""
    with closing(sqlite3.connect(folder / JOURNAL)) as connection:
        connection.execute("PRAGMA user_version = 99")


def damaged(folder: Path) -> None:
    """Damage the first page, without which nothing can be read."""
    content = (folder / JOURNAL).read_bytes()
    (folder / JOURNAL).write_bytes(b"x" * 4096 + content[4096:])


def spoiled_plan(folder: Path) -> None:
    """Damage the plan."""
    with closing(sqlite3.connect(folder / JOURNAL, isolation_level=None)) as connection:
        connection.execute("UPDATE sweep SET plan = '['")


def a_folder(folder: Path) -> None:
    """Put a folder in the place of the journal."""
    (folder / JOURNAL).unlink()
    (folder / JOURNAL).mkdir()


def a_pipe(folder: Path) -> None:
    """Put a pipe in the place of the journal; opening it would hang."""
    (folder / JOURNAL).unlink()
    os.mkfifo(folder / JOURNAL)


def a_dangling_link(folder: Path) -> None:
    """Put a link to nothing in the place of the journal."""
    (folder / JOURNAL).unlink()
    (folder / JOURNAL).symlink_to("nothing")


def pipes_beside(folder: Path) -> None:
    """Put pipes in the places of the files that SQLite keeps beside the journal."""
    for suffix in ("-journal", "-wal", "-shm"):
        (folder / f"{JOURNAL}{suffix}").unlink(missing_ok=True)
        os.mkfifo(folder / f"{JOURNAL}{suffix}")


def endless_view(folder: Path) -> None:
    """Let a view compute entries without end, as a stranger's journal might."""
    rows = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r"
    with closing(sqlite3.connect(folder / JOURNAL)) as connection:
        connection.execute("ALTER TABLE events RENAME TO moved")
        connection.execute(f"CREATE VIEW events (sequence) AS {rows}")


def endless_trigger(folder: Path) -> None:
    """Let a trigger hang the driver that appends to the journal."""
    rows = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r"
    with closing(sqlite3.connect(folder / JOURNAL)) as connection:
        connection.execute(f"CREATE TRIGGER t AFTER INSERT ON events BEGIN {rows}; END")


def forge(folder: Path, **changes: Any) -> None:
    """Change the sweep's own row as a stranger could: with the checksum that belongs to it."""
    with closing(sqlite3.connect(folder / JOURNAL, isolation_level=None)) as connection:
        ((plan, created),) = connection.execute("SELECT plan, created FROM sweep").fetchall()
        created = changes.pop("created", created)
        plan = json.dumps({**json.loads(plan), **changes})
        values = plan, created, sweep_checksum(plan, created)
        connection.execute("UPDATE sweep SET plan = ?, created = ?, checksum = ?", values)


def forged_time(folder: Path) -> None:
    """Let the sweep have begun in a year that no calendar has."""
    forge(folder, created=1e12)


def forged_plan(folder: Path) -> None:
    """Put another type into the plan."""
    forge(folder, overrides=[1])


def forged_number(folder: Path) -> None:
    """Put a number into the plan that JSON does not have."""
    forge(folder, start=[{"x": float("inf")}])


def forged_result(folder: Path) -> None:
    """Put another type into the last result."""
    with closing(sqlite3.connect(folder / JOURNAL, isolation_level=None)) as connection:
        select = f"{select_statement(SCHEMA_VERSION, 'kind = ?')} DESC LIMIT 1"
        (found,) = connection.execute(select, ("measured",)).fetchall()
        row = Row._make(found[1:-1])._replace(body='{"value": 1.0, "metrics": "abc"}')
        update = "UPDATE events SET body = ?, checksum = ? WHERE sequence = ?"
        connection.execute(update, (row.body, row_checksum(found[0], row), found[0]))


BREAKAGES: dict[Callable[[Path], None], str | None] = {
    empty: "unreadable",
    foreign: "unreadable",
    newer: "unreadable",
    damaged: "damaged",
    spoiled_plan: "damaged",
    pipes_beside: "unreadable",
    endless_view: "unreadable",
    endless_trigger: "unreadable",
    forged_time: "damaged",
    forged_plan: "damaged",
    forged_number: "damaged",
    forged_result: "damaged",
    a_folder: None,
    a_pipe: None,
    a_dangling_link: None,
}
"""Ways to break a sweep, with the state that `list` shows; None if it is no sweep any more."""


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.__name__)
def test_a_broken_sweep_hides_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], breakage: Callable[[Path], None]
) -> None:
    """The newest of two sweeps is broken."""
    sound, broken = record(tmp_path, [0.5, 0.25]), record(tmp_path, [0.5])
    breakage(broken)

    def run(*words: str) -> str:
        code = main([*words, f"store.path={tmp_path}"])
        out, err = capsys.readouterr()
        assert err.count("\n") <= 1
        assert code == 0, err
        return out

    states = {line.split()[0]: line for line in run("list").splitlines()}
    if state := BREAKAGES[breakage]:
        assert f" {state} " in states[broken.name]
    assert " done " in states[sound.name]
    assert "2 trials finished" in run("show", sound.name)
    assert run("best", sound.name).startswith(f"sweep {sound.name}")
    assert len(run("export", sound.name).splitlines()) == 3
    assert f"{sound.name}  whole, " in check_store(tmp_path, capsys)


def check_store(store: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Check a store, which may be damaged, and return what is printed."""
    assert main(["check-store", f"store.path={store}"]) in {0, 1}
    return capsys.readouterr().out


@pytest.mark.parametrize("breakage", [empty, foreign, a_folder])
def test_what_is_no_sweep_is_not_the_newest_one(
    tmp_path: Path, breakage: Callable[[Path], None]
) -> None:
    sound, broken = record(tmp_path, [0.5]), record(tmp_path, [0.5])
    breakage(broken)

    assert Store(tmp_path).find() == sound


def test_a_damaged_newest_sweep_is_not_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A `resume` that took an older sweep in silence would be worse than none."""
    record(tmp_path, [0.5])
    damaged(record(tmp_path, [0.5]))

    assert main(["resume", f"store.path={tmp_path}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert " is damaged (it is not a database); `check-store` tells " in line


def test_a_path_that_is_too_long_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["list"], ["show"], ["check-store"], ["show", "s" * 300]):
        store = tmp_path / ("x" * 300) if len(words) == 1 else tmp_path
        assert main([*words, f"store.path={store}"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(("error: cannot read the store ", "error: no sweep "))


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Return a folder that every user can enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Take the rights of a user who owns nothing, if this process has all rights."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_sweep_without_permission_hides_no_other(
    public_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound, closed, unreadable = (record(public_folder, [0.5]) for _ in range(3))
    for folder in (sound, unreadable):
        folder.chmod(0o755)
        (folder / JOURNAL).chmod(0o644)
    closed.chmod(0)
    (unreadable / JOURNAL).chmod(0)
    with as_nobody():
        assert main(["list", f"store.path={public_folder}"]) == 0
        listed = capsys.readouterr().out
        assert main(["show", closed.name, f"store.path={public_folder}"]) == 2
        (line,) = capsys.readouterr().err.splitlines()[-1:]
    closed.chmod(0o700)

    assert [listed.count(state) for state in (" unreadable ", " done ")] == [2, 1]
    assert line == f"error: cannot read {closed / JOURNAL}: Permission denied"


def test_a_store_without_permission_is_told(public_folder: Path) -> None:
    record(public_folder / "store", [0.5])
    (public_folder / "store").chmod(0)

    with as_nobody(), pytest.raises(StoreError, match=r"cannot read the store .*: Permission"):
        Store(public_folder / "store").find()
    (public_folder / "store").chmod(0o700)


@pytest.mark.parametrize("log", [None, b""])
def test_a_read_only_copy_can_be_read(public_folder: Path, log: bytes | None) -> None:
    """An empty log beside the journal changes nothing, and none is created."""
    folder = copy_read_only(record(public_folder, [0.5]), log)
    before = list(folder.iterdir())

    with as_nobody():
        assert len(read_entries(folder)) == 4
    assert list(folder.iterdir()) == before


def test_a_read_only_copy_with_a_log_is_told_with_a_way_out(public_folder: Path) -> None:
    folder = copy_read_only(record(public_folder, [0.5]), b"entries" * 1000)

    with as_nobody(), pytest.raises(StoreError, match=r"copy the folder to a store of yours$"):
        read_entries(folder)


def copy_read_only(folder: Path, log: bytes | None) -> Path:
    """Copy a sweep's folder so that nobody may write there, with a log of given content."""
    copy = folder.with_name("copy")
    copy.mkdir()
    shutil.copy(folder / JOURNAL, copy)
    if log is not None:
        (copy / f"{JOURNAL}-wal").write_bytes(log)
    for path in copy.iterdir():
        path.chmod(0o444)
    copy.chmod(0o555)
    return copy


def test_a_journal_that_another_process_has_locked_is_told(tmp_path: Path) -> None:
    folder = Store(tmp_path).create(plan())
    with closing(sqlite3.connect(folder / JOURNAL, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreError, match=r"cannot read .*: another process has locked it$"):
            read_entries(folder)
