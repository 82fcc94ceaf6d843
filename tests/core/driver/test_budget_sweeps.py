"""Simulated sweeps of tuners with budgets and of assessors: crashes, speed, order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import AssessorProvider, Budget, Job, TunerProvider
from sweepwright.core.plan.plan import Limits, Plan, Selection, StoppedAs
from sweepwright.core.registry.options import plain_options
from sweepwright.events import Event, FailureKind, Measured, Opened, Reported, Stopped, Trial
from sweepwright.plugins.tuners import random
from sweepwright.testing.hashed import Hashed, HashedOptions
from sweepwright.testing.simulated import Behavior
from tests.core.simulated_sweeps import (
    CrashError,
    NoOptions,
    RecordingDisplay,
    SimulatedSweep,
    act,
    crash,
    outcomes,
    simulate_sweep,
    sweep,
)
from tests.plugins.tuners.budget_tuners import VARIANTS, provider_of

BUDGET = Budget(9)


def promoting_plan(name: str, **changes: Any) -> Plan:
    """Make a plan that selects a tuner with budgets."""
    options = plain_options(VARIANTS[name][1])
    sampler = Selection("tuner", "hashed") if provider_of(name).has_sampler else None
    return sweep(
        tuner=Selection("tuner", provider_of(name).name, options),
        sampler=sampler,
        budget=BUDGET,
        **{"max_trials": 20, **changes},
    )


def simulate_with_budgets(store: Path, behavior_of: Any = act, **plugins: Any) -> SimulatedSweep:
    """Simulate a sweep for which all tuners with budgets are installed."""
    tuners = {provider_of(name).name: provider_of(name) for name in VARIANTS}
    return simulate_sweep(
        store, behavior_of, tuners=[*tuners.values(), *random.sweep_tuners()], **plugins
    )


def rungs(simulated: SimulatedSweep) -> list[tuple[int, int, int]]:
    """List all jobs: trial, attempt, and the trial whose checkpoint is inherited."""
    jobs = (run.job for run in simulated.cluster.runs.values())
    return [(job.trial, job.attempt, job.inherits.trial if job.inherits else -1) for job in jobs]


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("reproducible", [False, True])
def test_a_sweep_ends_and_promoted_trials_inherit(
    name: str, tmp_path: Path, *, reproducible: bool
) -> None:
    simulated = simulate_with_budgets(tmp_path, lambda *_: Behavior(5, result=1.0))
    outcome = simulated.run(promoting_plan(name, reproducible=reproducible))
    runs = rungs(simulated)

    assert outcome.state == "done"
    assert any(trial.budget == 9 for trial in simulated.history.trials)
    assert all(source == trial for trial, attempt, source in runs if attempt > 1)
    assert len(runs) == len(set(runs))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., SimulatedSweep]:
    """Return a function that simulates a tuner's sweep without a crash, once for all tests."""

    @cache
    def simulated(name: str, *, assessed: bool = False) -> SimulatedSweep:
        calm = simulate_with_budgets(tmp_path_factory.mktemp(name), assessors=ASSESSORS)
        calm.run(promoting_plan(name, **({"assessor": BELOW_MEDIAN} if assessed else {})))
        return calm

    return simulated


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize(
    "turn", [1, 7, 16, 30, *(pytest.param(n, marks=pytest.mark.ci_only) for n in (4, 11, 22, 45))]
)
def test_a_crash_in_any_turn_changes_nothing(
    name: str, turn: int, tmp_path: Path, undisturbed: Callable[..., SimulatedSweep]
) -> None:
    """One trial in five always fails, and one in seven fails once."""
    calm, crashed = undisturbed(name), simulate_with_budgets(tmp_path)
    try:
        crashed.run(promoting_plan(name), RecordingDisplay(turn, crash))
    except CrashError:
        crashed.resume()

    assert outcomes(crashed.history) == outcomes(calm.history)
    assert sorted(rungs(crashed)) == sorted(rungs(calm))


@pytest.mark.parametrize("name", VARIANTS)
def test_speed_changes_nothing_in_a_reproducible_sweep(name: str, tmp_path: Path) -> None:
    def slower(assignment: Any, job: Job) -> Behavior:
        done = act(assignment, job)
        return replace(done, seconds=1 + (int(assignment["lr"] * 1e7) % 29))

    fast, slow = (
        simulate_with_budgets(tmp_path / "fast"),
        simulate_with_budgets(tmp_path / "slow", slower),
    )
    fast.run(promoting_plan(name))
    slow.run(promoting_plan(name))

    assert outcomes(fast.history) == outcomes(slow.history)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_resume_with_more_trials_fills_the_bracket_that_was_cut(
    name: str, tmp_path: Path
) -> None:
    simulated = simulate_with_budgets(tmp_path, lambda *_: Behavior(5, result=1.0))
    simulated.run(promoting_plan(name, max_trials=5))
    outcome = simulated.resume(replace(simulated.history.plan.limits, max_trials=12))

    assert outcome.state == "done"
    assert len(simulated.history.trials) == 12 or name in ("hyperband", "pbt")
    assert len(rungs(simulated)) == len(set(rungs(simulated)))


