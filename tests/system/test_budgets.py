"""Sweeps with budgets on real digits: promoted trials go on from their checkpoints."""

from itertools import groupby
from pathlib import Path

import pytest

from sweepwright.core.store.history import read_history
from sweepwright.events import Reported
from tests.core.recorded_sweeps import read_events
from tests.forked_commands import run_forked


def run(store: Path, *words: str) -> Path:
    """Run a sweep to its end; return its folder."""
    done = run_forked([f"store.path={store}", *words], timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = store.iterdir()
    return folder


def attempts(folder: Path) -> dict[int, list[list[Reported]]]:
    """Read what each attempt of each trial reported before its final result, in order."""
    found: dict[int, list[list[Reported]]] = {}
    events = (entry.event for entry in read_events(folder))
    reports = [event for event in events if isinstance(event, Reported) and not event.final]
    reports.sort(key=lambda report: (report.trial.number, report.attempt, report.sequence))
    for (number, _), group in groupby(reports, key=lambda r: (r.trial.number, r.attempt)):
        found.setdefault(number, []).append(list(group))
    return found


@pytest.mark.parametrize("tuner", ["hyperband", pytest.param("asha", marks=pytest.mark.ci_only)])
def test_promoted_trials_of_real_digits_go_on_beyond_the_budget_they_had(
    tuner: str, tmp_path: Path
) -> None:
    folder = run(tmp_path / "store", f"tuner={tuner}", "trial=mnist", "framework=sklearn")
    history = read_history(folder)
    promoted = {number: all_ for number, all_ in attempts(folder).items() if len(all_) > 1}

    assert history.state == "done"
    assert history.best
    assert (history.best.value or 0) > 0.9
    assert promoted
    for first, *others in promoted.values():
        assert not any(report.continued for report in first)
        last = first[-1].metrics["epoch"]
        for reports in others:
            assert all(report.continued for report in reports)
            assert reports[0].metrics["epoch"] == last + 1
            last = reports[-1].metrics["epoch"]


def test_a_population_inherits_across_trials(tmp_path: Path) -> None:
    """A trial that takes another's place begins where that one was."""
    folder = run(
        tmp_path / "store",
        *("tuner=pbt", "tuner.population=4", "tuner.fraction=0.25", "budget.maximum=6"),
    )
    reports = attempts(folder)
    late = {number: all_ for number, all_ in reports.items() if number >= 4}

    assert len(late) == 2
    for (first, *_), budget in zip(late.values(), (4, 6), strict=True):
        assert first[0].continued
        assert first[0].metrics["epoch"] == budget - 1
