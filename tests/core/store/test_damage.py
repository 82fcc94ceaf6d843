"""Damage to a journal is noticed, and what is whole can be read around it."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sweepwright.core.cli.app import main
from sweepwright.core.store.entries import write_entry
from sweepwright.core.store.history import read_history
from sweepwright.core.store.integrity import check_sweep
from sweepwright.core.store.salvage import SalvageReader, recover_history
from sweepwright.core.store.store_errors import StoreError
from sweepwright.core.store.sweep_files import JOURNAL
from tests.core.store.damaged_journals import damaged_copies, read_entries, write_sweep

STAND_IN = '{"assignment":{}}'
"""Body of an opening that stands in for one that is lost."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a sweep in the store `sweeps`."""
    return write_sweep(tmp_path / "sweeps")


def execute(folder: Path, statement: str) -> None:
    """Execute a statement in a journal, as only damage would."""
    with closing(sqlite3.connect(folder / JOURNAL, isolation_level=None)) as connection:
        connection.execute(statement)


def check_damages(folder: Path, count: int) -> None:
    """Assert that no damage is accepted in silence, and that what is read around it is whole."""
    journal = folder / JOURNAL
    entries = read_entries(folder)
    rows = {write_entry(entry) for entry in entries}
    plan = read_history(folder).plan
    noticed = 0
    for number in damaged_copies(journal, count):
        check = check_sweep(folder)
        try:
            assert read_entries(folder) == entries, number
            assert read_history(folder).plan == plan, number
        except StoreError:
            noticed += 1
            assert check.state != "whole", number
        with suppress(StoreError), closing(SalvageReader(folder)) as reader:
            read = [write_entry(entry) for entry in reader.entries()]
            whole = [row for row in read if row.body != STAND_IN]
            assert rows.issuperset(whole), number
            assert reader.whole == len(whole), number
        with suppress(StoreError):
            recover_history(folder)
    assert noticed > count / 4  # the rest is in bytes that SQLite does not use


def test_no_damage_is_accepted_in_silence(folder: Path) -> None:
    check_damages(folder, 60)


@pytest.mark.ci_only
def test_none_of_many_damages_is_accepted_in_silence(folder: Path) -> None:
    check_damages(folder, 1500)


def check_commands(folder: Path, count: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Assert that each command ends with its own exit code, and reports at most in one line."""
    for number in damaged_copies(folder / JOURNAL, count):
        for words in (("list",), ("show",), ("best",), ("export",), ("check-store",)):
            code = main([*words, f"store.path={folder.parent}"])
            out, err = capsys.readouterr()
            assert code in {0, 1, 2}, (number, words, out, err)
            assert err.count("\n") <= 2, (number, words, err)
            if words == ("list",):
                assert folder.name in out, number


def test_every_command_bears_a_damaged_journal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check_commands(folder, 12, capsys)


@pytest.mark.ci_only
def test_every_command_bears_many_damaged_journals(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check_commands(folder, 150, capsys)


def test_a_whole_journal_is_whole(folder: Path) -> None:
    check = check_sweep(folder)

    assert (check.state, check.faults) == ("whole", ())
    assert check.entries == len(read_entries(folder))