def test_a_tuner_without_budgets_gives_every_trial_the_full_budget(tmp_path: Path) -> None:
    simulated = simulate_with_budgets(tmp_path)
    simulated.run(sweep(budget=Budget(9, name="STEPS")))
    said = [run.job.environment["SWEEPWRIGHT_TRIAL"] for run in simulated.cluster.runs.values()]

    assert {trial.budget for trial in simulated.history.trials} == {9.0}
    assert all('"STEPS":9}' in each and '"budget":9,' in each for each in said)


class StopsBelowMedian:
    """Stops a trial whose second report is worse than the median result."""

    def __init__(self, *_: Any) -> None:
        self.ended: list[float] = []

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Compare with the median of the results that were told."""
        below = sum(value <= curve[-1] for value in self.ended)
        if len(curve) == 2 and below * 2 > len(self.ended):
            return f"trial {trial.number} is behind {below} of {len(self.ended)}"
        return None

    def tell(self, event: Event) -> None:
        """Remember results."""
        match event:
            case Measured(value=value) | Stopped(value=float(value)):
                self.ended.append(value)


BELOW_MEDIAN = Selection("assessor", "below_median")
ASSESSORS = [AssessorProvider("below_median", NoOptions, StopsBelowMedian)]


@pytest.mark.parametrize("name", ["asha", "hyperband", "pbt"])
@pytest.mark.parametrize("turn", [3, 9, 14, 21, 33])
def test_neither_speed_nor_a_crash_changes_the_verdicts_of_an_assessor(
    name: str, turn: int, tmp_path: Path, undisturbed: Callable[..., SimulatedSweep]
) -> None:
    def slower(assignment: Any, job: Job) -> Behavior:
        done = act(assignment, job)
        return replace(done, seconds=1 + (int(assignment["lr"] * 1e7) % 29))

    calm = undisturbed(name, assessed=True)
    crashed = simulate_with_budgets(tmp_path, slower, assessors=ASSESSORS)
    try:
        crashed.run(promoting_plan(name, assessor=BELOW_MEDIAN), RecordingDisplay(turn, crash))
    except CrashError:
        crashed.resume(Limits(20, concurrency=3, retries={FailureKind.ERROR: 1}))

    assert "stopped" in {trial.state.value for trial in calm.history.trials}
    assert [t.reason for t in crashed.history.trials] == [t.reason for t in calm.history.trials]
    assert outcomes(crashed.history) == outcomes(calm.history)


class RecordsCurves:
    """An assessor that records the curves it is asked about."""

    def __init__(self, *_: Any) -> None:
        self.curves: dict[int, list[list[float]]] = {}

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Record the curve, and stop nothing."""
        self.curves.setdefault(trial.number, []).append(list(curve))
        return None

    def tell(self, event: Event) -> None:
        """Ignore the event."""


@pytest.mark.parametrize("continued", [False, True])
def test_a_curve_continues_if_the_trial_continues_from_its_checkpoint(
    tmp_path: Path, *, continued: bool
) -> None:
    recorder = RecordsCurves()

    def report(_: Any, job: Job) -> Behavior:
        first = 10.0 * job.attempt
        return Behavior(9, reports=[-first, -first - 1], result=1, continued=continued)

    simulated = simulate_with_budgets(
        tmp_path, report, assessors=[AssessorProvider("recorder", NoOptions, lambda *_: recorder)]
    )
    simulated.run(
        promoting_plan("halving", assessor=Selection("assessor", "recorder"), reproducible=False)
    )
    curves = next(curves for curves in recorder.curves.values() if len(curves) == 4)
    before = [10.0, 11.0] if continued else []

    assert curves == [[10.0], [10.0, 11.0], [*before, 20.0], [*before, 20.0, 21.0]]


@pytest.mark.parametrize(("counts", "told"), [("worst", None), ("last", -2.0)])
def test_the_plan_decides_which_value_the_tuner_is_told_for_a_stopped_trial(
    counts: str, told: float | None, tmp_path: Path
) -> None:
    heard: list[Event] = []

    class Listening(Hashed):
        def tell(self, event: Event) -> None:
            heard.append(event)
            super().tell(event)

    class Brief(RecordsCurves):
        def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
            return f"enough of {trial.number}" if len(curve) > 1 else None

    simulated = simulate_sweep(
        tmp_path,
        lambda *_: Behavior(9, reports=[1.0, 2.0, 3.0], result=4.0),
        tuners=[TunerProvider("listening", HashedOptions, Listening)],
        assessors=[AssessorProvider("brief", NoOptions, Brief)],
    )
    simulated.run(
        sweep(
            tuner=Selection("tuner", "listening"),
            assessor=Selection("assessor", "brief"),
            stopped_as=StoppedAs(counts),
            max_trials=2,
            reproducible=False,
        )
    )
    kinds = [type(event) for event in heard]

    assert [event.value for event in heard if isinstance(event, Stopped)] == [told] * 2
    assert kinds.count(Opened) == 2
    assert kinds.count(Reported) == 4
