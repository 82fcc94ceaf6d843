"""Whole simulated sweeps: crashes in every turn, reattaching, interruption, faulty plugins."""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import AssessorProvider, Job, TrialCode, TunerProvider
from sweepwright.core.driver.cost_estimate import worst_case
from sweepwright.core.driver.study import Study
from sweepwright.core.driver.sweep import CHANGED_SOURCE, resume_sweep
from sweepwright.core.plan.plan import Limits, Selection
from sweepwright.core.plan.trial_files import hash_sources
from sweepwright.core.registry.registry import Registry
from sweepwright.core.store.sweep_files import StoreError
from sweepwright.events import (
    Event,
    FailureKind,
    Measured,
    Opened,
    Promote,
    Start,
    Started,
    Stopped,
    StudyEvent,
    Suggestion,
    Trial,
)
from sweepwright.testing.simulated import (
    Act,
    duplicated,
    reordered,
)
from tests.core.examples import plan
from tests.core.recorded_sweeps import read_events
from tests.core.simulated_sweeps import (
    CRASH,
    CrashError,
    CrashesAt,
    NoOptions,
    Plugin,
    RecordingDisplay,
    SimulatedSweep,
    act,
    crash,
    outcomes,
    simulate_sweep,
    sweep,
)


@pytest.fixture
def simulated(tmp_path: Path) -> SimulatedSweep:
    """Simulate a sweep of the usual trials."""
    return simulate_sweep(tmp_path / "store", act)


def test_a_sweep_runs_to_its_end(simulated: SimulatedSweep) -> None:
    outcome = simulated.run(sweep(max_trials=60))
    history = simulated.history

    assert (outcome.state, outcome.exit_code, history.state) == ("done", 0, "done")
    assert [trial.number for trial in history.trials] == list(range(60))
    assert {trial.state.value for trial in history.trials} == {"measured", "failed"}
    assert history.best is not None
    assert history.best.value == max(t.value for t in history.trials if t.value is not None)


def test_nothing_is_launched_that_is_not_in_the_journal(tmp_path: Path) -> None:
    def look(assignment: Any, job: Job) -> Act:
        entries = read_events(next(iter((tmp_path / "store").iterdir())))
        events = [entry.event for entry in entries if entry.event.trial.number == job.trial]
        assert isinstance(events[0], Opened)
        return act(assignment, job)

    assert simulate_sweep(tmp_path / "store", look).run(sweep()).state == "done"


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


def test_speed_changes_nothing_in_a_reproducible_sweep(tmp_path: Path) -> None:
    """Results arrive at other times and in another order, and the sweep is the same."""

    def slower(assignment: Any, job: Job) -> Act:
        done = act(assignment, job)
        return replace(done, seconds=1 + (int(assignment["lr"] * 1e7) % 29))

    fast, slow = simulate_sweep(tmp_path / "fast"), simulate_sweep(tmp_path / "slow", slower)
    fast.run(sweep(max_trials=40))
    slow.run(sweep(max_trials=40))

    assert outcomes(fast.history) == outcomes(slow.history)


def test_another_seed_is_another_sweep(tmp_path: Path) -> None:
    one, two = simulate_sweep(tmp_path / "one"), simulate_sweep(tmp_path / "two")
    one.run(sweep(seed=1))
    two.run(sweep(seed=2))

    assert outcomes(one.history) != outcomes(two.history)


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


def test_a_sweep_whose_trials_all_fail_has_the_most_common_reason(
    tmp_path: Path,
) -> None:
    simulated = simulate_sweep(tmp_path / "store", lambda *_: Act(1, failure=CRASH))
    outcome = simulated.run(sweep(max_trials=4))

    assert (outcome.state, outcome.exit_code) == ("failed", 1)
    assert outcome.reason == "no trial succeeded; 4 of 4: ValueError: bad lr"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("garble", [duplicated, reordered])
