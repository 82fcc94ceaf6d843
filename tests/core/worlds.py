"""Worlds for the driver: a store, a simulated cluster, and whatever plugins a test brings."""

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
from sweepwright.core.driver.outcome import SweepOutcome
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
    Act,
    Cluster,
    simulated_provider,
)
from tests.core.examples import plan

CRASH = Failure(FailureKind.ERROR, "ValueError: bad lr")


def act(assignment: Any, job: Job) -> Act:
    """Last as long as chance has it, report twice, and fail now and then."""
    digits = int(assignment["lr"] * 1e6)
    seconds = 1 + digits % 13
    if digits % 5 == 0 or (digits % 7 == 0 and job.attempt == 1):
        return Act(seconds, failure=CRASH)
    return Act(seconds, reports=[digits % 10, digits % 20], result=digits % 100)


class Plain:
    """Lowers a trial to a job that only has a name."""

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Keep the roles."""
        return Job(attempt.job, code.roles)


@dataclass(frozen=True)
class NoOptions:
    """Options of nothing."""


class Plugin:
    """Offers a cluster, a framework, and any further tuners and assessors."""

    def __init__(
        self,
        cluster: Cluster,
        tuners: Sequence[Any] = (),
        assessors: Sequence[Any] = (),
        garble: Any = list,
    ) -> None:
        self._cluster = cluster
        self._garble = garble
        self._tuners = tuners
        self._assessors = assessors

    @hookimpl
    def sweep_platforms(self) -> list[PlatformProvider[Any]]:
        """Offer the cluster."""
        return [simulated_provider(self._cluster, self._garble)]

    @hookimpl
    def sweep_frameworks(self) -> list[FrameworkProvider[NoOptions]]:
        """Offer the framework."""
        return [FrameworkProvider("python", NoOptions, lambda _: Plain())]

    @hookimpl
    def sweep_tuners(self) -> list[TunerProvider[Any]]:
        """Offer the tuners."""
        return list(self._tuners)

    @hookimpl
    def sweep_assessors(self) -> list[Any]:
        """Offer the assessors."""
        return list(self._assessors)


@dataclass
class Watcher:
    """A display that remembers, and does something at a turn."""

    at: int = -1
    then: Callable[[], None] = lambda: None
    turns: int = 0
    said: list[str] = field(default_factory=list)
    events: list[StudyEvent] = field(default_factory=list)

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Remember the events; do the thing at its turn."""
        assert study.opened >= 0
        self.events += events
        self.turns += 1
        if self.turns - 1 == self.at:
            self.then()

    def notify(self, line: str) -> None:
        """Remember the line."""
        self.said.append(line)


class CrashError(Exception):
    """Stands for the end of the driver's process."""


def crash() -> None:
    """End the driver here and now."""
    raise CrashError


class CrashesAt(Watcher):
    """A display at which the driver crashes as soon as something of a kind has happened."""

    def __init__(self, kind: type[StudyEvent]) -> None:
        super().__init__()
        self._kind = kind

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Look for it."""
        super().update(study, events)
        if any(isinstance(event, self._kind) for event in events):
            crash()


@dataclass
class World:
    """A store, a cluster, and a registry of what runs there."""

    store: Path
    cluster: Cluster
    registry: Registry

    def run(self, sweep: Plan, watcher: Watcher | None = None) -> SweepOutcome:
        """Begin a sweep."""
        outcome, _ = run_sweep(
            replace(sweep, store=str(self.store)), self.registry, watcher or Watcher()
        )
        return outcome

    def resume(self, limits: Limits | None = None, watcher: Watcher | None = None) -> SweepOutcome:
        """Resume the only sweep."""

        def revise(plan: Plan) -> Plan:
            return replace(plan, limits=limits or plan.limits)

        outcome, _ = resume_sweep(self.folder, self.registry, watcher or Watcher(), revise)
        return outcome

    @property
    def folder(self) -> Path:
        """The only sweep's folder."""
        (folder,) = self.store.iterdir()
        return folder

    @property
    def history(self) -> History:
        """What the journal of the only sweep says."""
        return read_history(self.folder)


def make_world(store: Path, acting: Any = act, **plugin: Any) -> World:
    """Make a world; what jobs do is given, as are further plugins."""
    cluster = Cluster(acting)
    registry = Registry.of({"hashed": hashed, "here": Plugin(cluster, **plugin)})
    return World(store, cluster, registry)


def sweep(**changes: Any) -> Plan:
    """Make a plan of the hashed tuner with retries."""
    options: dict[str, Any] = {
        "tuner": Selection("tuner", "hashed"),
        "retries": {FailureKind.ERROR: 1, FailureKind.LOST: 1},
        "reproducible": True,
        "max_trials": 12,
        "concurrency": 3,
    }
    return plan(**{**options, **changes})


def outcomes(history: History) -> list[tuple[Any, ...]]:
    """Reduce a history to what must not depend on time."""
    return [(t.number, t.state.value, dict(t.assignment), t.value) for t in history.trials]
