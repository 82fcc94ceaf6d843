"""What tuners and assessors can do in a sweep, and what their errors do to it."""

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest

from sweepwright.contracts import AssessorProvider, Budget, Output, TunerProvider
from sweepwright.core.driver import replay
from sweepwright.core.driver.driver import LATE_LINES_KEPT
from sweepwright.core.driver.sweep import LEFT_RUNNING, resume_sweep
from sweepwright.core.plan.plan import Selection
from sweepwright.core.store.entries import LateLine
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.events import (
    Event,
    Measured,
    Promote,
    Start,
    Stopped,
    Suggestion,
    Trial,
)
from sweepwright.testing.simulated import (
    Behavior,
)
from tests.core.simulated_sweeps import (
    CrashError,
    CrashesAt,
    NoOptions,
    RecordingDisplay,
    SimulatedSweep,
    simulate_sweep,
    sweep,
)


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
            raise RuntimeError("no more measurements")  # noqa: TRY004 - of a test


def test_an_error_in_a_tuner_names_it_and_ends_the_sweep_as_failed(tmp_path: Path) -> None:
    raising = TunerProvider("raising", NoOptions, RaisesAtMeasurement)
    simulated = simulate_sweep(
        tmp_path / "store", lambda *_: Behavior(1, result=1.0), tuners=[raising]
    )
    outcome = simulated.run(sweep(tuner=Selection("tuner", "raising")))

    assert (outcome.state, outcome.exit_code) == ("failed", 1)
    assert outcome.reason == "tuner `raising` failed: RuntimeError: no more measurements"
    assert simulated.history.state == "failed"


@pytest.mark.parametrize("outlives", [True, False])
def test_jobs_that_go_on_without_a_driver_are_told(tmp_path: Path, *, outlives: bool) -> None:
    raising = TunerProvider("raising", NoOptions, RaisesAtMeasurement)
    simulated = simulate_sweep(
        tmp_path / "store",
        lambda _, job: Behavior(1 + job.trial, result=1.0),
        tuners=[raising],
    )
    display = RecordingDisplay()
    platform = Selection("platform", "simulated", {"outlives": outlives})
    simulated.run(sweep(tuner=Selection("tuner", "raising"), platform=platform), display)

    assert any(run.ending is None for run in simulated.cluster.runs.values()) is outlives
    assert (LEFT_RUNNING in display.said) is outlives


