"""Sweeps on a simulated cluster: a store, the cluster with its virtual clock, and plugins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sweepwright.contracts import (
    FrameworkProvider,
    Job,
    PlatformProvider,
    TrialCode,
    TunerProvider,
)
from sweepwright.core.driver.ending.outcome import SweepOutcome
from sweepwright.core.driver.study import Study
from sweepwright.core.driver.sweep import resume_sweep, run_sweep
from sweepwright.core.plan.plan import Limits, Plan, Selection
from sweepwright.core.registry.registry import Registry
from sweepwright.core.store.history import History, read_history
from sweepwright.events import (
    Attempt,
    Failure,
    FailureKind,
    StudyEvent,
)
from sweepwright.hooks import hookimpl
from sweepwright.testing import hashed
from sweepwright.testing.simulated import (
    Behavior,
    Cluster,
    simulated_provider,
)
from tests.core.examples import plan

CRASH = Failure(FailureKind.ERROR, "ValueError: bad lr")


def act(assignment: Any, job: Job) -> Behavior:
    """Run for a random time, report twice, and sometimes fail; all given by the assignment."""
    digits = int(assignment["lr"] * 1e6)
    seconds = 1 + digits % 13
    if digits % 5 == 0 or (digits % 7 == 0 and job.attempt == 1):
        return Behavior(seconds, failure=CRASH)
    return Behavior(seconds, reports=[digits % 10, digits % 20], result=digits % 100)


class PlainFramework:
    """A framework whose jobs have only a name and roles."""

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job."""
        return Job(attempt.job, code.roles)


@dataclass(frozen=True)
class NoOptions:
    """The options of a plugin without any."""


class Plugin:
    """Offers the cluster, a framework, and the tuners and assessors of a test."""

    def __init__(
        self,
        cluster: Cluster,
        tuners: Sequence[Any] = (),
        assessors: Sequence[Any] = (),
        distort: Any = list,
    ) -> None:
        self._cluster = cluster
        self._distort = distort
        self._tuners = tuners
        self._assessors = assessors

    @hookimpl
    def sweep_platforms(self) -> list[PlatformProvider[Any]]:
        """Offer the cluster."""
        return [simulated_provider(self._cluster, self._distort)]

    @hookimpl
    def sweep_frameworks(self) -> list[FrameworkProvider[NoOptions]]:
        """Offer the framework."""
        return [FrameworkProvider("python", NoOptions, lambda _: PlainFramework())]

    @hookimpl
    def sweep_tuners(self) -> list[TunerProvider[Any]]:
        """Offer the tuners."""
        return list(self._tuners)

    @hookimpl
    def sweep_assessors(self) -> list[Any]:
        """Offer the assessors."""
        return list(self._assessors)


@dataclass
class RecordingDisplay:
    """A display that records events and messages, and performs an action at a turn."""

    at: int = -1
    then: Callable[[], None] = lambda: None
    turns: int = 0
    said: list[str] = field(default_factory=list)
    events: list[StudyEvent] = field(default_factory=list)

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Record the events; perform the action at its turn."""
        assert study.opened >= 0
        self.events += events
        self.turns += 1
        if self.turns - 1 == self.at:
            self.then()

    def notify(self, line: str) -> None:
        """Record the message."""
        self.said.append(line)


class CrashError(Exception):
    """Simulates the death of the driver's process."""


def crash() -> None:
    """Crash the driver."""
    raise CrashError


class CrashesAt(RecordingDisplay):
    """A display that crashes the driver at the first event of a type."""

    def __init__(self, kind: type[StudyEvent]) -> None:
        super().__init__()
        self._kind = kind

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Crash if there is one."""
        super().update(study, events)
        if any(isinstance(event, self._kind) for event in events):
            crash()


@dataclass
class SimulatedSweep:
    """The only sweep of a store, on a simulated cluster."""

    store: Path
    cluster: Cluster
    registry: Registry

    def run(self, sweep: Plan, display: RecordingDisplay | None = None) -> SweepOutcome:
        """Begin the sweep."""
        outcome, _ = run_sweep(
            replace(sweep, store=str(self.store)), self.registry, display or RecordingDisplay()
        )
        return outcome

    def resume(
        self, limits: Limits | None = None, display: RecordingDisplay | None = None
    ) -> SweepOutcome:
        """Resume the sweep."""

        def revise(plan: Plan) -> Plan:
            return replace(plan, limits=limits or plan.limits)

        outcome, _ = resume_sweep(
            self.folder, self.registry, display or RecordingDisplay(), revise
        )
        return outcome

    @property
    def folder(self) -> Path:
        """The folder of the sweep."""
        (folder,) = self.store.iterdir()
        return folder

    @property
    def history(self) -> History:
        """The history of the sweep, read from its journal."""
        return read_history(self.folder)


def simulate_sweep(store: Path, behavior_of: Any = act, **plugin: Any) -> SimulatedSweep:
    """Prepare a sweep; `behavior_of` tells what each job does, the rest are plugins to offer."""
    cluster = Cluster(behavior_of)
    registry = Registry.of({"hashed": hashed, "here": Plugin(cluster, **plugin)})
    return SimulatedSweep(store, cluster, registry)


def sweep(**changes: Any) -> Plan:
    """Make a reproducible plan of the hashed tuner, with retries."""
    options: dict[str, Any] = {
        "tuner": Selection("tuner", "hashed"),
        "retries": {FailureKind.ERROR: 1, FailureKind.LOST: 1},
        "reproducible": True,
        "max_trials": 12,
        "concurrency": 3,
    }
    return plan(**{**options, **changes})


def outcomes(history: History) -> list[tuple[Any, ...]]:
    """Reduce a history to the facts that must not depend on time."""
    return [(t.number, t.state.value, dict(t.assignment), t.value) for t in history.trials]
