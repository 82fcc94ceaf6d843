"""The plugins of a running sweep, and the calls by which the driver uses them.

Every call of a plugin happens inside `attribute_errors`, which converts any exception of the
plugin to a `PluginError` whose message starts with the plugin's name. A `PluginError` ends the
sweep as failed. Any other exception is a bug in sweepwright and ends the process with a traceback.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path

from sweepwright.contracts import (
    Assessor,
    Ended,
    Framework,
    Job,
    JobEvent,
    Platform,
    PluginError,
    Tuner,
    Workspace,
)
from sweepwright.events import Attempt, Event, Failure, Json, Stopped, Suggestion
from sweepwright.protocol import describe_attempt

from ..plan.environment import resolve_job
from ..plan.plan import Plan, Selection, StoppedAs
from ..plan.redaction import mask_known
from ..registry.options import build_options
from ..registry.registry import Registry
from .ordering.assessor_snapshots import AssessorSnapshots
from .trial_input import trial_input


@dataclass(frozen=True, slots=True)
class Runtime:
    """The tuner, framework, platform and assessor of a sweep, built for one driver."""

    plan: Plan
    tuner: Tuner
    framework: Framework
    platform: Platform
    assessor: Assessor | None = None
    promotes: bool = False
    """Whether the tuner may promote trials. If so, it is asked even after ``max_trials``
    trials have been opened."""
    believes: bool = False
    """Whether the tuner can say what it believes (`Believer`)."""
    preloads: Sequence[str] = ()
    """Modules that the tuner, or its sampler, needs later (`TunerProvider.preload`)."""
    session: str = ""
    """Random text that identifies the session (`Workspace.session`)."""
    outlives: bool = False
    """Whether jobs go on after the platform is closed."""

    @classmethod
    def assemble(
        cls,
        plan: Plan,
        registry: Registry,
        folder: Path,
        concurrency: int = 0,
        *,
        resumed: bool = False,
    ) -> "Runtime":
        """Build the plugins that a plan selects, for the sweep in a folder.

        Parameters
        ----------
        concurrency
            Largest concurrency of any earlier driver of the sweep.
        resumed
            Whether an earlier driver has run the sweep.

        Raises
        ------
        PluginError
            When a plugin is not installed or cannot be built.
        """
        session = os.urandom(16).hex()
        workspace = Workspace(
            folder.name, folder.resolve(), plan.limits.concurrency, session, resumed
        )
        try:
            return cls(
                plan=plan,
                tuner=build_tuner(plan, registry),
                framework=registry.build_framework(plan.framework),
                assessor=_build_assessor(plan, registry, concurrency),
                session=session,
                promotes=registry.find("tuner", plan.tuner.name).uses_budget,
                believes=registry.find("tuner", plan.tuner.name).believes,
                preloads=_preloads(plan, registry),
                outlives=_outlives(plan, registry),
                # Build the platform last, because it may start processes. If a later plugin could
                # not be built, nothing would end them.
                platform=registry.build_platform(plan.platform, workspace),
            )
        except LookupError as error:
            raise PluginError(str(error)) from error

    def suggest(self, opened: int, count: int) -> list[Suggestion]:
        """Return up to `count` suggestions: the plan's start assignments, then the tuner's."""
        if start := self.plan.start_suggestions(opened, count):
            return list(start)
        with attribute_errors(self.plan.tuner):
            return list(self.tuner.ask(count))[:count]

    def preload(self) -> None:
        """Import what the tuner needs later, unless this was done before."""
        with attribute_errors(self.plan.tuner):
            for module in self.preloads:
                import_module(module)

    def tell(self, events: Iterable[Event]) -> None:
        """Pass events to the tuner and the assessor."""
        told = list(events)
        self.tell_tuner(told)
        if self.assessor and self.plan.assessor:
            with attribute_errors(self.plan.assessor):
                for event in told:
                    self.assessor.tell(event)

    def tell_tuner(self, events: Iterable[Event]) -> None:
        """Pass events to the tuner alone."""
        tell_tuner(self.plan, self.tuner, events)

    def lower(self, attempt: Attempt) -> Job:
        """Describe the job of an attempt: the processes to run, and the input of the trial."""
        with attribute_errors(self.plan.framework):
            job = self.framework.lower(self.plan.code, attempt)
        described = describe_attempt(trial_input(attempt, self.plan))
        return replace(
            job,
            environment={**job.environment, "SWEEPWRIGHT_TRIAL": described},
            time_limit=self.plan.limits.trial_timeout,
            trial=attempt.trial.number,
            attempt=attempt.number,
            inherits=attempt.inherits,
        )

    def launch(self, attempt: Attempt) -> None:
        """Submit the job of an attempt to the platform."""
        job = resolve_job(self.lower(attempt))
        with attribute_errors(self.plan.platform):
            self.platform.launch(job, self.platform.render(job))

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        """Wait for events from the platform, and mask the secrets in the errors of trials.

        A trial may repeat a secret that it received. Its error is journaled and shown.
        """
        with attribute_errors(self.plan.platform):
            events = self.platform.poll(seconds)
        return [_masked(event) for event in events]

    def reattach(self, attempt: Attempt, handle: Json, cursor: Json) -> bool:
        """Ask the platform to take over an earlier driver's attempt; return False if it cannot."""
        job = resolve_job(self.lower(attempt))
        with attribute_errors(self.plan.platform):
            return self.platform.reattach(job, handle, cursor)

    def close(self) -> None:
        """Close the platform."""
        with attribute_errors(self.plan.platform):
            self.platform.close()


