"""Entries that no version of sweepwright wrote, in a journal that has no checksums.

Version 1 of the journal cannot notice that an entry was changed. Whatever cannot be decoded, or
cannot follow on the entries before it, is told as damage.
"""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sweepwright.core.store.history import read_history
from sweepwright.core.store.integrity import check_sweep
from sweepwright.core.store.salvage import recover_history
from sweepwright.core.store.store_errors import DamagedJournalError, StoreError
from sweepwright.core.store.sweep_files import JOURNAL
from tests.core.simulated_sweeps import SimulatedSweep, simulate_sweep

RELEASED = Path(__file__).parent / "data" / "journals" / "1.sqlite"
BODIES = {
    "text": "no JSON",
    "nested": "[" * 100_000,
    "digits": '{"value": ' + "9" * 5000 + "}",
    "null": "null",
    "list": "[]",
    "number": "1",
    "string": '"x"',
    "empty": "{}",
    "types": '{"value": "x", "metrics": [], "failure": 3, "sequence": {}, "final": 2}',
    "halves": '{"assignment": "\\ud83d", "value": 1, "metrics": {}}',
}
CHANGES = {
    "another kind": "kind = 'measured'",
    "an unknown kind": "kind = 'exploded'",
    "a trial of its own": "trial = 7000",
    "a negative trial": "trial = -3",
    "a huge trial": f"trial = {2**62}",
    "no trial": "trial = NULL",
    "a trial that is text": "trial = 'x'",
    "another attempt": "attempt = -9",
    "opened again": "kind = 'opened'",
}


@pytest.fixture
def simulated(tmp_path: Path) -> SimulatedSweep:
    """Return a world whose store holds a copy of a journal of version 1."""
    folder = tmp_path / "store" / "s20260101-000000-000000"
    folder.mkdir(parents=True)
    shutil.copy(RELEASED, folder / JOURNAL)
    return simulate_sweep(tmp_path / "store")


def change(folder: Path, sequence: int, assignment: str, *values: str) -> None:
    """Change an entry."""
    with closing(sqlite3.connect(folder / JOURNAL, isolation_level=None)) as connection:
        statement = f"UPDATE events SET {assignment} WHERE sequence = {sequence}"  # noqa: S608 - of this test
        connection.execute(statement, values)


def check(simulated: SimulatedSweep) -> None:
    """Assert that every way to use a sweep ends with a result or a `StoreError`."""
    with suppress(StoreError):
        history, _ = recover_history(simulated.folder)
        assert history.trials
    damaged = check_sweep(simulated.folder).state
    try:
        read_history(simulated.folder)
    except DamagedJournalError:
        assert damaged == "damaged"
        with pytest.raises(DamagedJournalError):
            simulated.resume()
    else:
        with suppress(DamagedJournalError):
            simulated.resume()


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_cannot_be_is_damage(simulated: SimulatedSweep, body: str) -> None:
    sound = (simulated.folder / JOURNAL).read_bytes()
    for sequence in (1, 2, 3, 8, 11):
        (simulated.folder / JOURNAL).write_bytes(sound)
        change(simulated.folder, sequence, "body = ?", BODIES[body])
        check(simulated)


@pytest.mark.parametrize("assignment", CHANGES)
def test_an_entry_that_cannot_follow_is_damage(simulated: SimulatedSweep, assignment: str) -> None:
    sound = (simulated.folder / JOURNAL).read_bytes()
    for sequence in (1, 2, 3, 8, 11):
        (simulated.folder / JOURNAL).write_bytes(sound)
        with suppress(sqlite3.IntegrityError):
            change(simulated.folder, sequence, CHANGES[assignment])
        check(simulated)
