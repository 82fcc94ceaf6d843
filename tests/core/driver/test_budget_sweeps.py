"""Tuners with budgets and assessors, driven over simulated time: crashes, speed, order."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import AssessorProvider, Budget, Job, TunerProvider
from sweepwright.core.plan.plan import Limits, Plan, Selection, StoppedAs
from sweepwright.core.registry.options import plain_options
from sweepwright.events import Event, FailureKind, Measured, Opened, Reported, Stopped, Trial
from sweepwright.plugins.tuners import random
from sweepwright.testing.hashed import Hashed, HashedOptions
from sweepwright.testing.simulated import Act
from tests.core.worlds import (
    CrashError,
    NoOptions,
    Watcher,
    World,
    act,
    crash,
    make_world,
    outcomes,
    sweep,
)
from tests.plugins.tuners.budget_tuners import VARIANTS, provider_of

BUDGET = Budget(9)


def climbing(name: str, **changes: Any) -> Plan:
    """Make the plan of a tuner with budgets."""
    options = plain_options(VARIANTS[name][1])
    sampler = Selection("tuner", "hashed") if provider_of(name).has_sampler else None
    return sweep(
        tuner=Selection("tuner", provider_of(name).name, options),
        sampler=sampler,
        budget=BUDGET,
        **{"max_trials": 20, **changes},
    )


def world_of(store: Path, acting: Any = act, **plugins: Any) -> World:
    """Make a world that has all the tuners with budgets."""
    tuners = {provider_of(name).name: provider_of(name) for name in VARIANTS}
    return make_world(store, acting, tuners=[*tuners.values(), *random.sweep_tuners()], **plugins)


def rungs(world: World) -> list[tuple[int, int, int]]:
    """List the jobs there were: trial, attempt, and whose checkpoint they inherit."""
    jobs = (run.job for run in world.cluster.runs.values())
    return [(job.trial, job.attempt, job.inherits.trial if job.inherits else -1) for job in jobs]


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("reproducible", [False, True])
def test_a_sweep_ends_and_promoted_trials_inherit(
    name: str, tmp_path: Path, *, reproducible: bool
) -> None:
    world = world_of(tmp_path, lambda *_: Act(5, result=1.0))
    outcome = world.run(climbing(name, reproducible=reproducible))
    runs = rungs(world)

    assert outcome.state == "done"
    assert any(trial.budget == 9 for trial in world.history.trials)
    assert all(source == trial for trial, attempt, source in runs if attempt > 1)
    assert len(runs) == len(set(runs))


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("turn", [1, 4, 7, 11, 16, 22, 30, 45])
def test_a_crash_in_any_turn_changes_nothing(name: str, turn: int, tmp_path: Path) -> None:
    """One trial in five fails for good, and one in seven once."""
    calm, stormy = world_of(tmp_path / "calm"), world_of(tmp_path / "stormy")
    calm.run(climbing(name))
    try:
        stormy.run(climbing(name), Watcher(turn, crash))
    except CrashError:
        stormy.resume()

    assert outcomes(stormy.history) == outcomes(calm.history)
    assert sorted(rungs(stormy)) == sorted(rungs(calm))


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_sweep_at_any_speed(name: str, tmp_path: Path) -> None:
    def slower(assignment: Any, job: Job) -> Act:
        done = act(assignment, job)
        return replace(done, seconds=1 + (int(assignment["lr"] * 1e7) % 29))

    fast, slow = world_of(tmp_path / "fast"), world_of(tmp_path / "slow", slower)
    fast.run(climbing(name))
    slow.run(climbing(name))

    assert outcomes(fast.history) == outcomes(slow.history)


@pytest.mark.parametrize("name", VARIANTS)
def test_more_trials_at_a_resume_go_on_where_the_bracket_was_cut(
    name: str, tmp_path: Path
) -> None:
    world = world_of(tmp_path, lambda *_: Act(5, result=1.0))
    world.run(climbing(name, max_trials=5))
    outcome = world.resume(replace(world.history.plan.limits, max_trials=12))

    assert outcome.state == "done"
    assert len(world.history.trials) == 12 or name in ("hyperband", "pbt")
    assert len(rungs(world)) == len(set(rungs(world)))


def test_a_tuner_that_knows_no_budget_gives_every_trial_all_of_it(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    world.run(sweep(budget=Budget(9, name="STEPS")))
    said = [run.job.environment["SWEEPWRIGHT_TRIAL"] for run in world.cluster.runs.values()]

    assert {trial.budget for trial in world.history.trials} == {9.0}
    assert all('"STEPS":9}' in each and '"budget":9,' in each for each in said)


class Late:
    """Stops a trial at its second report when it is behind half of what ended before."""

    def __init__(self, *_: Any) -> None:
        self.ended: list[float] = []

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Compare with the median of what it was told."""
        below = sum(value <= curve[-1] for value in self.ended)
        if len(curve) == 2 and below * 2 > len(self.ended):
            return f"trial {trial.number} is behind {below} of {len(self.ended)}"
        return None

    def tell(self, event: Event) -> None:
        """Remember how trials ended."""
        match event:
            case Measured(value=value) | Stopped(value=float(value)):
                self.ended.append(value)


