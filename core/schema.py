"""The schema of the root configuration: its settings, and what their values may be."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sweepwright.contracts import Budget
from sweepwright.events import FailureKind

from .ir import Limits, Objective
from .options import option_defaults

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
    exit: int = 0
    metric: int = 0
    memory: int = 0
    timeout: int = 0
    killed: int = 1
    launch: int = 0
    lost: int = 2


@dataclass(frozen=True, slots=True)
class Storage:
    """Where sweeps are kept."""

    path: str = "sweeps"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every key of the root that is no section."""

    objective: Objective = field(default_factory=Objective)
    max_trials: int | None = 20
    max_duration: float | None = None
    concurrency: int = 2
    trial_timeout: float | None = None
    trial_seconds: float | None = None
    """What one trial takes at full budget, an estimate for the plan and for nothing else."""
    retries: Retries = field(default_factory=Retries)
    seed: int = 0
    reproducible: bool = False
    budget: Budget | None = None
    store: Storage = field(default_factory=Storage)
    reports_kept: int = 10_000

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
    resources: dict[str, float] = field(default_factory=dict)
    environment: dict[str, Variable] = field(default_factory=dict)
    reports: bool | None = None
    """Whether it reports metrics; the first role does, unless one is said to."""


@dataclass(frozen=True, slots=True)
class TrialOptions:
    """The section ``trial``, apart from the arguments of its code."""

    name: str
    entries: dict[str, EntryText] = field(default_factory=dict)
    environment: dict[str, Variable] = field(default_factory=dict)
    folder: str = "."
    roles: dict[str, RoleOptions] | None = None


Check: TypeAlias = Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """A setting whose value is of the right type, and yet none that works."""

    path: tuple[str, ...]
    message: str


def out_of_range(settings: Mapping[str, Any]) -> Iterator[OutOfRange]:
    """Find every number outside its range, in plain values of the right types."""
    for path, value in _numbers(settings, ()):
        words, inside = _RANGES.get(path) or _RANGES.get((*path[:-1], "*")) or _ANY
        if not inside(value):
            yield OutOfRange(path, f"`{'.'.join(path)}` is {value:g}, not {words}")
    budget = settings.get("budget") or {}
    minimum, maximum = budget.get("minimum", 1), budget.get("maximum")
    if maximum is not None and 0 < maximum < minimum:
        message = f"`budget.maximum` is {maximum:g}, below `budget.minimum`, {minimum:g}"
        yield OutOfRange(("budget", "maximum"), message)


def known_settings() -> list[str]:
    """List the keys of the root."""
    return [*SECTIONS, *option_defaults(Settings)]


_ANY: tuple[str, Check] = ("any number", lambda _: True)
_COUNT: tuple[str, Check] = ("at least 1", lambda value: value >= 1)
_NATURAL: tuple[str, Check] = ("at least 0", lambda value: value >= 0)
_POSITIVE: tuple[str, Check] = ("above 0", lambda value: value > 0)
_RANGES: Mapping[tuple[str, ...], tuple[str, Check]] = {
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
