"""Sweeps that crash, are interrupted or out of time, and sweeps that are resumed."""

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import TrialCode
from sweepwright.core.driver.study import Study
from sweepwright.core.driver.sweep import CHANGED_SOURCE, resume_sweep
from sweepwright.core.plan.plan import Limits, Plan, Selection
from sweepwright.core.plan.trial_files import hash_sources
from sweepwright.core.registry.registry import Registry
from sweepwright.core.store.store_errors import StoreError
from sweepwright.events import (
    Failure,
    Measured,
    Started,
    StudyEvent,
)
from sweepwright.testing.simulated import Behavior
from tests.core.examples import plan
from tests.core.simulated_sweeps import (
    CrashError,
    CrashesAt,
    Plugin,
    RecordingDisplay,
    SimulatedSweep,
    crash,
    outcomes,
    simulate_sweep,
    sweep,
)


@pytest.mark.parametrize("turn", range(40))
def test_a_crash_in_any_turn_loses_and_doubles_nothing(turn: int, tmp_path: Path) -> None:
    undisturbed = simulate_sweep(tmp_path / "calm")
    crashed = simulate_sweep(tmp_path / "stormy")
    undisturbed.run(sweep())
    try:
        crashed.run(sweep(), RecordingDisplay(turn, crash))
    except CrashError:
        crashed.resume()

    assert outcomes(crashed.history) == outcomes(undisturbed.history)
    assert len(crashed.cluster.runs) == len(undisturbed.cluster.runs)


def test_jobs_that_outlive_a_driver_are_reattached_and_not_run_again(tmp_path: Path) -> None:
    undisturbed, crashed = simulate_sweep(tmp_path / "calm"), simulate_sweep(tmp_path / "stormy")
    undisturbed.run(sweep())
    with pytest.raises(CrashError):
        crashed.run(sweep(), CrashesAt(Measured))
    running = [name for name, run in crashed.cluster.runs.items() if not run.ending]
    crashed.resume()

    assert running
    assert len(crashed.cluster.runs) == len(undisturbed.cluster.runs)
    assert outcomes(crashed.history) == outcomes(undisturbed.history)


def test_jobs_that_die_with_their_driver_run_again_as_a_new_attempt(tmp_path: Path) -> None:
    mortal = Selection("platform", "simulated", {"outlives": False})
    undisturbed, crashed = simulate_sweep(tmp_path / "calm"), simulate_sweep(tmp_path / "stormy")
    undisturbed.run(sweep(platform=mortal))
    with pytest.raises(CrashError):
        crashed.run(sweep(platform=mortal), CrashesAt(Started))
    crashed.resume()

    assert outcomes(crashed.history) == outcomes(undisturbed.history)
    assert len(crashed.cluster.runs) > len(undisturbed.cluster.runs)


def test_a_resume_may_raise_max_trials(simulated: SimulatedSweep) -> None:
    simulated.run(sweep(max_trials=5))
    outcome = simulated.resume(replace(simulated.history.plan.limits, max_trials=9, concurrency=1))

    assert outcome.state == "done"
    assert [trial.number for trial in simulated.history.trials] == list(range(9))
    assert simulated.history.plan.limits.max_trials == 9


def test_a_long_sweep_resumes_as_if_it_had_not_been_interrupted(tmp_path: Path) -> None:
    undisturbed, long = simulate_sweep(tmp_path / "calm"), simulate_sweep(tmp_path / "long")
    undisturbed.run(sweep(max_trials=420))
    long.run(sweep(max_trials=400))
    long.resume(replace(long.history.plan.limits, max_trials=420))

    assert outcomes(long.history) == outcomes(undisturbed.history)


def test_a_resume_without_new_limits_keeps_the_last(simulated: SimulatedSweep) -> None:
    simulated.run(sweep(max_trials=3))
    simulated.resume(replace(simulated.history.plan.limits, max_trials=5))
    simulated.resume()

    assert len(simulated.history.trials) == 5


