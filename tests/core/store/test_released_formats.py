"""Journals that released versions wrote: they stay readable, and their sweeps resumable.

A new format adds a file here, written by ``python -m tests.core.store.test_released_formats NAME``
with the version that is about to be released; none is ever taken away or written again.
"""

import json
import shutil
import sqlite3
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.core.store.history import History
from sweepwright.core.store.journal import JOURNAL
from tests.core.worlds import World, make_world, sweep

ANONYMOUS_HOST = (
    "UPDATE events SET body = json_set(body, '$.host', 'laptop') WHERE kind = 'session'"
)
ANONYMOUS_STORE = "UPDATE sweep SET plan = json_set(plan, '$.store', 'sweeps')"
PLAIN = ("number", "opened", "budget", "state", "value", "attempts", "reason", "started", "ended")
JOURNALS = Path(__file__).parent / "data" / "journals"


def told(history: History) -> list[dict[str, Any]]:
    """Write down all that a history tells of trials."""
    return [
        {key: getattr(trial, key) for key in PLAIN}
        | {"failure": asdict(trial.failure) if trial.failure else None}
        | {"assignment": trial.assignment, "metrics": dict(trial.metrics)}
        for trial in history.trials
    ]


def released() -> list[Path]:
    """List the journals of released versions."""
    return sorted(JOURNALS.glob("*.sqlite"))


@pytest.fixture(params=released(), ids=lambda path: path.stem)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """Make a world whose store holds a copy of a released journal."""
    folder = tmp_path / "store" / "s20260101-000000-000000"
    folder.mkdir(parents=True)
    shutil.copy(request.param, folder / JOURNAL)
    expected = Path(request.param).with_suffix(".json")
    (tmp_path / "expected.json").write_text(expected.read_text())
    return make_world(tmp_path / "store")


def test_a_released_journal_tells_what_it_told(world: World, tmp_path: Path) -> None:
    expected = json.loads((tmp_path / "expected.json").read_text())

    assert json.loads(json.dumps(told(world.history))) == expected


def test_a_sweep_of_a_released_version_goes_on(world: World) -> None:
    trials = len(world.history.trials)
    outcome = world.resume(replace(world.history.plan.limits, max_trials=trials + 2))

    assert outcome.state == "done"
    assert len(world.history.trials) == trials + 2


def write(name: str) -> None:
    """Write a journal of the current format, without a word about this machine."""
    with tempfile.TemporaryDirectory() as folder:
        world = make_world(Path(folder) / "store")
        world.run(sweep(max_trials=8))
        history = world.history
        journal = world.folder / JOURNAL
        with sqlite3.connect(journal, isolation_level=None) as connection:
            connection.execute(ANONYMOUS_HOST)
            connection.execute(ANONYMOUS_STORE)
            connection.execute("VACUUM")
        connection.close()
        shutil.copy(journal, JOURNALS / f"{name}.sqlite")
        (JOURNALS / f"{name}.json").write_text(json.dumps(told(history), indent=1) + "\n")


if __name__ == "__main__":
    write(sys.argv[1])
