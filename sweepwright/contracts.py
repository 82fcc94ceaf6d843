"""What plugins implement: tuners, assessors, platforms, frameworks, and how they are offered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from .budgets import Bracket, Budget, Rung
from .events import (
    Assignment,
    Attempt,
    Event,
    Failure,
    FailureKind,
    Json,
    Suggestion,
    Trial,
)
from .job_events import Ended, Launched, Output, Sighting, Waiting
from .jobs import Capability, Command, Entry, Job, PythonFile, PythonModule, Role, TrialCode
from .space import Categorical, Domain, Integer, Nested, Normal, Ordinal, Real, SearchSpace

ALL_DOMAINS: frozenset[type[Domain]] = frozenset(
    {Real, Integer, Normal, Categorical, Ordinal, Nested}
)
"""Every kind of domain, for a tuner that searches them all."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a tuner is to solve and an assessor to judge; the objective is always minimised."""

    space: SearchSpace
    seed: int = 0
    concurrency: int = 1
    max_trials: int | None = None
    budget: Budget | None = None
    start: Sequence[Assignment] = ()
    """What is tried before the tuner is asked."""
    structure: Sequence[str] = ()
    """Parameters on which a checkpoint depends: who inherits one has their values from there."""
    maximize: bool = False
    """Whether the values that are minimised are a metric's negatives. It is for what people
    write and read, such as a bound among options or a reason, and nothing else goes by it."""

    def metric(self, value: float) -> float:
        """Turn a minimised value into the metric as people know it, or such a metric back."""
        return -value if self.maximize else value


class Tuner(Protocol):
    """Chooses suggestions.

    What ``ask`` returns is a function of the options, the problem and the events told, and
    nothing else; for chance, use ``sweepwright.seeds.rng`` with the number of `Opened`
    events told. A tuner is rebuilt by telling it the same events again.
    """

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Suggest up to `count` things to do next; changes nothing that lasts.

        Fewer means "wait for results"; none while nothing runs means "finished".
        """
        ...

    def tell(self, event: Event) -> None:
        """Take in what happened, to its own suggestions and to trials it never suggested.

        Must be cheap and fit no model: events are told again by the thousand at a resume.
        """
        ...


class Assessor(Protocol):
    """Ends trials early.

    What ``assess`` returns is a function of the options, the problem, the events told, and the
    curve. An assessor is rebuilt by telling it the same events again.
    """

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Return why to stop a trial now, or None to let it run; changes nothing that lasts.

        `curve` holds the values that the trial reported so far, minimised, one a step. Where it
        was promoted and went on from its checkpoint, those of before come first; what it
        inherited from another trial is not among them.
        """
        ...

    def tell(self, event: Event) -> None:
        """Take in what happened to any trial; must be cheap."""
        ...


class Framework(Protocol):
    """Lowers a trial to a job."""

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt; pure, and cheap.

        The driver adds the trial protocol's environment, the time limit and what is
        inherited; a framework says what runs, what to preload and what its library needs.
        """
        ...


class Platform(Protocol):
    """Runs jobs. It owns whatever threads and processes it needs; its caller has one thread."""

    def render(self, job: Job) -> Json:
        """Describe the submission as JSON; pure, so that a dry run prints what is sent."""
        ...

    def launch(self, job: Job, submission: Json) -> None:
        """Submit what `render` described; returns at once.

        The job's name is its identity: a second launch of one name starts nothing.
        Whatever goes wrong is an `Ended` with a failure.
        """
        ...

    def poll(self, seconds: float) -> Sequence[Sighting]:
        """Wait up to so many seconds for something to be seen of any job."""
        ...

    def cancel(self, job: str) -> None:
        """End a job with every process it started; `Ended` follows. Unknown names are ignored."""
        ...

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:
        """Take a job up again that an earlier driver launched, reading on from the cursor.

        True when the platform still knows it: what it wrote after the cursor and its end
        follow, `Launched` does not come again. False when it is gone.
        """
        ...

    def close(self) -> None:
        """Let go of everything; end jobs that cannot outlive the driver."""
        ...


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a platform may keep files for one sweep."""

    sweep: str
    folder: Path
    """The sweep's folder in the store; trials' files belong under ``trials/``."""
    concurrency: int = 1
    """How many jobs the driver runs at once, at most."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a provider finds wrong in its own options."""

    path: tuple[str | int, ...]
    """Keys from the provider's options down to the culprit."""
    message: str
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """Something that a trial imports and that may not be installed."""

    module: str
    """The name under which it is imported, without a dot."""
    install: str
    """What ``pip install`` is given for it."""