def test_an_error_during_a_replay_leaves_the_history_whole(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(replay, "_BATCH", 0)
    raising = TunerProvider("raising", NoOptions, RaisesAtMeasurement)
    simulated = simulate_sweep(
        tmp_path / "store", lambda *_: Behavior(1, result=1.0), tuners=[raising]
    )
    simulated.run(sweep(tuner=Selection("tuner", "raising"), reproducible=False))
    outcome, history = resume_sweep(simulated.folder, simulated.registry, RecordingDisplay())

    assert outcome.reason == "tuner `raising` failed: RuntimeError: no more measurements"
    assert (history.state, history.reason) == ("failed", outcome.reason)


class PromotesOneTrial:
    """A tuner that starts one trial and promotes it from 1 to 3, 9 and 27 epochs."""

    def __init__(self, *_: Any) -> None:
        self.next: list[Suggestion] = [Start({"lr": 0.01, "layers": 1, "activation": "relu"}, 1.0)]

    def ask(self, _count: int) -> list[Suggestion]:
        """Suggest the first rung, or the next."""
        return list(self.next)

    def tell(self, event: Event) -> None:
        """Plan a promotion after each measurement."""
        self.next = []
        if isinstance(event, Measured) and (event.trial.budget or 0) < 27:
            self.next = [Promote(event.trial.number, (event.trial.budget or 0) * 3)]


def simulate_promotions(tmp_path: Path, tuner: str = "promoting") -> SimulatedSweep:
    """Simulate a sweep for which two tuners that promote are installed."""
    providers = [
        TunerProvider("promoting", NoOptions, PromotesOneTrial, uses_budget=True),
        TunerProvider("promoting_unknown", NoOptions, PromotesUnknownTrial),
    ]
    simulated = simulate_sweep(
        tmp_path / tuner, lambda *_: Behavior(5, result=1.0), tuners=providers
    )
    assert simulated.registry.find("tuner", tuner)
    return simulated


def test_promotions_reach_the_platform_with_budget_and_checkpoint(tmp_path: Path) -> None:
    simulated = simulate_promotions(tmp_path)
    given = sweep(tuner=Selection("tuner", "promoting"), max_trials=1, budget=Budget(27.0))
    outcome = simulated.run(given)
    jobs = [run.job for run in simulated.cluster.runs.values()]

    assert outcome.state == "done"
    assert [(job.trial, job.attempt) for job in jobs] == [(0, 1), (0, 2), (0, 3), (0, 4)]
    assert [job.inherits and job.inherits.attempt for job in jobs] == [None, 1, 2, 3]
    assert [
        f'"budget":{b},' in run.job.environment["SWEEPWRIGHT_TRIAL"]
        for b, run in zip(("1", "3", "9", "27"), simulated.cluster.runs.values(), strict=True)
    ] == [True] * 4


class PromotesUnknownTrial:
    """A tuner that promotes a trial which does not exist."""

    def __init__(self, *_: Any) -> None:
        self.told = 0

    def ask(self, _count: int) -> list[Suggestion]:
        """Promote it."""
        return [Promote(7, 3.0)]

    def tell(self, event: Event) -> None:
        """Count."""
        self.told += event.trial.number


def test_an_error_about_an_impossible_suggestion_names_the_tuner(tmp_path: Path) -> None:
    outcome = simulate_promotions(tmp_path, "promoting_unknown").run(
        sweep(tuner=Selection("tuner", "promoting_unknown"))
    )

    assert outcome.reason.startswith(
        "tuner `promoting_unknown` failed: ValueError: trial 7 cannot be promoted"
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
        tmp_path / "s", tuners=[TunerProvider("suggesting_nothing", NoOptions, SuggestsNothing)]
    )
    outcome = simulated.run(sweep(tuner=Selection("tuner", "suggesting_nothing")))

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
    assessor = AssessorProvider("second_report", NoOptions, StopsAtSecondReport)
    simulated = simulate_sweep(
        tmp_path / "store",
        lambda *_: Behavior(100.0, reports=[1.0, 2.0, 3.0], result=4.0),
        assessors=[assessor],
    )
    outcome = simulated.run(
        sweep(assessor=Selection("assessor", "second_report"), reproducible=False)
    )
    history = simulated.history

    assert outcome.state == "done"
    assert {trial.state.value for trial in history.trials} == {"stopped"}
    assert history.trials[3].reason == "trial 3 is slow"
    assert all(run.ending for run in simulated.cluster.runs.values())


def test_of_what_a_stopped_job_still_writes_only_some_lines_are_kept(tmp_path: Path) -> None:
    simulated = simulate_sweep(
        tmp_path / "store",
        lambda *_: Behavior(100.0, reports=[1.0, 2.0], result=4.0),
        assessors=[AssessorProvider("second_report", NoOptions, StopsAtSecondReport)],
        distort=lambda events: [
            event for event in events for _ in range(500 if isinstance(event, Output) else 1)
        ],
    )
    simulated.run(sweep(max_trials=1, assessor=Selection("assessor", "second_report")))
    with closing(JournalReader(simulated.folder)) as reader:
        late = [entry for entry in reader.entries() if isinstance(entry, LateLine)]

    assert len(late) == LATE_LINES_KEPT


def test_a_stopped_job_that_a_dead_driver_left_running_is_cancelled(tmp_path: Path) -> None:
    simulated = simulate_sweep(
        tmp_path / "store",
        lambda *_: Behavior(300.0, reports=[1.0, 2.0], result=4.0),
        assessors=[AssessorProvider("second_report", NoOptions, StopsAtSecondReport)],
    )
    plan_ = sweep(
        assessor=Selection("assessor", "second_report"), reproducible=False, max_trials=2
    )

    with pytest.raises(CrashError):
        simulated.run(plan_, CrashesAt(Stopped))
    simulated.resume()

    assert all(run.ending for run in simulated.cluster.runs.values())


class NotesImports:
    """A tuner that notes at each measurement whether the module ``slow`` has been imported."""

    imported: ClassVar[list[bool]] = []

    def __init__(self, *_: Any) -> None:
        self.imported.clear()

    def ask(self, count: int) -> list[Suggestion]:
        """Suggest the same assignment each time."""
        return [Start({"lr": 0.01, "layers": 1, "activation": "relu"})] * count

    def tell(self, event: Event) -> None:
        """Note whether the module has been imported."""
        if isinstance(event, Measured):
            self.imported.append("slow" in sys.modules)


@pytest.mark.parametrize(("max_trials", "imports"), [(6, True), (2, False)])
def test_modules_of_a_tuner_are_imported_while_the_first_trials_run(
    tmp_path: Path, monkeypatch, max_trials: int, *, imports: bool
) -> None:
    (tmp_path / "slow.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    tuner = TunerProvider("noting", NoOptions, NotesImports, preload=("slow",))
    simulated = simulate_sweep(
        tmp_path / "store", lambda *_: Behavior(1, result=1.0), tuners=[tuner]
    )
    chosen = Selection("tuner", "noting")
    plan = sweep(tuner=chosen, reproducible=False, max_trials=max_trials, concurrency=2)
    simulated.run(plan)
    sys.modules.pop("slow", None)

    assert NotesImports.imported == [imports] * max_trials
