"""A whole sweep of ours, including the driver, on a simulated platform with a virtual clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sweepwright.contracts import (
    FrameworkProvider,
    Job,
    PlatformProvider,
    PythonFile,
    Role,
    TrialCode,
    Tuner,
    TunerProvider,
)
from sweepwright.events import Attempt, Event, StudyEvent, Suggestion
from sweepwright.hooks import hookimpl
from sweepwright.testing.simulated import Behavior, Cluster, simulated_provider

from ..comparison.ours import registry
from ..comparison.participants import participant
from .curves import Curves
from .utilisation import Span

CODE = TrialCode("simulated", (Role("main", PythonFile("nothing.py")),))


@dataclass(frozen=True, slots=True)
class Ask:
    """One call of `ask`."""

    opened: int
    """Number of trials opened before."""
    seconds: float


@dataclass
class Swept:
    """The records of a sweep."""

    spans: list[Span] = field(default_factory=list)
    """All jobs, on the virtual clock."""
    asks: list[Ask] = field(default_factory=list)
    trials: int = 0


class Timed:
    """A tuner whose calls of `ask` are timed."""

    def __init__(self, tuner: Tuner, swept: Swept) -> None:
        self._tuner = tuner
        self._swept = swept

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Ask, and record the time."""
        begin = perf_counter()
        suggestions = self._tuner.ask(count)
        self._swept.asks.append(Ask(self._swept.trials, perf_counter() - begin))
        return suggestions

    def tell(self, event: Event) -> None:
        """Forward the event."""
        self._swept.trials = max(self._swept.trials, event.trial.number + 1)
        self._tuner.tell(event)


@dataclass(frozen=True, slots=True)
class NoOptions:
    """Options of a plugin without options."""


class Plain:
    """Turns a trial into a job that consists of a name alone."""

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Keep the roles."""
        return Job(attempt.job, code.roles)


class Plugin:
    """Offers the cluster, the framework, and a timed tuner with random search as its sampler."""

    def __init__(self, cluster: Cluster, tuner: str, swept: Swept) -> None:
        self._cluster = cluster
        self._tuner: TunerProvider[Any] = registry().find("tuner", tuner)
        self._swept = swept

    @hookimpl
    def sweep_platforms(self) -> list[PlatformProvider[Any]]:
        """Offer the cluster."""
        return [simulated_provider(self._cluster)]

    @hookimpl
    def sweep_frameworks(self) -> list[FrameworkProvider[NoOptions]]:
        """Offer the framework."""
        return [FrameworkProvider("python", NoOptions, lambda _: Plain())]

    @hookimpl
    def sweep_tuners(self) -> list[TunerProvider[Any]]:
        """Offer the tuners."""
        timed = replace(self._tuner, build=self._build)
        beside = [] if timed.name == "random" else [registry().find("tuner", "random")]
        return [timed, *beside]

    def _build(self, *arguments: Any) -> Tuner:
        return Timed(self._tuner.build(*arguments), self._swept)


class Quiet:
    """Shows nothing."""

    def update(self, study: Any, events: Sequence[StudyEvent]) -> None:
        """Do nothing."""

    def notify(self, line: str) -> None:
        """Print what a person should know."""
        print(line)


class Trials:
    """What simulated jobs do: go along their curves, from where the trial left off."""

    def __init__(self, curves: Curves) -> None:
        self._curves = curves
        self._spent: dict[int, int] = {}

    def __call__(self, assignment: Any, job: Job) -> Behavior:
        """Last as long as the pace says, and report the loss at the end."""
        values = dict(assignment)
        budget = int(values.pop(self._curves.budget.name))
        before, self._spent[job.trial] = self._spent.get(job.trial, 0), budget
        shown = self._curves.stretch(values, before, budget)
        seconds = self._curves.pace(values) * (budget - before)
        return Behavior(seconds, result=float(shown.heard[-1]))


def sweep(name: str, curves: Curves, workers: int, trials: int, *, reproducible: bool) -> Swept:
    """Sweep with a tuner of ours until so many trials have ended, or it has no more."""
    from sweepwright.core.driver.sweep import run_sweep  # noqa: PLC0415 - as in `ours`
    from sweepwright.core.plan.plan import (  # noqa: PLC0415 - as in `ours`
        Direction,
        Limits,
        Objective,
        Plan,
        Selection,
    )
    from sweepwright.core.registry.registry import Registry  # noqa: PLC0415 - as in `ours`

    chosen, cluster, swept = participant(name), Cluster(Trials(curves)), Swept()
    beside = registry().find("tuner", chosen.tuner).has_sampler
    with TemporaryDirectory() as store:
        plan = Plan(
            curves.space,
            Objective(direction=Direction.MINIMIZE),
            Selection("tuner", chosen.tuner, chosen.options),
            Selection("platform", "simulated"),
            Selection("framework", "python"),
            CODE,
            sampler=Selection("tuner", "random") if beside else None,
            budget=curves.budget,
            limits=Limits(max_trials=trials, concurrency=workers),
            reproducible=reproducible,
            store=str(Path(store)),
        )
        here = Plugin(cluster, chosen.tuner, swept)
        outcome, _ = run_sweep(plan, Registry.of({"here": here}), Quiet())
    assert outcome.exit_code == 0, outcome.reason
    for run in cluster.runs.values():
        assert run.started is not None, "all jobs ran"
        over = run.started + run.behavior.seconds
        swept.spans.append(Span(run.started, over, begins_trial=run.job.attempt == 1))
    return swept
