"""A sweep is created whole or not at all, under a name that is newer than all others."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sweepwright.core.store import creation
from sweepwright.core.store.catalog import Store
from sweepwright.core.store.creation import name_at, new_sweep_name
from sweepwright.core.store.journal import Journal
from sweepwright.core.store.lock import take_lock
from sweepwright.core.store.store_errors import StoreError
from sweepwright.core.store.sweep_files import JOURNAL
from tests.core.examples import plan

CREATE_AND_DIE = """
import os, signal, sys, time
from pathlib import Path
from sweepwright.core.store.catalog import Store
from tests.core.examples import plan
store = Store(Path(sys.argv[1]))
for moment in range(40):
    child = os.fork()
    while not child:
        store.create(plan())
    time.sleep(moment / 8000)  # the kill must come at a moment that nothing announces
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""
ROOT = Path(__file__).parents[3]


def modes(folder: Path) -> dict[str, int]:
    """Return the permissions of a folder, under `.`, and of all files in it."""
    paths = {".": folder, **{path.name: path for path in folder.iterdir()}}
    return {name: stat.S_IMODE(path.stat().st_mode) for name, path in paths.items()}


def test_a_process_that_dies_while_it_creates_sweeps_leaves_whole_ones(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", CREATE_AND_DIE, str(tmp_path)]
    subprocess.run(argv, check=True, cwd=ROOT)

    store = Store(tmp_path)
    assert list(tmp_path.glob(".new-*"))
    assert {summary.state for summary in store.list()} <= {"interrupted"}
    assert store.create(plan()) == store.find()


def test_what_a_dead_creation_left_is_ignored_and_later_removed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    left, begun, fresh = (tmp_path / f".new-{name}" for name in ("left", "begun", "fresh"))
    for draft in (left, begun, fresh):
        draft.mkdir()
        Journal.create(draft, plan())
    for draft in (left, begun):
        os.utime(draft, (0, 0))
    lock = take_lock(begun)

    assert store.sweeps() == []
    sweep = store.create(plan())
    os.close(lock)
    assert set(tmp_path.iterdir()) == {begun, fresh, sweep}


def test_a_creation_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """The limit of the size of files makes the disk full while the journal is written."""
    script = f"""
import resource, signal
from pathlib import Path
from sweepwright.core.store.catalog import Store
from sweepwright.core.store.store_errors import StoreError
from tests.core.examples import plan
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
try:
    Store(Path({str(tmp_path)!r})).create(plan())
except StoreError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout.startswith("cannot write ")
    assert list(tmp_path.iterdir()) == []


def test_a_name_follows_the_newest_one_though_the_clock_was_set_back() -> None:
    ahead = name_at(datetime.now(UTC) + timedelta(hours=1))

    name = new_sweep_name([ahead, "s20200101-000000-000000", "zoo"])

    assert name > ahead
    assert new_sweep_name([name]) > name


def test_a_name_shows_the_time_where_the_clock_allows_it() -> None:
    before = name_at(datetime.now(UTC))

    assert before <= new_sweep_name(["s20200101-000000-000000"]) <= name_at(datetime.now(UTC))


def test_the_last_possible_name_does_not_end_the_naming() -> None:
    assert new_sweep_name(["s99991231-235959-999999"])


def test_the_newest_sweep_is_the_one_begun_last_whatever_the_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        """A clock that is set back by an hour at each look."""

        hour = 12

        @classmethod
        def now(cls, tz: object = None) -> "Clock":  # noqa: ARG003 - as `datetime` has it
            """Return an earlier time than the last time."""
            cls.hour -= 1
            return cls(2026, 1, 1, cls.hour, tzinfo=UTC)

    monkeypatch.setattr(creation, "datetime", Clock)
    store = Store(tmp_path)
    folders = [store.create(plan()) for _ in range(3)]

    assert store.sweeps() == folders
    assert store.find() == folders[-1]


@pytest.mark.parametrize("umask", [0, 0o022, 0o077, 0o377])
def test_a_sweep_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        folder = Store(tmp_path).create(plan())
        journal = Journal(folder)
        shown = modes(folder)
        journal.close()
    finally:
        os.umask(before)

    assert shown == dict.fromkeys((JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm"), 0o600) | {
        ".": 0o700
    }


def test_the_group_may_read_a_shared_sweep(tmp_path: Path) -> None:
    folder = Store(tmp_path).create(plan(shared=True))

    assert modes(folder) == {".": 0o750, JOURNAL: 0o640}


def test_a_store_on_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "store").touch()

    with pytest.raises(StoreError, match=r"name another store: store\.path=FOLDER"):
        Store(tmp_path / "store").create(plan())