def test_lines_read_twice_or_out_of_order_change_nothing(
    garble: Any, seed: int, tmp_path: Path
) -> None:
    undisturbed = simulate_sweep(tmp_path / "calm")
    garbled = simulate_sweep(tmp_path / "noisy", garble=garble)
    undisturbed.run(sweep(seed=seed))
    garbled.run(sweep(seed=seed, platform=Selection("platform", "simulated", {"tick": 1.0})))

    assert outcomes(garbled.history) == outcomes(undisturbed.history)


def test_a_line_that_is_not_a_report_is_mentioned_once_and_ignored(tmp_path: Path) -> None:
    simulated = simulate_sweep(
        tmp_path / "store", lambda *_: Act(1, lines=["hello", "world"], result=1.0)
    )
    display = RecordingDisplay()
    outcome = simulated.run(sweep(max_trials=1), display)

    assert outcome.state == "done"
    assert len(display.said) == 1
    assert "'hello'" in display.said[0]


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

    outcome = stopped.run(sweep(), InterruptsTwice())
    assert outcome.exit_code == 143
    assert any(trial.state.value == "running" for trial in stopped.history.trials)

    stopped.resume()
    assert outcomes(stopped.history) == outcomes(undisturbed.history)


class InterruptsTwice(RecordingDisplay):
    """A display that interrupts the driver twice as soon as a trial runs."""

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Send both signals at once."""
        super().update(study, events)
        if any(isinstance(event, Started) for event in events):
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


class RaisesAtMeasurement:
    """A tuner that raises when it is told a measurement."""

    def __init__(self, *_: Any) -> None:
        self.broken = True

    def ask(self, count: int) -> list[Suggestion]:
        """Suggest the same assignment each time."""
        return [Start({"lr": 0.01, "layers": 1, "activation": "relu"})] * count

    def tell(self, event: Event) -> None:
        """Raise."""
        if isinstance(event, Measured):
            raise RuntimeError("I do not want to know")  # noqa: TRY004 - of a test


def test_an_error_in_a_tuner_names_it_and_ends_the_sweep_as_failed(tmp_path: Path) -> None:
    grumpy = TunerProvider("grumpy", NoOptions, RaisesAtMeasurement)
    simulated = simulate_sweep(tmp_path / "store", lambda *_: Act(1, result=1.0), tuners=[grumpy])
    outcome = simulated.run(sweep(tuner=Selection("tuner", "grumpy")))

    assert (outcome.state, outcome.exit_code) == ("failed", 1)
    assert outcome.reason == "tuner `grumpy` failed: RuntimeError: I do not want to know"
    assert simulated.history.state == "failed"


class PromotesOneTrial:
    """Starts one trial and promotes it, rung by rung, until it fails."""

    def __init__(self, *_: Any) -> None:
        self.next: list[Suggestion] = [Start({"lr": 0.01, "layers": 1, "activation": "relu"}, 1.0)]

    def ask(self, _count: int) -> list[Suggestion]:
        """Suggest the next rung."""
        return list(self.next)

    def tell(self, event: Event) -> None:
        """Go up a rung on each measurement."""
        self.next = []
        if isinstance(event, Measured) and (event.trial.budget or 0) < 27:
            self.next = [Promote(event.trial.number, (event.trial.budget or 0) * 3)]


def simulate_promotions(tmp_path: Path, tuner: str = "climber") -> SimulatedSweep:
    """Simulate a sweep for which the two tuners above and below are installed."""
    providers = [
        TunerProvider("climber", NoOptions, PromotesOneTrial, uses_budget=True),
        TunerProvider("greedy", NoOptions, PromotesUnknownTrial),
    ]
    simulated = simulate_sweep(tmp_path / tuner, lambda *_: Act(5, result=1.0), tuners=providers)
    assert simulated.registry.find("tuner", tuner)
    return simulated


def test_promotions_reach_the_platform_with_budget_and_checkpoint(tmp_path: Path) -> None:
    simulated = simulate_promotions(tmp_path)
    outcome = simulated.run(sweep(tuner=Selection("tuner", "climber"), max_trials=1))
    jobs = [run.job for run in simulated.cluster.runs.values()]

    assert outcome.state == "done"
    assert [(job.trial, job.attempt) for job in jobs] == [(0, 1), (0, 2), (0, 3), (0, 4)]
    assert [job.inherits and job.inherits.attempt for job in jobs] == [None, 1, 2, 3]
    assert [
        f'"budget":{b}' in run.job.environment["SWEEPWRIGHT_TRIAL"]
        for b, run in zip(
            ("1.0", "3.0", "9.0", "27.0"), simulated.cluster.runs.values(), strict=True
        )
    ] == [True] * 4


class PromotesUnknownTrial:
    """Promotes a trial that does not exist."""

    def __init__(self, *_: Any) -> None:
        self.told = 0

    def ask(self, _count: int) -> list[Suggestion]:
        """Promote it."""
        return [Promote(7, 3.0)]

    def tell(self, event: Event) -> None:
        """Count."""
        self.told += event.trial.number


def test_an_error_about_an_impossible_suggestion_names_the_tuner(tmp_path: Path) -> None:
    outcome = simulate_promotions(tmp_path, "greedy").run(
        sweep(tuner=Selection("tuner", "greedy"))
    )

    assert outcome.reason.startswith(
        "tuner `greedy` failed: ValueError: trial 7 cannot be promoted"
    )


class SuggestsNothing:
    """A tuner that suggests nothing."""

    def __init__(self, *_: Any) -> None:
        self.told = 0

    def ask(self, _count: int) -> list[Suggestion]:
        """Suggest nothing."""
        return []

    def tell(self, event: Event) -> None:
        """Count."""
        self.told += event.trial.number


def test_a_tuner_that_suggests_nothing_ends_the_sweep(tmp_path: Path) -> None:
    simulated = simulate_sweep(
        tmp_path / "s", tuners=[TunerProvider("silent", NoOptions, SuggestsNothing)]
    )
    outcome = simulated.run(sweep(tuner=Selection("tuner", "silent")))

    assert (outcome.state, outcome.reason) == ("failed", "the tuner suggested no trial")


class StopsAtSecondReport:
    """An assessor that stops every trial at its second report."""

    def __init__(self, *_: Any) -> None:
        self.told: list[Event] = []

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Stop at the second."""
        return f"trial {trial.number} is slow" if len(curve) == 2 else None

    def tell(self, event: Event) -> None:
        """Remember."""
        self.told.append(event)


