"""Protocols of the four kinds of plugin, and what the core gives each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..budgets import Budget
from ..events import Assignment, Attempt, Event, Json, Suggestion, Trial
from ..jobs import Job, JobEvent, TrialCode
from ..space import SearchSpace


@dataclass(frozen=True, slots=True)
class Problem:
    """The sweep as tuners and assessors know it; the objective is always minimised."""

    space: SearchSpace
    seed: int = 0
    concurrency: int = 1
    max_trials: int | None = None
    budget: Budget | None = None
    start: Sequence[Assignment] = ()
    """Assignments that are tried before the tuner is asked."""
    structure: Sequence[str] = ()
    """Parameters that fix the shape of a checkpoint, such as the width of a layer. A trial that
    inherits a checkpoint takes its values of them from the trial that wrote it."""
    maximize: bool = False
    """Whether the minimised values are the negatives of a metric. Use `metric` for values that
    people write or read, such as a bound among the options or a reason to stop; decisions
    compare minimised values and do not depend on this field."""

    def metric(self, value: float) -> float:
        """Convert a minimised value to the user's metric, or the metric to a minimised value."""
        return -value if self.maximize else value


class Tuner(Protocol):
    """Chooses suggestions.

    What ``ask`` returns depends on the options, the problem and the events told, and on nothing
    else. For random numbers, use ``sweepwright.seeds.rng`` with the number of `Opened` events
    told so far. The driver rebuilds a tuner by telling it the same events again.
    """

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Suggest up to `count` things to do next, without changing any lasting state.

        Fewer suggestions mean "wait for results"; none while no trial runs means "finished".
        """
        ...

    def tell(self, event: Event) -> None:
        """Update the tuner with an event, which may concern a trial that it never suggested.

        Must be cheap and fit no model: `resume` tells thousands of events again.
        """
        ...


class Assessor(Protocol):
    """Stops trials early.

    What ``assess`` returns depends on the options, the problem, the events told and the curve.
    The driver rebuilds an assessor by telling it the same events again.
    """

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Return why to stop a trial now, or None to let it run; changes no lasting state.

        `curve` holds the values that the trial has reported so far, minimised, one a step. If
        the trial was promoted and continued from its own checkpoint, the values from before come
        first. Values of another trial whose checkpoint it inherited are not included.
        """
        ...

    def tell(self, event: Event) -> None:
        """Update the assessor with an event of any trial; must be cheap."""
        ...


class Framework(Protocol):
    """Lowers a trial to a job."""

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt; pure and cheap.

        A framework says what runs, which modules to preload and what its library needs. The
        driver adds the environment of the trial protocol, the time limit and the inherited
        checkpoint.
        """
        ...


class Platform(Protocol):
    """Runs jobs. It owns whatever threads and processes it needs; its caller has one thread."""

    def render(self, job: Job) -> Json:
        """Describe the submission as JSON; pure, so that a dry run prints what a run sends."""
        ...

    def launch(self, job: Job, submission: Json) -> None:
        """Submit what `render` described and return at once.

        The job's name is its identity: launching a name a second time starts nothing. A launch
        that fails does not raise; it is followed by an `Ended` with a failure.
        """
        ...

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        """Wait up to `seconds` for events of any job and return them."""
        ...

    def cancel(self, job: str) -> None:
        """End a job and every process it started; `Ended` follows. Ignore unknown names."""
        ...

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:
        """Take over a job that an earlier driver launched, and read on from the cursor.

        Return True if the platform still knows the job: its output after the cursor and its end
        then follow, without another `Launched`. Return False if the job is gone.
        """
        ...

    def close(self) -> None:
        """Release all resources, and end the jobs that cannot outlive the driver."""
        ...


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a platform may keep the files of one sweep."""

    sweep: str
    """Id of the sweep."""
    folder: Path
    """The sweep's folder in the store; files of trials belong under ``trials/``."""
    concurrency: int = 1
    """How many jobs the driver runs at once, at most."""


class PluginError(Exception):
    """A plugin broke its contract; the message starts with the plugin's name."""