def test_a_resume_names_a_missing_plugin(simulated: SimulatedSweep) -> None:
    simulated.run(sweep(max_trials=2))
    elsewhere = Registry.of({"here": Plugin(simulated.cluster)})
    outcome, _ = resume_sweep(simulated.folder, elsewhere, RecordingDisplay())

    assert outcome.exit_code == 1
    assert "hashed" in outcome.reason
    assert simulated.history.state == "done"


def test_a_resume_returns_the_history_of_all_sessions(simulated: SimulatedSweep) -> None:
    """It is folded from entries that were replayed and from those that the resume added."""
    simulated.run(sweep(max_trials=5))
    _, history = resume_sweep(
        simulated.folder,
        simulated.registry,
        RecordingDisplay(),
        lambda plan: replace(plan, limits=replace(plan.limits, max_trials=9)),
    )

    assert outcomes(history) == outcomes(simulated.history)
    assert len(history.trials) == 9


def test_a_second_driver_exits_at_once_and_names_the_first(simulated: SimulatedSweep) -> None:
    def second() -> None:
        with pytest.raises(StoreError, match=f"is being driven by process {os.getpid()}"):
            simulated.resume()

    assert simulated.run(sweep(max_trials=2), RecordingDisplay(1, second)).state == "done"


def test_a_resume_with_another_trial_source_says_so(tmp_path: Path) -> None:
    source = tmp_path / "example.py"
    source.write_text("one")
    code = TrialCode("example", plan().code.roles, folder=str(tmp_path))
    simulated = simulate_sweep(tmp_path / "store")
    display = RecordingDisplay()
    simulated.run(sweep(code=code, source_hash=hash_sources(code), max_trials=2))
    simulated.resume(None, display)
    assert display.said == []

    source.write_text("two")
    simulated.resume(None, display)
    assert display.said == [CHANGED_SOURCE]


def test_one_interrupt_drains_and_the_sweep_can_be_resumed(simulated: SimulatedSweep) -> None:
    calm_trials = 12
    display = RecordingDisplay(3, lambda: os.kill(os.getpid(), signal.SIGINT))
    outcome = simulated.run(sweep(), display)
    drained = simulated.history

    assert (outcome.state, outcome.exit_code) == ("interrupted", 130)
    assert any("waiting for running trials" in line for line in display.said)
    assert all(trial.state.value != "running" for trial in drained.trials)
    assert drained.state == "interrupted"

    simulated.resume()
    assert len(simulated.history.trials) == calm_trials


def test_two_interrupts_stop_now_and_the_sweep_can_be_resumed(tmp_path: Path) -> None:
    undisturbed, stopped = simulate_sweep(tmp_path / "calm"), simulate_sweep(tmp_path / "stopped")
    undisturbed.run(sweep())

    outcome = stopped.run(on_mortal_platform(), InterruptsTwice())
    assert outcome.exit_code == 143
    assert any(trial.state.value == "running" for trial in stopped.history.trials)

    stopped.resume()
    assert outcomes(stopped.history) == outcomes(undisturbed.history)


def on_mortal_platform(**changes: Any) -> Plan:
    """Plan a sweep whose jobs die with their driver."""
    return sweep(platform=Selection("platform", "simulated", {"outlives": False}), **changes)


def test_jobs_that_would_outlive_a_stopped_driver_are_cancelled(tmp_path: Path) -> None:
    undisturbed, stopped = simulate_sweep(tmp_path / "calm"), simulate_sweep(tmp_path / "stopped")
    undisturbed.run(sweep())
    display = InterruptsTwice()
    outcome = stopped.run(sweep(), display)

    assert outcome.exit_code == 143
    assert all(run.ending for run in stopped.cluster.runs.values())
    assert {trial.state.value for trial in stopped.history.trials} <= {"due", "measured"}
    assert display.said[-2].endswith("stopping now; a resume runs the interrupted trials again")
    assert display.said[-1].startswith("cancelling the jobs that would go on")

    stopped.resume()
    assert outcomes(stopped.history) == outcomes(undisturbed.history)