def tell_tuner(plan: Plan, tuner: Tuner, events: Iterable[Event]) -> None:
    """Pass events to a tuner; a stopped trial gets the value that the plan sets for tuners."""
    with attribute_errors(plan.tuner):
        for event in events:
            if isinstance(event, Stopped) and plan.stopped_as is StoppedAs.WORST:
                tuner.tell(replace(event, value=None))
            else:
                tuner.tell(event)


def _masked(event: JobEvent) -> JobEvent:
    match event:
        case Ended(failure=Failure() as failure):
            return replace(event, failure=replace(failure, message=mask_known(failure.message)))
    return event


def _preloads(plan: Plan, registry: Registry) -> Sequence[str]:
    selected = [plan.tuner, plan.sampler] if plan.sampler else [plan.tuner]
    return [name for each in selected for name in registry.find("tuner", each.name).preload]


def _outlives(plan: Plan, registry: Registry) -> bool:
    provider = registry.find("platform", plan.platform.name)
    if provider.outlives is None:
        return False
    with attribute_errors(plan.platform):
        return provider.outlives(build_options(provider.options, plan.platform.options))


def build_tuner(plan: Plan, registry: Registry) -> Tuner:
    """Build the tuner, and its sampler if the plan has a sampler."""
    if plan.sampler is None:
        return registry.build_tuner(plan.tuner, plan.problem)
    # The sampler chooses assignments only. Budgets are the tuner's decision.
    sampler = registry.build_tuner(plan.sampler, replace(plan.problem, budget=None))
    return registry.build_tuner(plan.tuner, plan.problem, sampler)


def _build_assessor(plan: Plan, registry: Registry, concurrency: int) -> Assessor | None:
    """Build the assessor; for a reproducible sweep, a pool that has an assessor per open trial.

    An earlier driver may have run more trials at once than this driver. Its journal is replayed
    into the assessors, so the pool must be large enough for the larger of the two concurrencies.
    """
    if plan.assessor is None:
        return None
    build = partial(registry.build_assessor, plan.assessor, plan.problem)
    if plan.reproducible:
        return AssessorSnapshots(build, max(concurrency, plan.limits.concurrency))
    return build()


@contextmanager
def attribute_errors(selection: Selection) -> Iterator[None]:
    """Convert any exception of a plugin to a `PluginError` that names the plugin."""
    try:
        yield
    except PluginError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise PluginError(f"{selection.kind} `{selection.name}` failed: {what}") from error
