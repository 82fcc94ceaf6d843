"""What jobs wait for: the journal says so while they wait, and no longer."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from sweepwright.contracts import Waiting
from sweepwright.core.driver import job_waits
from sweepwright.core.driver.job_waits import JobWaits
from sweepwright.core.driver.study import Study
from sweepwright.core.registry.registry import Registry
from sweepwright.core.store.entries import JobWaiting
from sweepwright.core.store.history import read_history
from sweepwright.events import StudyEvent
from sweepwright.testing import hashed
from sweepwright.testing.simulated import Behavior, Cluster
from tests.core.driver.study_steps import opened
from tests.core.examples import plan
from tests.core.simulated_sweeps import (
    CrashError,
    Plugin,
    RecordingDisplay,
    SimulatedSweep,
    sweep,
)


@pytest.fixture
def entries() -> list[tuple[int, str | None]]:
    """Return the list that receives what is journaled."""
    return []


@pytest.fixture
def waits(entries: list[tuple[int, str | None]], monkeypatch: pytest.MonkeyPatch) -> JobWaits:
    """Return the waits of a study with two trials that are due; every wait is long enough."""
    monkeypatch.setattr(job_waits, "WAIT_SECONDS", 0.0)
    study = Study(plan(), "s1")
    opened(study)
    opened(study)

    def append(entry: JobWaiting) -> None:
        entries.append((entry.trial, entry.wants))

    return JobWaits(study, append, pytest.fail)


def test_a_wait_is_journaled_only_when_it_changes(
    waits: JobWaits, entries: list[tuple[int, str | None]]
) -> None:
    for wants in ("1 gpu", "1 gpu", "2 cpu"):
        waits.on_waiting(Waiting("s1-0-1", wants))
        waits.settle()
        waits.settle()
    waits.forget("s1-0-1")
    waits.forget("s1-0-1")

    assert entries == [(0, "1 gpu"), (0, "2 cpu"), (0, None)]


def test_a_wait_may_end_without_an_event_of_the_job(
    waits: JobWaits, entries: list[tuple[int, str | None]]
) -> None:
    """A job that runs waits for the connection to its machine, and goes on."""
    waits.on_waiting(Waiting("s1-0-1", "the connection to box1"))
    waits.settle()
    waits.on_waiting(Waiting("s1-0-1", ""))
    waits.settle()

    assert entries == [(0, "the connection to box1"), (0, None)]


def test_a_short_wait_is_not_journaled(
    waits: JobWaits, entries: list[tuple[int, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_waits, "WAIT_SECONDS", 60.0)
    waits.on_waiting(Waiting("s1-0-1", "1 gpu"))
    waits.settle()
    waits.forget("s1-0-1")
    monkeypatch.setattr(job_waits, "WAIT_SECONDS", 0.0)
    waits.settle()

    assert entries == []


def test_a_job_that_is_superseded_waits_for_nothing(
    waits: JobWaits, entries: list[tuple[int, str | None]]
) -> None:
    waits.on_waiting(Waiting("s1-99-1", "1 gpu"))
    waits.settle()

    assert entries == []


class LooksAtTheJournal(RecordingDisplay):
    """A display that notes which trials the journal lists as waiting, and may crash the driver."""

    def __init__(self, store: Path, crash_at: int = 10**9) -> None:
        super().__init__()
        self.store = store
        self.crash_at = crash_at
        self.waiting: list[dict[int, str]] = []

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Read the journal."""
        super().update(study, events)
        (folder,) = self.store.iterdir()
        self.waiting.append(dict(read_history(folder).waiting))
        if len([each for each in self.waiting if each]) == self.crash_at:
            raise CrashError


@pytest.fixture
def crowded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedSweep:
    """Prepare a sweep on a cluster with room for one job at a time."""
    monkeypatch.setattr(job_waits, "WAIT_SECONDS", 0.0)
    cluster = Cluster(lambda *_: Behavior(60, [0.5] * 3, 1.0), slots=1)
    registry = Registry.of({"hashed": hashed, "here": Plugin(cluster)})
    return SimulatedSweep(tmp_path, cluster, registry)


def test_the_journal_says_what_trials_wait_for_until_they_start(crowded: SimulatedSweep) -> None:
    display = LooksAtTheJournal(crowded.store)
    crowded.run(sweep(max_trials=2, concurrency=2), display)

    assert {1: "1 slot"} in display.waiting
    assert display.waiting[-1] == {}
    assert crowded.history.waiting == {}


def test_a_sweep_whose_driver_died_waits_for_nothing(crowded: SimulatedSweep) -> None:
    display = LooksAtTheJournal(crowded.store, crash_at=1)
    with pytest.raises(CrashError):
        crowded.run(sweep(max_trials=2, concurrency=2), display)

    assert display.waiting[-1]
    assert crowded.history.waiting == {}

    resumed = LooksAtTheJournal(crowded.store)
    crowded.resume(display=resumed)

    assert [trial.state.value for trial in crowded.history.trials] == ["measured"] * 2
