"""A store that is moved, deleted or locked under its driver: nothing is lost, and it is told."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sweepwright.core.cli.error_handling import run_reporting_errors
from sweepwright.core.driver import turn
from sweepwright.core.store.store_errors import LostStoreError
from sweepwright.core.store.sweep_files import JOURNAL
from tests.core.simulated_sweeps import (
    RecordingDisplay,
    SimulatedSweep,
    outcomes,
    simulate_sweep,
    sweep,
)


@pytest.fixture
def undisturbed(tmp_path: Path) -> SimulatedSweep:
    """Run the sweep without any disturbance."""
    calm = simulate_sweep(tmp_path / "calm")
    calm.run(sweep())
    return calm


def move_folder(store: Path) -> None:
    """Move the sweep's folder out of the store."""
    (folder,) = store.iterdir()
    folder.rename(store.parent / folder.name)


def move_store(store: Path) -> None:
    """Rename the store itself."""
    store.rename(store.with_name("elsewhere"))


def delete_store(store: Path) -> None:
    """Delete the store."""
    shutil.rmtree(store)


def replace_journal(store: Path) -> None:
    """Put a copy in the place of the journal, as some programs do when they save a file."""
    (folder,) = store.iterdir()
    shutil.copy(folder / JOURNAL, store / "copy")
    (store / "copy").rename(folder / JOURNAL)


@pytest.mark.parametrize("disturb", [move_folder, move_store, delete_store, replace_journal])
def test_a_store_that_is_no_longer_in_its_place_interrupts_the_sweep(
    tmp_path: Path, disturb: Callable[[Path], None]
) -> None:
    disturbed = simulate_sweep(tmp_path / "store")
    display = RecordingDisplay(5, lambda: disturb(disturbed.store))

    with pytest.raises(LostStoreError, match=r"^the sweep was interrupted: .* was moved, deleted"):
        disturbed.run(sweep(), display)
    assert display.turns <= 7


def test_a_sweep_that_was_moved_can_be_resumed(
    tmp_path: Path, undisturbed: SimulatedSweep
) -> None:
    moved = simulate_sweep(tmp_path / "store")
    with pytest.raises(LostStoreError):
        moved.run(sweep(), RecordingDisplay(5, lambda: move_store(moved.store)))
    moved.store = tmp_path / "elsewhere"

    assert moved.resume().state == "done"
    assert outcomes(moved.history) == outcomes(undisturbed.history)


def test_a_lost_store_has_an_exit_code_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    def lose() -> int:
        raise LostStoreError("the sweep was interrupted: cannot write")

    assert run_reporting_errors(lose) == 1
    assert capsys.readouterr().err == "error: the sweep was interrupted: cannot write\n"


def test_the_lock_of_another_process_makes_the_sweep_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: SimulatedSweep
) -> None:
    monkeypatch.setattr(turn, "REFUSED_SECONDS", 0.01)
    locked = simulate_sweep(tmp_path / "locked")
    other: list[sqlite3.Connection] = []

    class Locking(RecordingDisplay):
        """A display that locks the journal at a turn, and releases it when it is told."""

        def notify(self, line: str) -> None:
            super().notify(line)
            for connection in other:
                connection.close()

    def lock() -> None:
        other.append(sqlite3.connect(locked.folder / JOURNAL, isolation_level=None))
        other[0].execute("BEGIN IMMEDIATE")

    display = Locking(5, lock)
    assert locked.run(sweep(), display).state == "done"
    waits, goes_on = display.said
    assert waits.endswith("another process has locked it; waiting until it can be written")
    assert goes_on.endswith(" can be written again")
    assert outcomes(locked.history) == outcomes(undisturbed.history)


def test_two_drivers_never_write_to_one_journal(tmp_path: Path) -> None:
    """Should a lock fail, the numbers of the entries tell the drivers apart."""
    driven = simulate_sweep(tmp_path / "store")

    def append() -> None:
        with closing(sqlite3.connect(driven.folder / JOURNAL, isolation_level=None)) as other:
            other.execute(
                "INSERT INTO events SELECT sequence + 1, time, clock, 'late', NULL, NULL, NULL, "
                "NULL, NULL, NULL, '{}', 0 FROM events ORDER BY sequence DESC LIMIT 1"
            )

    with pytest.raises(LostStoreError, match="as if another driver had written to it"):
        driven.run(sweep(), RecordingDisplay(5, append))
