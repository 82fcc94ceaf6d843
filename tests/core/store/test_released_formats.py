"""Journals that released versions wrote stay readable, and their sweeps can be resumed.

A new format adds a file to `data/journals`. The version that is about to be released writes it, by
``python -m tests.core.store.test_released_formats NAME``. No file is ever removed or rewritten.
"""

import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from sweepwright.core.cli.app import main
from sweepwright.core.store.history import History
from sweepwright.core.store.sweep_files import JOURNAL
from tests.core.simulated_sweeps import SimulatedSweep, simulate_sweep, sweep

ANONYMOUS_HOST = (
    "UPDATE events SET body = json_set(body, '$.host', 'laptop') WHERE kind = 'session'"
)
ANONYMOUS_STORE = "UPDATE sweep SET plan = json_set(plan, '$.store', 'sweeps')"
PLAIN = ("number", "opened", "budget", "state", "value", "attempts", "reason", "started", "ended")
JOURNALS = Path(__file__).parent / "data" / "journals"
BRANCHING = JOURNALS / "branching"

CommandLine: TypeAlias = Callable[..., str]


def facts(history: History) -> list[dict[str, Any]]:
    """Return everything that a history holds of its trials."""
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
def simulated(request: pytest.FixtureRequest, tmp_path: Path) -> SimulatedSweep:
    """Return a world whose store holds a copy of a released journal."""
    folder = tmp_path / "store" / "s20260101-000000-000000"
    folder.mkdir(parents=True)
    shutil.copy(request.param, folder / JOURNAL)
    expected = Path(request.param).with_suffix(".json")
    (tmp_path / "expected.json").write_text(expected.read_text())
    return simulate_sweep(tmp_path / "store")


def test_the_history_of_a_released_journal_is_unchanged(
    simulated: SimulatedSweep, tmp_path: Path
) -> None:
    expected = json.loads((tmp_path / "expected.json").read_text())

    assert json.loads(json.dumps(facts(simulated.history))) == expected


def test_a_sweep_of_a_released_version_can_be_resumed(simulated: SimulatedSweep) -> None:
    trials = len(simulated.history.trials)
    outcome = simulated.resume(replace(simulated.history.plan.limits, max_trials=trials + 2))

    assert outcome.state == "done"
    assert len(simulated.history.trials) == trials + 2


@pytest.fixture
def branching(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """Return the command line over a copy of the sweep `branching`, in a folder with its trial.

    Version 0.1.0 ran this sweep: asha with tpe as its sampler over a nested space, two given
    assignments, an assessor, and three drivers, of which the first was killed.
    """
    folder = tmp_path / "sweeps" / "s20260101-000000-000000"
    folder.mkdir(parents=True)
    shutil.copy(BRANCHING / JOURNAL, folder)
    shutil.copy(BRANCHING / "branching_trial.py", tmp_path)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> str:
        code = main(words)
        printed = capsys.readouterr()
        assert code == 0, printed.err
        return printed.out

    return run


def test_a_released_journal_with_every_kind_of_entry_is_shown(branching: CommandLine) -> None:
    shown = branching("show")

    assert "28 trials finished, 2 failed" in shown
    assert "best 0.8739 in trial 25" in shown
    assert "threshold" in shown
    assert "0.0105 at step 1 is worse than the bound 0.03" in shown
    assert "ValueError: digits 2371749798 always fail" in shown


def test_a_released_journal_with_every_kind_of_entry_is_exported_as_before(
    branching: CommandLine,
) -> None:
    assert branching("export", "--format", "jsonl") == (BRANCHING / "export.jsonl").read_text()


def test_a_released_journal_with_every_kind_of_entry_is_written_for_tensorboard(
    branching: CommandLine, tmp_path: Path
) -> None:
    pytest.importorskip("tensorboard")
    branching("tensorboard", "--write-only")
    runs = {file.parent.name for file in tmp_path.glob("sweeps/*/tensorboard/**/*tfevents*")}

    assert runs == {"tensorboard", *(f"trial-{number}" for number in range(30))}


def test_a_released_journal_with_every_kind_of_entry_is_resumed(branching: CommandLine) -> None:
    """What had ended stays as it was; only promotions may add to it."""
    before = [json.loads(line) for line in branching("export", "--format", "jsonl").splitlines()]
    branching("resume", "max_trials=33", "concurrency=2")
    after = [json.loads(line) for line in branching("export", "--format", "jsonl").splitlines()]

    assert len(after) == 33
    for old, new in zip(before, after, strict=False):
        assert new["assignment"] == old["assignment"]
        assert new["measurements"][: len(old["measurements"])] == old["measurements"]
        if not old["measurements"]:
            assert new == old


def write(name: str) -> None:
    """Write a journal of the current format, with nothing in it about this machine."""
    with tempfile.TemporaryDirectory() as folder:
        simulated = simulate_sweep(Path(folder) / "store")
        simulated.run(sweep(max_trials=8))
        history = simulated.history
        journal = simulated.folder / JOURNAL
        with sqlite3.connect(journal, isolation_level=None) as connection:
            connection.execute(ANONYMOUS_HOST)
            connection.execute(ANONYMOUS_STORE)
            connection.execute("VACUUM")
        connection.close()
        shutil.copy(journal, JOURNALS / f"{name}.sqlite")
        (JOURNALS / f"{name}.json").write_text(json.dumps(facts(history), indent=1) + "\n")


if __name__ == "__main__":
    write(sys.argv[1])
