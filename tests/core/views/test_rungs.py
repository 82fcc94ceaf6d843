"""The rungs of a sweep as its history shows them, and the cost of trials that started over."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Bracket, Job, Rung
from sweepwright.core.plan.plan import Plan
from sweepwright.core.store.history import History
from sweepwright.core.views.rungs import (
    Restarts,
    count_restarts,
    restart_lines,
    rung_table,
    summarise_rungs,
)
from sweepwright.core.views.summary import best_lines, describe_sweep
from sweepwright.events import Failure, FailureKind
from sweepwright.testing.simulated import Behavior
from tests.core.driver.test_budget_sweeps import promoting_plan, simulate_with_budgets
from tests.core.simulated_sweeps import CrashError, RecordingDisplay, crash

HALVING = (Bracket((Rung(1, 13), Rung(3, 4), Rung(9, 1))),)


def planned(**changes: Any) -> Plan:
    """Make the plan of successive halving with 13 trials."""
    return promoting_plan("halving", brackets=HALVING, reproducible=False, **changes)


def run(store: Path, behavior_of: Any, **changes: Any) -> History:
    """Run such a sweep."""
    simulated = simulate_with_budgets(store, behavior_of)
    simulated.run(planned(**changes))
    return simulated.history


def better(_: Any, job: Job) -> Behavior:
    """Be better the higher the number, and the larger the budget."""
    return Behavior(5, result=job.trial + job.attempt / 10, continued=job.trial != 12)


def test_rungs_show_how_many_trials_were_promoted(tmp_path: Path) -> None:
    history = run(tmp_path, better)

    assert rung_table(history) == [
        ("bracket", "epochs", "trials", "promoted", "not promoted", "best"),
        ("0", "1", "13", "4", "9", "12.1"),
        ("", "3", "4", "1", "3", "12.2"),
        ("", "9", "1", "", "1", "12.3"),
    ]


def test_a_trial_that_ignores_its_checkpoint_starts_over(tmp_path: Path) -> None:
    """Trial 12 is promoted twice, and each time repeats the budget that it had spent."""
    history = run(tmp_path, better)

    assert count_restarts(history) == Restarts(count=2, of=5, budget=4.0)
    assert restart_lines(history) == [
        "2 of 5 trials that inherited a checkpoint started over: 4 epochs were spent twice"
    ]


def test_no_line_about_restarts_when_every_trial_continued(tmp_path: Path) -> None:
    history = run(tmp_path, lambda _, job: replace(better(_, job), continued=True))

    assert restart_lines(history) == []


def test_trials_are_promotable_only_while_the_sweep_runs(tmp_path: Path) -> None:
    simulated = simulate_with_budgets(tmp_path, better)
    with pytest.raises(CrashError):
        simulated.run(planned(), RecordingDisplay(16, crash))
    running = replace(simulated.history, state="running")
    ((first, *above),) = summarise_rungs(running)

    assert first.promotable == min(first.not_promoted + first.promotable, 4 - above[0].trials) > 0
    assert [rung.promotable for rung in summarise_rungs(simulated.history)[0]] == [0, 0, 0]


def test_failed_trials_are_counted_apart_and_given_assignments_not_at_all(tmp_path: Path) -> None:
    def fails(_: Any, job: Job) -> Behavior:
        failure = Failure(FailureKind.EXIT, "no") if job.trial % 2 else None
        return Behavior(5, result=1.0, failure=failure)

    given = ({"lr": 0.5, "layers": 1, "activation": "tanh"},)
    history = run(tmp_path, fails, start=given)
    ((first, second, last),) = summarise_rungs(history)

    assert (first.trials, first.failed, first.promoted) == (13, 7, 4)
    assert (second.trials, last.trials) == (4, 1)


def test_the_best_measurement_counts_even_if_its_trial_fails_later(tmp_path: Path) -> None:
    """Trial 12 is the best at 1 epoch, and fails at 3 epochs."""

    def falls(_: Any, job: Job) -> Behavior:
        failure = Failure(FailureKind.EXIT, "no") if job.attempt > 1 and job.trial == 12 else None
        return Behavior(5, result=10.0 * job.trial - job.attempt, failure=failure)

    simulated = simulate_with_budgets(tmp_path, falls)
    display = RecordingDisplay()
    simulated.run(planned(), display)
    best = simulated.history.best

    assert best
    assert (best.number, best.value, str(best.state)) == (12, 119.0, "failed")
    assert best.best
    assert best.best.budget == 1
    assert best_lines(best, planned().objective)[0] == "  objective   119"
    assert "best trial: 12 (objective maximized, at 1 epoch)" in describe_sweep(
        simulated.history, "run.py"
    )
