"""The plugins that a sweep runs on; whatever one of them raises is blamed on it by name."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sweepwright.contracts import (
    Assessor,
    Framework,
    Job,
    Platform,
    PluginError,
    Sighting,
    Tuner,
    Workspace,
)
from sweepwright.events import Attempt, Event, Json, Start, Stopped, Suggestion, Trial
from sweepwright.protocol import describe_attempt

from ..plan.plan import Plan, Selection, StoppedAs
from ..registry.registry import Registry
from .assessor_snapshots import AssessorSnapshots
from .trial_input import delivered


@dataclass(frozen=True, slots=True)
class Runtime:
    """A tuner, a framework, a platform, and perhaps an assessor."""

    plan: Plan
    tuner: Tuner
    framework: Framework
    platform: Platform
    assessor: Assessor | None = None
    promotes: bool = False
    """Whether the tuner may promote trials, and is worth asking when none may start."""

    @classmethod
    def assemble(
        cls, plan: Plan, registry: Registry, folder: Path, concurrency: int = 0
    ) -> "Runtime":
        """Build the plugins that a plan selected, for a sweep's folder.

        Parameters
        ----------
        concurrency
            The largest that any earlier driver of the sweep had.

        Raises
        ------
        PluginError
            When one of them is not there or cannot be built.
        """
        workspace = Workspace(folder.name, folder.resolve(), plan.limits.concurrency)
        try:
            return cls(
                plan=plan,
                tuner=build_tuner(plan, registry),
                framework=registry.build(plan.framework),
                assessor=_build_assessor(plan, registry, concurrency),
                promotes=registry.find("tuner", plan.tuner.name).uses_budget,
                # Last, for it is the one that may hold processes.
                platform=registry.build(plan.platform, workspace),
            )
        except LookupError as error:
            raise PluginError(str(error)) from error

    def given(self, opened: int, count: int) -> list[Suggestion]:
        """List up to so many of the trials that come before the tuner's, of which some are open.

        They get the whole budget, as long as nobody knows what they are worth.
        """
        budget = self.plan.budget.maximum if self.plan.budget else None
        ahead = self.plan.start[opened : opened + count]
        return [Start(deepcopy(assignment), budget) for assignment in ahead]

    def ask(self, count: int) -> list[Suggestion]:
        """Ask the tuner for up to so many suggestions."""
        with attribute_errors(self.plan.tuner):
            return list(self.tuner.ask(count))[:count]

    def tell(self, events: Iterable[Event]) -> None:
        """Tell the tuner and the assessor what happened."""
        told = list(events)
        with attribute_errors(self.plan.tuner):
            for event in told:
                self.tuner.tell(self._counted(event))
        if self.assessor and self.plan.assessor:
            with attribute_errors(self.plan.assessor):
                for event in told:
                    self.assessor.tell(event)

    def _counted(self, event: Event) -> Event:
        """Let a stopped trial count for the tuner as the plan says."""
        if isinstance(event, Stopped) and self.plan.stopped_as is StoppedAs.WORST:
            return replace(event, value=None)
        return event

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Return the assessor's reason to stop a trial, if it has one."""
        if self.assessor is None or self.plan.assessor is None:
            return None
        with attribute_errors(self.plan.assessor):
            return self.assessor.assess(trial, curve)

    def lower(self, attempt: Attempt) -> Job:
        """Make the job of an attempt, the trial protocol's environment included."""
        with attribute_errors(self.plan.framework):
            job = self.framework.lower(self.plan.code, attempt)
        described = describe_attempt(delivered(attempt, self.plan))
        return replace(
            job,
            environment={**job.environment, "SWEEPWRIGHT_TRIAL": described},
            time_limit=self.plan.limits.trial_timeout,
            trial=attempt.trial.number,
            attempt=attempt.number,
            inherits=attempt.inherits,
        )

    def launch(self, attempt: Attempt) -> None:
        """Hand the job of an attempt to the platform."""
        job = self.lower(attempt)
        with attribute_errors(self.plan.platform):
            self.platform.launch(job, self.platform.render(job))

    def reattach(self, attempt: Attempt, handle: Json, cursor: Json) -> bool:
        """Ask the platform to take up an attempt that an earlier driver launched."""
        job = self.lower(attempt)
        with attribute_errors(self.plan.platform):
            return self.platform.reattach(job, handle, cursor)

    def cancel(self, jobs: Iterable[str]) -> None:
        """End jobs with every process they started."""
        with attribute_errors(self.plan.platform):
            for job in jobs:
                self.platform.cancel(job)

    def poll(self, seconds: float) -> Sequence[Sighting]:
        """Wait for the platform to see something."""
        with attribute_errors(self.plan.platform):
            return self.platform.poll(seconds)

    def close(self) -> None:
        """Let the platform go."""
        with attribute_errors(self.plan.platform):
            self.platform.close()


def build_tuner(plan: Plan, registry: Registry) -> Tuner:
    """Build the tuner, with the one beside it that chooses its assignments, if there is one."""
    if plan.sampler is None:
        tuner: Tuner = registry.build(plan.tuner, plan.problem)
        return tuner
    sampler = registry.build(plan.sampler, replace(plan.problem, budget=None))
    together: Tuner = registry.build(plan.tuner, plan.problem, sampler)
    return together


def _build_assessor(plan: Plan, registry: Registry, concurrency: int) -> Assessor | None:
    """Build the assessor; where trials must not depend on time, as many as run at once."""
    if plan.assessor is None:
        return None
    build = partial(registry.build, plan.assessor, plan.problem)
    if plan.reproducible:
        return AssessorSnapshots(build, max(concurrency, plan.limits.concurrency))
    assessor: Assessor = build()
    return assessor


@contextmanager
def attribute_errors(selected: Selection) -> Iterator[None]:
    """Turn whatever a plugin raises into an error that names it."""
    try:
        yield
    except PluginError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise PluginError(f"{selected.kind} `{selected.name}` failed: {what}") from error
