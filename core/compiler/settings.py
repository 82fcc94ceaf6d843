"""The schema of the root configuration: its settings, their ranges, and their names elsewhere.

The dataclasses are the one source of keys, types, defaults and descriptions: the resolve pass
checks against them, and the editor schema is generated from them. ``conf/config.yaml`` repeats the
defaults, so that a reader finds them there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, make_dataclass
from typing import Any, TypeAlias

from sweepwright.contracts import Budget
from sweepwright.events import FailureKind

from ..plan.plan import Limits, Objective, StoppedAs
from ..registry.options import option_defaults

SECTIONS = ("space", "tuner", "assessor", "platform", "framework", "trial")
"""Keys of the root that have passes of their own; all but `space` and `trial` select providers."""


EntryText: TypeAlias = str | list[str]
"""A file, a module, or a command with its arguments."""

Variable: TypeAlias = str | int | float | bool
"""A value of an environment variable, before it is written as text."""


# The failure classes are listed once, in `FailureKind`: a member added there is a key here.
Retries = make_dataclass(
    "Retries",
    [
        (
            kind.value,
            int,
            field(default=kind.retries, metadata={"doc": f"The trial {kind.meaning}."}),
        )
        for kind in FailureKind
    ],
    namespace={"__doc__": "How many failed attempts of each class a trial may repeat."},
    frozen=True,
    slots=True,
)


@dataclass(frozen=True, slots=True)
class Storage:
    """Where sweeps are stored."""

    path: str = "sweeps"
    """A folder, relative to the working directory."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The keys of the root apart from its sections."""

    objective: Objective = field(default_factory=Objective)
    max_trials: int | None = 20
    """Number of trials; null for no limit."""
    max_duration: float | None = None
    """Seconds after which no further trial starts; the runs of a resumed sweep add up."""
    concurrency: int = 2
    """Number of trials that run at once."""
    trial_timeout: float | None = None
    """Seconds after which an attempt is stopped."""
    trial_seconds: float | None = None
    """Estimated seconds of one trial at full budget, from which ``plan`` estimates the cost."""
    retries: Retries = field(default_factory=Retries)  # type: ignore[valid-type]  # made above
    seed: int = 0
    """Seed of all random numbers in the sweep."""
    reproducible: bool = False
    """Whether suggestions depend on the seed and the trials' results alone, not on timing."""
    stopped_as: StoppedAs = StoppedAs.WORST
    """The value that the tuner is told for a trial that the assessor stopped."""
    budget: Budget | None = None
    store: Storage = field(default_factory=Storage)
    reports_kept: int = 10_000
    """Reports of one trial that are kept; if there are more, some are dropped."""
    strict: bool = False
    """Whether warnings are errors."""
    silence: dict[str, str] = field(default_factory=dict)
    """Codes whose warnings are silenced, each with the reason."""

    @property
    def limits(self) -> Limits:
        """The settings that a resume may change."""
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
    """A file, module or command of its own; by default the trial's entry for the framework."""
    replicas: int = 1
    """Number of processes."""
    resources: dict[str, float] = field(default_factory=dict)
    """Resources of one replica: ``cpu``, ``gpu``, ``memory`` in bytes."""
    environment: dict[str, Variable] = field(default_factory=dict)
    """Environment variables of its processes, in addition to the trial's."""
    reports: bool | None = None
    """Whether it reports metrics; the first role does if no role is set to."""


@dataclass(frozen=True, slots=True)
class TrialOptions:
    """The section ``trial``, apart from the arguments of the trial's code."""

    name: str
    """Name of the trial in tables and messages."""
    entries: dict[str, EntryText] = field(default_factory=dict)
    """The file, module or command to run, by framework."""
    environment: dict[str, Variable] = field(default_factory=dict)
    """Environment variables of all processes; the journal records them, so keep secrets out."""
    folder: str = "."
    """Working directory of the trial; relative paths start here."""
    structure: list[str] = field(default_factory=list)
    """Parameters that checkpoints depend on; a trial that inherits a checkpoint keeps them."""
    roles: dict[str, RoleOptions] | None = None
    """Roles of a distributed trial by name; by default one called ``main``."""


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a setting may be."""

    description: str
    minimum: float
    exclusive: bool = False
    """Whether the minimum itself is out of range."""

    def __contains__(self, value: float) -> bool:
        """Tell whether a number is in the range."""
        return value > self.minimum if self.exclusive else value >= self.minimum


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """A setting of the right type whose value is outside its range."""

    path: tuple[str, ...]
    message: str


def out_of_range(settings: Mapping[str, Any]) -> Iterator[OutOfRange]:
    """Yield every number outside its range, in plain values of the right types."""
    for path, value in _numbers(settings, ()):
        allowed = range_of(path)
        if allowed and value not in allowed:
            yield OutOfRange(path, f"`{'.'.join(path)}` is {value:g}, not {allowed.description}")
    budget = settings.get("budget") or {}
    minimum, maximum = budget.get("minimum", 1), budget.get("maximum")
    if maximum is not None and 0 < maximum < minimum:
        message = f"`budget.maximum` is {maximum:g}, below `budget.minimum`, {minimum:g}"
        yield OutOfRange(("budget", "maximum"), message)


def range_of(path: Sequence[str | int]) -> Range | None:
    """Return the range of a setting, None if it may be any number."""
    return _RANGES.get(tuple(path)) or _RANGES.get((*path[:-1], "*"))


def known_settings() -> list[str]:
    """List the keys of the root."""
    return [*SECTIONS, *option_defaults(Settings)]


def called_here(key: str) -> str | None:
    """Suggest the key that means the same as a key of NNI, Optuna or Ray Tune."""
    return f"sweepwright calls it `{_ELSEWHERE[key]}`" if key in _ELSEWHERE else None


_COUNT = Range("at least 1", 1)
_NATURAL = Range("at least 0", 0)
_POSITIVE = Range("above 0", 0, exclusive=True)
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
"""Range of each setting that has one; ``*`` stands for any key of a section."""


def _numbers(
    tree: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], float]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, (*path, key))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield (*path, key), value


_ELSEWHERE: Mapping[str, str] = {
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
"""Keys of NNI, Optuna and Ray Tune, and the key here that means the same."""