T_co = TypeVar("T_co", covariant=True)
O = TypeVar("O")  # noqa: E741 - options


@dataclass(frozen=True, slots=True)
class Provider(Generic[T_co, O]):
    """One named choice that a plugin offers.

    `build` is called as ``build(options, problem)`` for a tuner or an assessor,
    ``build(options, workspace)`` for a platform, ``build(options)`` for a framework. A tuner
    that has a sampler gets it as a third argument. Heavy imports belong inside.
    """

    name: str
    options: type[O]
    """A dataclass: its fields are the keys of the configuration, its defaults theirs."""
    build: Callable[..., T_co]
    summary: str = ""
    """One line for ``--help``."""
    searches: frozenset[type[Domain]] = ALL_DOMAINS
    """Tuners: the kinds of domain it can search."""
    finite_only: bool = False
    """Tuners: whether the space must be finite."""
    uses_budget: bool = False
    """Tuners: whether it needs the sweep to have a budget; then it may promote trials, and puts
    promotions before new trials, of which no more may be wanted."""
    has_sampler: bool = False
    """Tuners: whether another tuner, named by the options ``sampler`` and ``sampler_options``,
    chooses its assignments. That one knows of no budget."""
    schedule: Callable[[O, Problem], Sequence[Bracket]] | None = None
    """Tuners with budgets: the brackets of one round in the order they begin, however few trials
    the sweep has; what a person is shown is made of it, and nothing else."""
    ends_after: Callable[[O, Problem], int | None] | None = None
    """Tuners: after how many trials they have nothing left to suggest; None for no such end."""
    in_order: bool = False
    """Tuners: whether they go through the space in order, and see a part of it until the end."""
    max_concurrency: Callable[[O, Problem], int | None] | None = None
    """Tuners: how many trials they can have running at once, None for any number."""
    check: Callable[[O, Problem], Iterable[Finding]] | None = None
    """Tuners and assessors: finds what is wrong with options for a problem, before any trial."""
    settle: Callable[[O, Problem], O] | None = None
    """Tuners and assessors: puts what options refer to, as a file, in its place; the plan holds
    what comes of it, so that nothing is looked up once a sweep has begun."""
    slots: Callable[[O], Mapping[str, float]] | None = None
    """Platforms: how much of each resource there is; a resource not named is unknown to it."""
    capabilities: frozenset[Capability] = frozenset(Capability)
    """Platforms: what they can do for a job."""
    python: Callable[[O], str] | None = None
    """Platforms: the interpreter that runs trials, where that is one of this machine."""
    needs: frozenset[Capability] = frozenset()
    """Frameworks: what the platform must be able to do, besides what the trial asks for."""
    packages: Callable[[O], Sequence[Package]] | None = None
    """Frameworks: what must be installed where trials run."""
    check_code: Callable[[O, TrialCode], Iterable[Finding]] | None = None
    """Frameworks: finds what is wrong with a trial's code; paths begin below ``trial``."""


class PluginError(Exception):
    """A plugin broke its contract; the message opens with the plugin's name."""


__all__ = [
    "ALL_DOMAINS",
    "Assessor",
    "Assignment",
    "Attempt",
    "Bracket",
    "Budget",
    "Capability",
    "Command",
    "Ended",
    "Entry",
    "Event",
    "Failure",
    "FailureKind",
    "Finding",
    "Framework",
    "Job",
    "Launched",
    "Output",
    "Package",
    "Platform",
    "PluginError",
    "Problem",
    "Provider",
    "PythonFile",
    "PythonModule",
    "Role",
    "Rung",
    "Sighting",
    "Suggestion",
    "TrialCode",
    "Tuner",
    "Waiting",
    "Workspace",
]