def test_a_stopped_attempt_uses_up_no_retry(tmp_path: Path) -> None:
    simulated = simulate_sweep(tmp_path, lambda *_: Behavior(result=1.0))
    simulated.run(sweep(retries={}, max_trials=3), InterruptsTwice())
    simulated.resume(display=InterruptsTwice())
    simulated.resume()

    assert [trial.state.value for trial in simulated.history.trials] == ["measured"] * 3
    assert max(trial.attempts for trial in simulated.history.trials) == 3


def test_a_job_whose_end_is_not_seen_is_cancelled_by_the_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform does not answer in time, and the driver may not wait for ever."""
    monkeypatch.setattr("sweepwright.core.driver.ending.withdrawal.CANCEL_SECONDS", 0.0)
    simulated = simulate_sweep(tmp_path, lambda *_: Behavior(100.0, result=1.0))
    cancelled: list[str] = []

    def deaf(name: str, _failure: Failure) -> None:
        cancelled.append(name)

    with monkeypatch.context() as patch:
        patch.setattr(simulated.cluster, "cancel", deaf)
        display = InterruptsTwice(2)
        simulated.run(sweep(max_trials=2, concurrency=2), display)
    left = [name for name, run in simulated.cluster.runs.items() if not run.ending]

    assert len(left) == 2
    assert set(left) == set(cancelled)
    assert display.said[-1] == "2 jobs may still run; a resume or `cleanup` cancels them"

    simulated.resume()

    assert all(simulated.cluster.runs[name].ending for name in left)
    assert [trial.state.value for trial in simulated.history.trials] == ["measured"] * 2


def test_drain_timeout_stops_the_trials_that_still_run(tmp_path: Path) -> None:
    undisturbed, stopped = simulate_sweep(tmp_path / "calm"), simulate_sweep(tmp_path / "stopped")
    undisturbed.run(sweep())
    display = RecordingDisplay(3, lambda: os.kill(os.getpid(), signal.SIGINT))
    limits = replace(sweep().limits, drain_timeout=1e-9)
    outcome = stopped.run(on_mortal_platform(limits=limits), display)

    assert outcome.exit_code == 130
    assert display.said[-1] == (
        "drain_timeout is over: stopping now; a resume runs the interrupted trials again"
    )
    assert any(trial.state.value == "running" for trial in stopped.history.trials)

    stopped.resume()
    assert outcomes(stopped.history) == outcomes(undisturbed.history)


class InterruptsTwice(RecordingDisplay):
    """A display that interrupts the driver twice as soon as so many trials have started."""

    def __init__(self, starts: int = 1) -> None:
        super().__init__()
        self._starts = starts

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Send both signals at once."""
        super().update(study, events)
        self._starts -= sum(isinstance(event, Started) for event in events)
        if self._starts <= 0:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)


def test_signals_are_handled_as_before_once_the_sweep_is_over(simulated: SimulatedSweep) -> None:
    before = signal.getsignal(signal.SIGINT)
    simulated.run(sweep(max_trials=1))

    assert signal.getsignal(signal.SIGINT) is before


def test_max_duration_lets_running_trials_finish(
    simulated: SimulatedSweep,
) -> None:
    outcome = simulated.run(sweep(limits=Limits(max_trials=None, max_duration=0.0, concurrency=2)))

    assert outcome.reason == "max_duration is over"
    assert 1 <= len(simulated.history.trials) <= 4


def test_max_duration_includes_the_time_of_earlier_drivers(simulated: SimulatedSweep) -> None:
    simulated.run(sweep(limits=Limits(max_trials=3, max_duration=100.0, concurrency=1)))
    spent = simulated.history
    assert spent.ended is not None
    seconds = spent.ended - spent.created
    outcome = simulated.resume(Limits(max_trials=500, max_duration=seconds / 2, concurrency=1))

    assert outcome.reason == "max_duration is over"
