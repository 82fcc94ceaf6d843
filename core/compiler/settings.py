"""The schema of the root: its settings, their ranges, and their names in other systems.

The dataclasses are the only source of keys, types, defaults and descriptions. The resolve pass
uses them to check settings, and the editor schema is generated from them. ``conf/config.yaml``
repeats the defaults for its readers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, make_dataclass
from typing import Any, TypeAlias

from sweepwright.contracts import Budget
from sweepwright.events import FailureKind

from ..plan.plan import Limits, Objective, StoppedAs
from ..registry.options import option_defaults

SECTIONS = ("space", "tuner", "assessor", "platform", "framework", "trial")
"""Top-level keys that have their own passes. All except `space` and `trial` select providers."""


EntryText: TypeAlias = str | list[str]
"""A file, a module, or a command with its arguments."""

Variable: TypeAlias = str | int | float | bool
"""The value of an environment variable before it is converted to text."""


# The keys are generated from `FailureKind`, so that the failure classes are listed in one place.
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
    namespace={"__doc__": "Number of failed attempts that a trial may repeat, by failure class."},
    frozen=True,
    slots=True,
)


@dataclass(frozen=True, slots=True)
class Storage:
    """The place where sweeps are stored."""

    path: str = "sweeps"
    """Folder of the store, relative to the working directory."""
    shared: bool = False
    """Whether the members of the user's group may read the sweep. Its files are otherwise the
    user's alone."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The top-level keys that are not sections."""

    objective: Objective = field(default_factory=Objective)
    max_trials: int | None = 20
    """Maximum number of trials; null for no limit."""
    max_duration: float | None = None
    """Maximum duration in seconds, including earlier runs of the sweep.

    Afterwards no trial starts. Null for no limit.
    """
    concurrency: int = 2
    """Maximum number of trials that run at the same time."""
    trial_timeout: float | None = None
    """Maximum duration of an attempt in seconds; null for no limit."""
    drain_timeout: float | None = None
    """Maximum duration in seconds of the wait for running trials when the sweep is to end.

    The wait begins with a signal such as Ctrl-C, or when ``max_duration`` is over. Afterwards the
    trials are stopped, and a resume runs them again. Null for no limit.
    """
    trial_seconds: float | None = None
    """Estimated duration of a trial at full budget in seconds; only ``plan`` uses it."""
    retries: Retries = field(default_factory=Retries)  # type: ignore[valid-type]  # made above
    seed: int = 0
    """Seed of all random numbers in the sweep."""
    reproducible: bool = False
    """Whether suggestions depend only on the seed and on trial results, and not on timing."""
    stopped_as: StoppedAs = StoppedAs.WORST
    """The value that the tuner receives for a trial that the assessor stopped."""
    budget: Budget | None = None
    store: Storage = field(default_factory=Storage)
    reports_kept: int = 10_000
    """Number of a trial's first reports that are all kept; of later reports, some are dropped."""
    strict: bool = False
    """Whether every warning is treated as an error."""
    silence: dict[str, str] = field(default_factory=dict)
    """Mapping from the code of each silenced warning to the reason for silencing it."""

    @property
    def limits(self) -> Limits:
        """The settings that a resume may change."""
        return Limits(
            self.max_trials,
            self.max_duration,
            self.concurrency,
            self.trial_timeout,
            {kind: getattr(self.retries, kind.value) for kind in FailureKind},
            self.drain_timeout,
        )


@dataclass(frozen=True, slots=True)
class RoleOptions:
    """A role under ``trial.roles``."""

    entry: EntryText | None = None
    """File, module or command of this role; by default, the trial's entry for the framework."""
    replicas: int = 1
    """Number of processes."""
    resources: dict[str, float] = field(default_factory=dict)
    """Resources of one replica: ``cpu``, ``gpu``, ``memory`` in bytes."""
    environment: dict[str, Variable] = field(default_factory=dict)
    """Environment variables of the role's processes, in addition to those of the trial."""
    reports: bool | None = None
    """Whether the role reports metrics; by default, only the first role does."""


@dataclass(frozen=True, slots=True)
class TrialOptions:
    """The keys of the section ``trial`` that are not arguments of the trial's code."""

    name: str
    """Name of the trial in tables and messages."""
    entries: dict[str, EntryText] = field(default_factory=dict)
    """The file, module or command to run, by framework."""
    environment: dict[str, Variable] = field(default_factory=dict)
    """Environment variables of all processes.

    The journal records them. Write a secret as a reference, such as ``${oc.env:TOKEN}``.
    """
    folder: str = "."
    """Working directory of the trial; relative paths start here."""
    structure: list[str] = field(default_factory=list)
    """Parameters on which checkpoints depend.

    A trial that inherits a checkpoint keeps the values of these parameters.
    """
    roles: dict[str, RoleOptions] | None = None
    """Roles of a distributed trial by name; by default, one role called ``main``."""


@dataclass(frozen=True, slots=True)
class Range:
    """The range of numbers that a setting accepts."""

    description: str
    minimum: float
    exclusive: bool = False
    """Whether the minimum itself is out of range."""

    def __contains__(self, value: float) -> bool:
        """Tell whether a number is in the range."""
        return value > self.minimum if self.exclusive else value >= self.minimum


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """A setting whose value has the right type but is outside the setting's range."""

    path: tuple[str, ...]
    message: str


def out_of_range(settings: Mapping[str, Any]) -> Iterator[OutOfRange]:
    """Yield every number that is outside its range. All values must have the right types."""
    for path, value in _numbers(settings, ()):
        allowed = range_of(path)
        if allowed and value not in allowed:
            yield OutOfRange(path, f"`{'.'.join(path)}` is {value:g}, not {allowed.description}")
    # If the maximum is 0 or less, the loop has reported it.
    budget = settings.get("budget") or {}
    minimum, maximum = budget.get("minimum", 1), budget.get("maximum")
    if maximum is not None and 0 < maximum < minimum:
        message = f"`budget.maximum` is {maximum:g}, below `budget.minimum`, {minimum:g}"
        yield OutOfRange(("budget", "maximum"), message)


def range_of(path: Sequence[str | int]) -> Range | None:
    """Return the range of a setting; return None if the setting accepts any number."""
    # `retries.killed` has the range of `retries.*`.
    return _RANGES.get(tuple(path)) or _RANGES.get((*path[:-1], "*"))


def known_settings() -> list[str]:
    """List the known top-level keys."""
    return [*SECTIONS, *option_defaults(Settings)]


def called_here(key: str) -> str | None:
    """Suggest the key that has the same meaning as a given key of NNI, Optuna or Ray Tune."""
    return f"sweepwright calls it `{_ELSEWHERE[key]}`" if key in _ELSEWHERE else None


_COUNT = Range("at least 1", 1)
_NATURAL = Range("at least 0", 0)
_POSITIVE = Range("above 0", 0, exclusive=True)
_RANGES: Mapping[tuple[str | int, ...], Range] = {
    ("max_trials",): _COUNT,
    ("max_duration",): _POSITIVE,
    ("concurrency",): _COUNT,
    ("trial_timeout",): _POSITIVE,
    ("drain_timeout",): _POSITIVE,
    ("trial_seconds",): _POSITIVE,
    ("retries", "*"): _NATURAL,
    ("seed",): _NATURAL,
    ("budget", "*"): _POSITIVE,
    ("reports_kept",): _COUNT,
}
"""Ranges of settings. The key ``*`` stands for any key of a section."""


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
"""Mapping from keys of NNI, Optuna and Ray Tune to the keys here that have the same meaning."""
