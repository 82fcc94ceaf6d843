"""Protocols of the four kinds of plugin, and the values that the core passes to plugins."""

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
    """The facts of a sweep that tuners and assessors receive; the objective is minimised."""

    space: SearchSpace
    seed: int = 0
    concurrency: int = 1
    max_trials: int | None = None
    budget: Budget | None = None
    start: Sequence[Assignment] = ()
    """Assignments that are tried before the tuner is asked."""
    structure: Sequence[str] = ()
    """Parameters that fix the shape of a checkpoint, such as the width of a layer. A trial that
    inherits a checkpoint has the same values of these parameters as the trial that wrote it."""
    maximize: bool = False
    """Whether the minimised values are the negatives of the user's metric. Decisions compare
    minimised values and do not depend on this field. To convert a value that a user writes or
    reads, such as a bound among the options or a reason to stop, call `metric`."""

    def metric(self, value: float) -> float:
        """Convert between a minimised value and the user's metric, in either direction."""
        return -value if self.maximize else value


class Tuner(Protocol):
    """Chooses suggestions.

    The suggestions that ``ask`` returns depend only on the options, the problem and the events
    that the tuner was told. For random numbers, use ``sweepwright.seeds.rng`` with the number of
    `Opened` events so far. The driver rebuilds a tuner by telling it the same events again.
    """

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Return up to `count` suggestions, without changing any lasting state.

        Fewer than `count` suggestions mean "wait for results". An empty list while no trial runs
        means "finished".
        """
        ...

    def tell(self, event: Event) -> None:
        """Update the tuner with an event, which may concern a trial that it never suggested.

        The call must be cheap, because `resume` tells thousands of events again. Fit models in
        `ask` instead.
        """
        ...


class Assessor(Protocol):
    """Stops trials early.

    The answer of ``assess`` depends only on the options, the problem, the events that the assessor
    was told, and the arguments. The driver rebuilds an assessor by telling it the same events
    again.
    """

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Return a reason to stop a trial now, or None to let it run; change no lasting state.

        `curve` holds the values that the trial has reported so far, minimised, one value per step.
        If the trial was promoted and continued from its own checkpoint, `curve` begins with the
        values from before the promotion. If the trial inherited the checkpoint of another trial,
        `curve` does not include that trial's values.
        """
        ...

    def tell(self, event: Event) -> None:
        """Update the assessor with an event of any trial; the call must be cheap."""
        ...


class Framework(Protocol):
    """Turns a trial into a job that a platform can run."""

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt; the call must be pure and cheap.

        A framework declares the processes, the modules to preload and the needs of its library.
        The driver adds the environment of the trial protocol, the time limit and the inherited
        checkpoint.
        """
        ...


class Platform(Protocol):
    """Runs jobs. A platform manages its own threads and processes; its caller has one thread."""

    def render(self, job: Job) -> Json:
        """Describe the submission as JSON; the call must be pure, for dry runs."""
        ...

    def launch(self, job: Job, submission: Json) -> None:
        """Send the submission that `render` returned, and return without waiting for the job.

        The job's name is its identity: launching a name a second time starts nothing. If a launch
        fails, this call does not raise, and `poll` later returns the reason. An `Ended` with a
        failure means that something is wrong with this job, such as an argument that is too long.
        If the machine refuses what the job needs, the platform keeps the job, returns `Waiting`,
        and tries again by itself; if waiting cannot help, it returns `Refused`.
        """
        ...

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        """Wait up to `seconds` for events of any job and return them."""
        ...

    def cancel(self, job: str) -> None:
        """End a job and all its processes, and ignore unknown names.

        `Ended` follows, with a failure of kind `FailureKind.KILLED`, unless the job has ended by
        itself. If the job has not started, it is forgotten: a later driver may launch its name.
        If jobs outlive their driver, this also ends a job of an earlier driver that was not
        reattached; then no `Ended` need follow.
        """
        ...

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:
        """Take over a job that an earlier driver launched, and read its log from the cursor on.

        Return True if the platform still knows the job; then `poll` returns the job's `Output`
        after the cursor and its `Ended`, but no `Launched`. Return False if the job is gone.
        """
        ...

    def close(self) -> None:
        """Release all resources, and end all jobs that cannot outlive the driver."""
        ...


@dataclass(frozen=True, slots=True)
class Workspace:
    """The sweep that a platform serves, and the folder for its files."""

    sweep: str
    """Id of the sweep."""
    folder: Path
    """The sweep's folder in the store; files of trials belong under ``trials/``."""
    concurrency: int = 1
    """Maximum number of jobs that the driver runs at once."""
    session: str = ""
    """Random text that identifies the driver. A platform that marks its processes with it can find
    them again (`PlatformProvider.leftovers`)."""
    resumed: bool = False
    """Whether an earlier driver has run the sweep, so that jobs of it may still be running."""


class PluginError(Exception):
    """A plugin broke its contract; the message starts with the plugin's name."""
