"""The schema of the root configuration: its settings, and what their values may be.

What other systems' keys are called here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sweepwright.contracts import Budget
from sweepwright.events import FailureKind

from ..plan.plan import Limits, Objective, StoppedAs
from ..registry.options import option_defaults

SECTIONS = ("space", "tuner", "assessor", "platform", "framework", "trial")
"""Keys of the root that passes of their own read; all but `space` and `trial` name providers."""


EntryText: TypeAlias = str | list[str]
"""A file, a module, or the words of a command."""

Variable: TypeAlias = str | int | float | bool
"""What an environment variable may be given as."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How many failed attempts of each class a trial may have and be tried again."""

    error: int = 0
    """Ended in an exception."""
    exit: int = 0
    """Ended with an exit code other than 0."""
    metric: int = 0
    """Reported no usable result."""
    memory: int = 0
    """Ran out of memory."""
    timeout: int = 0
    """Ran over ``trial_timeout``."""
    killed: int = 1
    """Ended by somebody's signal."""
    launch: int = 0
    """Could not be started."""
    lost: int = 2
    """Vanished with its machine."""


@dataclass(frozen=True, slots=True)
class Storage:
    """Where sweeps are kept."""

    path: str = "sweeps"
    """A folder, relative to the working directory."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every key of the root that is no section."""

    objective: Objective = field(default_factory=Objective)
    max_trials: int | None = 20
    """How many trials there are; null for no end."""
    max_duration: float | None = None
    """Seconds after which no further trial begins, all drivers of the sweep together."""
    concurrency: int = 2
    """How many trials run at once."""
    trial_timeout: float | None = None
    """Seconds after which an attempt is ended."""
    trial_seconds: float | None = None
    """Seconds of one trial at full budget: an estimate, for what ``plan`` says of the cost."""
    retries: Retries = field(default_factory=Retries)
    seed: int = 0
    """What all chance in the sweep comes from."""
    reproducible: bool = False
    """Whether suggestions are the same at any speed, whatever interrupts."""
    stopped_as: StoppedAs = StoppedAs.WORST
    """What a trial that the assessor stopped counts as for the tuner."""
    budget: Budget | None = None
    store: Storage = field(default_factory=Storage)
    reports_kept: int = 10_000
    """Reports of one trial that are kept; beyond, they are thinned."""
    strict: bool = False
    """Whether warnings are errors."""
    silence: dict[str, str] = field(default_factory=dict)
    """Why warnings of a code are none, by code."""

    @property
    def limits(self) -> Limits:
        """What may change at a resume."""
        return Limits(
            self.max_trials,
            self.max_duration,
            self.concurrency,
            self.trial_timeout,
            {kind: getattr(self.retries, kind.value) for kind in FailureKind},
        )


@dataclass(frozen=True, slots=True)
class RoleOptions:
    """A role under ``trial.roles``."""

    entry: EntryText | None = None
    """The trial's entry for the framework, unless given."""
    replicas: int = 1
    """How many processes it has."""
    resources: dict[str, float] = field(default_factory=dict)
    """How much of each resource one replica needs: ``cpu``, ``gpu``, ``memory`` in bytes."""
    environment: dict[str, Variable] = field(default_factory=dict)
    """Variables of its processes, beside the trial's."""
    reports: bool | None = None
    """Whether it reports metrics; the first role does, unless one is said to."""


@dataclass(frozen=True, slots=True)
class TrialOptions:
    """The section ``trial``, apart from the arguments of its code."""

    name: str
    """What the trial is called in tables and messages."""
    entries: dict[str, EntryText] = field(default_factory=dict)
    """By framework: the file, module or command that it runs."""
    environment: dict[str, Variable] = field(default_factory=dict)
    """Variables of all its processes; what is named as a secret better stays outside."""
    folder: str = "."
    """Working directory, from which relative paths start."""
    structure: list[str] = field(default_factory=list)
    """Parameters on which its checkpoints depend; a trial that inherits one has them unchanged."""
    roles: dict[str, RoleOptions] | None = None
    """Parts of the trial with processes of their own; one called ``main`` unless given."""


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a setting may be."""

    words: str
    least: float
    excluded: bool = False
    """Whether the least is just too little."""

    def __contains__(self, value: float) -> bool:
        """Tell whether a number is in it."""
        return value > self.least if self.excluded else value >= self.least


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """A setting whose value is of the right type, and yet none that works."""

    path: tuple[str, ...]
    message: str


def out_of_range(settings: Mapping[str, Any]) -> Iterator[OutOfRange]:
    """Find every number outside its range, in plain values of the right types."""
    for path, value in _numbers(settings, ()):
        inside = range_of(path)
        if inside and value not in inside:
            yield OutOfRange(path, f"`{'.'.join(path)}` is {value:g}, not {inside.words}")
    budget = settings.get("budget") or {}
    minimum, maximum = budget.get("minimum", 1), budget.get("maximum")
    if maximum is not None and 0 < maximum < minimum:
        message = f"`budget.maximum` is {maximum:g}, below `budget.minimum`, {minimum:g}"
        yield OutOfRange(("budget", "maximum"), message)


def range_of(path: Sequence[str | int]) -> Range | None:
    """Return the range of a setting, None for one that may be any number."""
    return _RANGES.get(tuple(path)) or _RANGES.get((*path[:-1], "*"))


def known_settings() -> list[str]:
    """List the keys of the root."""
    return [*SECTIONS, *option_defaults(Settings)]


_COUNT = Range("at least 1", 1)
_NATURAL = Range("at least 0", 0)
_POSITIVE = Range("above 0", 0, excluded=True)
_RANGES: Mapping[tuple[str | int, ...], Range] = {
    ("max_trials",): _COUNT,
    ("max_duration",): _POSITIVE,
    ("concurrency",): _COUNT,
    ("trial_timeout",): _POSITIVE,
    ("trial_seconds",): _POSITIVE,
    ("retries", "*"): _NATURAL,
    ("seed",): _NATURAL,
    ("budget", "*"): _POSITIVE,
    ("reports_kept",): _COUNT,
}


def _numbers(
    tree: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], float]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, (*path, key))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield (*path, key), value


ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("maxTrialNum", "maxTrialNumber", "n_trials", "num_samples"), "max_trials"),
    **dict.fromkeys(("maxExecDuration", "maxExperimentDuration", "timeout"), "max_duration"),
    **dict.fromkeys(("trialConcurrency", "max_concurrent_trials", "n_jobs"), "concurrency"),
    **dict.fromkeys(("searchSpaceFile", "searchSpacePath"), "space.nni.file"),
    **dict.fromkeys(("trainingService", "trainingServicePlatform"), "platform"),
    **dict.fromkeys(("codeDir", "trialCodeDirectory"), "trial.folder"),
    **dict.fromkeys(("command", "trialCommand"), "trial.entries"),
    **dict.fromkeys(("experimentWorkingDirectory", "logDir"), "store.path"),
    **dict.fromkeys(("direction", "mode", "optimize_mode"), "objective.direction"),
    "advisor": "tuner",
    "gpuNum": "trial.roles.main.resources.gpu",
    "maxTrialDuration": "trial_timeout",
    "metric": "objective.metric",
    "searchSpace": "space.nni.space",
    "trialGpuNumber": "trial.roles.main.resources.gpu",
}
"""What NNI, Optuna and Ray Tune call things, and what they are called here."""


def called_here(key: str) -> str | None:
    """Tell what a key of another system is called here."""
    return f"here it is `{ELSEWHERE[key]}`" if key in ELSEWHERE else None
