"""The ladders of a sweep as its journal tells of them, and what beginning anew cost."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Bracket, Job, Rung
from sweepwright.core.plan.plan import Plan
from sweepwright.core.store.history import History
from sweepwright.core.views.rungs import BegunAnew, anew_line, begun_anew, count_rungs, rung_table
from sweepwright.core.views.summary import best_lines, describe_sweep
from sweepwright.events import Failure, FailureKind
from sweepwright.testing.simulated import Act
from tests.core.driver.test_budget_sweeps import climbing, world_of
from tests.core.worlds import CrashError, Watcher, crash

HALVING = (Bracket((Rung(1, 13), Rung(3, 4), Rung(9, 1))),)


def planned(**changes: Any) -> Plan:
    """Make the plan of successive halving with 13 trials."""
    return climbing("halving", brackets=HALVING, reproducible=False, **changes)


def run(store: Path, acting: Any, **changes: Any) -> History:
    """Run such a sweep."""
    world = world_of(store, acting)
    world.run(planned(**changes))
    return world.history


def better(_: Any, job: Job) -> Act:
    """Be better the higher the number, and the larger the budget."""
    return Act(5, result=job.trial + job.attempt / 10, continued=job.trial != 12)


def test_rungs_tell_how_many_went_on_and_who_stayed(tmp_path: Path) -> None:
    history = run(tmp_path, better)

    assert rung_table(history) == [
        ("bracket", "epochs", "trials", "went on", "stayed", "best"),
        ("0", "1", "13", "4", "9", "12.1"),
        ("", "3", "4", "1", "3", "12.2"),
        ("", "9", "1", "", "1", "12.3"),
    ]


def test_a_trial_that_took_no_checkpoint_up_began_anew(tmp_path: Path) -> None:
    """Trial 12 goes on twice, and each time spends again what it had spent."""
    history = run(tmp_path, better)

    assert begun_anew(history) == BegunAnew(trials=2, of=5, budget=4.0)
    assert anew_line(history) == [
        "2 of 5 that inherited a checkpoint began anew: 4 epochs were spent twice"
    ]


def test_nothing_is_said_of_beginning_anew_where_nobody_did(tmp_path: Path) -> None:
    history = run(tmp_path, lambda _, job: replace(better(_, job), continued=True))

    assert anew_line(history) == []


def test_while_a_sweep_runs_some_may_go_on(tmp_path: Path) -> None:
    world = world_of(tmp_path, better)
    with pytest.raises(CrashError):
        world.run(planned(), Watcher(16, crash))
    going = replace(world.history, state="running")
    ((first, *above),) = count_rungs(going)

    assert first.may_go_on == min(first.stayed + first.may_go_on, 4 - above[0].begun) > 0
    assert [rung.may_go_on for rung in count_rungs(world.history)[0]] == [0, 0, 0]


def test_those_that_failed_or_were_never_of_a_bracket_are_told_apart(tmp_path: Path) -> None:
    def fails(_: Any, job: Job) -> Act:
        failure = Failure(FailureKind.EXIT, "no") if job.trial % 2 else None
        return Act(5, result=1.0, failure=failure)

    given = ({"lr": 0.5, "layers": 1, "activation": "tanh"},)
    history = run(tmp_path, fails, start=given)
    ((first, second, last),) = count_rungs(history)

    assert (first.begun, first.failed, first.went_on) == (13, 7, 4)
    assert (second.begun, last.begun) == (4, 1)


def test_the_best_measurement_counts_whatever_became_of_its_trial(tmp_path: Path) -> None:
    """Trial 12 is the best at 1 epoch, and fails at 3."""

    def falls(_: Any, job: Job) -> Act:
        failure = Failure(FailureKind.EXIT, "no") if job.attempt > 1 and job.trial == 12 else None
        return Act(5, result=10.0 * job.trial - job.attempt, failure=failure)

    world = world_of(tmp_path, falls)
    watcher = Watcher()
    world.run(planned(), watcher)
    best = world.history.best

    assert best
    assert (best.number, best.value, str(best.state)) == (12, 119.0, "failed")
    assert best.best
    assert best.best.budget == 1
    assert best_lines(best, planned().objective)[0] == "  objective   119"
    assert "best trial: 12 (objective maximized, at 1 epoch)" in describe_sweep(
        world.history, "run.py"
    )
