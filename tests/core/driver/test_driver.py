"""Whole simulated sweeps, from the first suggestion to the outcome."""

import os
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Job
from sweepwright.core.driver import trial_opener
from sweepwright.core.driver.preview.cost_estimate import worst_case
from sweepwright.core.plan.plan import Limits, Selection
from sweepwright.events import (
    FailureKind,
    Opened,
)
from sweepwright.testing.simulated import (
    Behavior,
    duplicated,
    reordered,
)
from tests.core.recorded_sweeps import read_events
from tests.core.simulated_sweeps import (
    CRASH,
    CrashError,
    RecordingDisplay,
    SimulatedSweep,
    act,
    crash,
    outcomes,
    simulate_sweep,
    sweep,
)


def test_a_sweep_runs_to_its_end(simulated: SimulatedSweep) -> None:
    outcome = simulated.run(sweep(max_trials=60))
    history = simulated.history

    assert (outcome.state, outcome.exit_code, history.state) == ("done", 0, "done")
    assert [trial.number for trial in history.trials] == list(range(60))
    assert {trial.state.value for trial in history.trials} == {"measured", "failed"}
    assert history.best is not None
    assert history.best.value == max(t.value for t in history.trials if t.value is not None)


def test_nothing_is_launched_that_is_not_in_the_journal(tmp_path: Path) -> None:
    def look(assignment: Any, job: Job) -> Behavior:
        entries = read_events(next(iter((tmp_path / "store").iterdir())))
        events = [entry.event for entry in entries if entry.event.trial.number == job.trial]
        assert isinstance(events[0], Opened)
        return act(assignment, job)

    assert simulate_sweep(tmp_path / "store", look).run(sweep()).state == "done"


def test_speed_changes_nothing_in_a_reproducible_sweep(tmp_path: Path) -> None:
    """Results arrive at other times and in another order, and the sweep is the same."""

    def slower(assignment: Any, job: Job) -> Behavior:
        done = act(assignment, job)
        return replace(done, seconds=1 + (int(assignment["lr"] * 1e7) % 29))

    fast, slow = simulate_sweep(tmp_path / "fast"), simulate_sweep(tmp_path / "slow", slower)
    fast.run(sweep(max_trials=40))
    slow.run(sweep(max_trials=40))

    assert outcomes(fast.history) == outcomes(slow.history)


@pytest.mark.parametrize("reproducible", [True, False])
def test_a_turn_opens_few_enough_trials_to_notice_a_signal(
    simulated: SimulatedSweep, monkeypatch: pytest.MonkeyPatch, *, reproducible: bool
) -> None:
    """With a concurrency of a million, opening all trials in one turn takes minutes."""
    monkeypatch.setattr(trial_opener, "MOST_OPENED", 10)

    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    plan = sweep(concurrency=35, max_trials=35, reproducible=reproducible)
    outcome = simulated.run(plan, RecordingDisplay(at=1, then=interrupt))

    assert outcome.exit_code == 130
    assert len(simulated.history.trials) == 20
    assert simulated.resume().state == "done"
    assert len(simulated.history.trials) == 35


def test_another_seed_is_another_sweep(tmp_path: Path) -> None:
    one, two = simulate_sweep(tmp_path / "one"), simulate_sweep(tmp_path / "two")
    one.run(sweep(seed=1))
    two.run(sweep(seed=2))

    assert outcomes(one.history) != outcomes(two.history)


def test_a_sweep_whose_trials_all_fail_has_the_most_common_reason(
    tmp_path: Path,
) -> None:
    simulated = simulate_sweep(tmp_path / "store", lambda *_: Behavior(1, failure=CRASH))
    outcome = simulated.run(sweep(max_trials=4))

    assert (outcome.state, outcome.exit_code) == ("failed", 1)
    assert outcome.reason == "no trial succeeded; 4 of 4: ValueError: bad lr"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("distort", [duplicated, reordered])
def test_lines_read_twice_or_out_of_order_change_nothing(
    distort: Any, seed: int, tmp_path: Path
) -> None:
    undisturbed = simulate_sweep(tmp_path / "calm")
    garbled = simulate_sweep(tmp_path / "noisy", distort=distort)
    undisturbed.run(sweep(seed=seed))
    garbled.run(sweep(seed=seed, platform=Selection("platform", "simulated", {"tick": 1.0})))

    assert outcomes(garbled.history) == outcomes(undisturbed.history)


def test_a_line_that_is_not_a_report_is_mentioned_once_and_ignored(tmp_path: Path) -> None:
    simulated = simulate_sweep(
        tmp_path / "store", lambda *_: Behavior(1, lines=["hello", "world"], result=1.0)
    )
    display = RecordingDisplay()
    outcome = simulated.run(sweep(max_trials=1), display)

    assert outcome.state == "done"
    assert len(display.said) == 1
    assert "'hello'" in display.said[0]


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("concurrency", [1, 2, 3, 7])
def test_no_sweep_takes_longer_than_its_worst_case_cost(
    tmp_path: Path, stride: int, concurrency: int
) -> None:
    """Every n-th trial fails until its retries are used up, and some end early."""

    def fail_often(_: Any, job: Job) -> Behavior:
        hopeless = job.trial % stride == 0 or job.attempt <= job.trial % 3
        return Behavior(10 - job.trial % stride, result=1, failure=CRASH if hopeless else None)

    simulated = simulate_sweep(tmp_path, fail_often)
    limits = Limits(11, concurrency=concurrency, retries={FailureKind.ERROR: 2})
    planned = sweep(limits=limits, reproducible=False)
    simulated.run(planned)
    cost = worst_case(planned, trial_seconds=10)

    assert cost.max_seconds
    assert simulated.cluster.now <= cost.max_seconds
    assert simulated.cluster.now == cost.max_seconds or stride > 1
    assert len(simulated.cluster.runs) <= (cost.attempts or 0)


STARTS = (
    {"lr": 0.5, "layers": 1, "activation": "tanh"},
    {"lr": 0.25, "layers": 4, "activation": "relu"},
    {"lr": 0.125, "layers": 2, "activation": "relu"},
)


@pytest.mark.parametrize("reproducible", [False, True])
def test_start_assignments_are_tried_before_the_tuner_is_asked(
    simulated: SimulatedSweep, *, reproducible: bool
) -> None:
    simulated.run(sweep(start=STARTS, max_trials=6, reproducible=reproducible))
    assignments = [trial.assignment for trial in simulated.history.trials]

    assert assignments[:3] == list(STARTS)
    assert len(assignments) == 6
    assert assignments[3] not in STARTS


@pytest.mark.parametrize("turn", [0, 1, 2, 3, 5, 8])
def test_a_crash_among_start_assignments_loses_and_doubles_nothing(
    turn: int, tmp_path: Path
) -> None:
    undisturbed, crashed = simulate_sweep(tmp_path / "calm"), simulate_sweep(tmp_path / "stormy")
    given = sweep(start=STARTS, concurrency=2)
    undisturbed.run(given)
    with suppress(CrashError):
        crashed.run(given, RecordingDisplay(turn, crash))
    crashed.resume()

    assert outcomes(crashed.history) == outcomes(undisturbed.history)


def test_max_trials_limits_start_assignments_too(simulated: SimulatedSweep) -> None:
    simulated.run(sweep(start=STARTS, max_trials=2))

    assert [trial.assignment for trial in simulated.history.trials] == list(STARTS[:2])