def test_an_assessor_stops_trials_and_frees_their_slots(tmp_path: Path) -> None:
    assessor = AssessorProvider("strict", NoOptions, StopsAtSecondReport)
    simulated = simulate_sweep(
        tmp_path / "store",
        lambda *_: Act(100.0, reports=[1.0, 2.0, 3.0], result=4.0),
        assessors=[assessor],
    )
    outcome = simulated.run(sweep(assessor=Selection("assessor", "strict"), reproducible=False))
    history = simulated.history

    assert outcome.state == "done"
    assert {trial.state.value for trial in history.trials} == {"stopped"}
    assert history.trials[3].reason == "trial 3 is slow"
    assert all(run.ending for run in simulated.cluster.runs.values())


def test_a_stopped_job_that_a_dead_driver_left_running_is_cancelled(tmp_path: Path) -> None:
    simulated = simulate_sweep(
        tmp_path / "store",
        lambda *_: Act(300.0, reports=[1.0, 2.0], result=4.0),
        assessors=[AssessorProvider("strict", NoOptions, StopsAtSecondReport)],
    )
    plan_ = sweep(assessor=Selection("assessor", "strict"), reproducible=False, max_trials=2)

    with pytest.raises(CrashError):
        simulated.run(plan_, CrashesAt(Stopped))
    simulated.resume()

    assert all(run.ending for run in simulated.cluster.runs.values())


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

    assert history == simulated.history
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


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("concurrency", [1, 2, 3, 7])
def test_no_sweep_takes_longer_than_its_worst_case_cost(
    tmp_path: Path, stride: int, concurrency: int
) -> None:
    """Every n-th trial fails until its retries are used up, and some end early."""

    def fail_often(_: Any, job: Job) -> Act:
        hopeless = job.trial % stride == 0 or job.attempt <= job.trial % 3
        return Act(10 - job.trial % stride, result=1, failure=CRASH if hopeless else None)

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