LATE = Selection("assessor", "late")


@pytest.mark.parametrize("name", ["asha", "hyperband", "pbt"])
@pytest.mark.parametrize("turn", [3, 9, 14, 21, 33])
def test_an_assessor_too_is_the_same_at_any_speed_and_after_any_crash(
    name: str, turn: int, tmp_path: Path
) -> None:
    def slower(assignment: Any, job: Job) -> Act:
        done = act(assignment, job)
        return replace(done, seconds=1 + (int(assignment["lr"] * 1e7) % 29))

    providers = [AssessorProvider("late", NoOptions, Late)]
    calm = world_of(tmp_path / "calm", assessors=providers)
    stormy = world_of(tmp_path / "stormy", slower, assessors=providers)
    calm.run(climbing(name, assessor=LATE))
    try:
        stormy.run(climbing(name, assessor=LATE), Watcher(turn, crash))
    except CrashError:
        stormy.resume(Limits(20, concurrency=3, retries={FailureKind.ERROR: 1}))

    assert "stopped" in {trial.state.value for trial in calm.history.trials}
    assert [t.reason for t in stormy.history.trials] == [t.reason for t in calm.history.trials]
    assert outcomes(stormy.history) == outcomes(calm.history)


class Curious:
    """Remembers the curves that it was shown."""

    def __init__(self, *_: Any) -> None:
        self.curves: dict[int, list[list[float]]] = {}

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Remember, and stop nothing."""
        self.curves.setdefault(trial.number, []).append(list(curve))
        return None

    def tell(self, event: Event) -> None:
        """Take nothing in."""


@pytest.mark.parametrize("continued", [False, True])
def test_a_curve_goes_on_where_the_trial_went_on_from_its_checkpoint(
    tmp_path: Path, *, continued: bool
) -> None:
    curious = Curious()

    def report(_: Any, job: Job) -> Act:
        first = 10.0 * job.attempt
        return Act(9, reports=[-first, -first - 1], result=1, continued=continued)

    world = world_of(
        tmp_path, report, assessors=[AssessorProvider("curious", NoOptions, lambda *_: curious)]
    )
    world.run(climbing("halving", assessor=Selection("assessor", "curious"), reproducible=False))
    curves = next(curves for curves in curious.curves.values() if len(curves) == 4)
    before = [10.0, 11.0] if continued else []

    assert curves == [[10.0], [10.0, 11.0], [*before, 20.0], [*before, 20.0, 21.0]]


@pytest.mark.parametrize(("counts", "told"), [("worst", None), ("last", -2.0)])
def test_a_stopped_trial_counts_for_the_tuner_as_the_plan_says(
    counts: str, told: float | None, tmp_path: Path
) -> None:
    heard: list[Event] = []

    class Listening(Hashed):
        def tell(self, event: Event) -> None:
            heard.append(event)
            super().tell(event)

    class Brief(Curious):
        def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
            return f"enough of {trial.number}" if len(curve) > 1 else None

    world = make_world(
        tmp_path,
        lambda *_: Act(9, reports=[1.0, 2.0, 3.0], result=4.0),
        tuners=[TunerProvider("listening", HashedOptions, Listening)],
        assessors=[AssessorProvider("brief", NoOptions, Brief)],
    )
    world.run(
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
