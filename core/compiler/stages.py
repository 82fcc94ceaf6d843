"""The types between the passes on the way to a plan: one frozen type a stage."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal, TypeAlias

from sweepwright.contracts import Provider, TrialCode
from sweepwright.diagnostics import Span
from sweepwright.events import Assignment
from sweepwright.space import Condition, Parameter, SearchSpace

from ..plan.plan import Selection
from .settings import Settings

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the root of the configuration."""


class Invalid(Enum):
    """Stands where a fault was found, so that nobody reports it again."""

    HOLE = "hole"


HOLE: Literal[Invalid.HOLE] = Invalid.HOLE


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key and its value are written."""

    key: Span
    value: Span


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything in the composed configuration is written.

    What no file holds is answered with the nearest section around it: for a provider's
    default that is where the provider was chosen.
    """

    find: Callable[[KeyPath], Place | None] = lambda _: None
    """Looks a place up; there is none for what nobody knows the origin of."""

    def key(self, path: KeyPath) -> Span:
        """Find where a key is written."""
        return self._at(path, lambda place: place.key)

    def value(self, path: KeyPath) -> Span:
        """Find where the value of a key is written."""
        return self._at(path, lambda place: place.value)

    def _at(self, path: KeyPath, part: Callable[[Place], Span]) -> Span:
        if place := self.find(path):
            return replace(part(place), key=dotted(path))
        around = next(filter(None, map(self.find, _ancestors(path))), None)
        return replace(around.key, key=dotted(path)) if around else Span(None, key=dotted(path))


@dataclass(frozen=True, slots=True)
class Composed:
    """The configuration as composed, with its interpolations, and where all of it is written."""

    tree: Any
    """An OmegaConf mapping."""
    plain: Mapping[str, Any]
    """The same as plain values, with the interpolations as they are written."""
    places: Places
    holes: frozenset[KeyPath]
    """What composition left out because of a fault."""
    groups: tuple[str, ...]
    """Names of the config groups."""
    chooser: Callable[[str], str | None]
    """Finds the override that chose a file."""
    overrides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Plain values, with a hole for each that is at fault, and the settings of the root."""

    tree: Mapping[str, Any]
    places: Places
    settings: Settings
    """Defaults stand in for settings that are at fault."""
    budget_known: bool
    """Whether the budget is as the user meant it."""
    overrides: tuple[str, ...]

    def meant(self, name: str) -> bool:
        """Tell whether a setting is as the user meant it, and no default for one at fault."""
        return name not in self.tree or self.tree[name] == getattr(self.settings, name)


@dataclass(frozen=True, slots=True)
class Part:
    """A selected provider."""

    provider: Provider[Any, Any]
    selected: Selection
    sound: bool
    """Whether its options are without fault, so that it can be asked about them."""
    sampler: bool = False
    """Whether it is a tuner that chooses assignments for another."""

    @property
    def name_at(self) -> KeyPath:
        """Where its name stands in the configuration."""
        return ("tuner", "sampler") if self.sampler else (self.selected.kind, "name")

    @property
    def options_at(self) -> KeyPath:
        """Where its options do."""
        return ("tuner", "sampler_options") if self.sampler else (self.selected.kind,)

    def __str__(self) -> str:
        """Write how it is selected, as in ``tuner=grid``."""
        return f"{'tuner.sampler' if self.sampler else self.selected.kind}={self.selected.name}"


@dataclass(frozen=True, slots=True)
class Bound:
    """Names bound to providers; a part that is at fault, or not selected, is absent."""

    resolved: Resolved
    parts: Mapping[str, Part]
    """By kind."""


@dataclass(frozen=True, slots=True)
class ExprSource:
    """An expression as somebody wrote it."""

    text: str
    span: Span
    """Where the text is, or the value that it is part of."""
    scope: str = ""
    """What precedes the names of the parameters beside it, such as ``optimizer.sgd.``."""

    def at(self, start: int, length: int) -> Span:
        """Point into the text, where it stands in its line as it is."""
        return inside(self.span, self.text, start, length)


@dataclass(frozen=True, slots=True)
class Draft:
    """A parameter whose condition is not yet understood."""

    parameter: Parameter
    origin: KeyPath
    """Where it stands in the configuration."""
    condition: ExprSource | None = None


@dataclass(frozen=True, slots=True)
class DerivedDraft:
    """A value that is computed from parameters, not yet understood."""

    name: str
    path: tuple[str, ...]
    """Keys to it in what a trial receives."""
    expression: ExprSource
    origin: KeyPath
    when: Condition | None = None
    """The branch it is in."""
    condition: ExprSource | None = None


@dataclass(frozen=True, slots=True)
class BranchDraft:
    """A condition on taking a branch of a nested choice."""

    parent: str
    branch: int
    condition: ExprSource


@dataclass(frozen=True, slots=True)
class StartDraft:
    """An assignment that is to be tried first, as it was given."""

    values: Mapping[str, Any]
    origin: KeyPath


@dataclass(frozen=True, slots=True)
class Drafted:
    """What was bound, with all that is written in the section ``space``, however it is spelt."""

    bound: Bound
    parameters: tuple[Draft, ...]
    """Every parameter that is without fault, parents before the branches they have."""
    derived: tuple[DerivedDraft, ...] = ()
    branches: tuple[BranchDraft, ...] = ()
    constraints: tuple[ExprSource, ...] = ()
    start: tuple[StartDraft, ...] = ()
    nni_v0_format: bool = False
    """Whether trials receive assignments in the form that NNI had before its version 0.8."""
    complete: bool = True
    """Whether nothing was left out for a fault."""
    invalid_names: frozenset[str] = frozenset()
    """Names of the parameters that were left out; an empty one stands for any name."""


@dataclass(frozen=True, slots=True)
class Spaced:
    """What was bound, with the search space."""

    bound: Bound
    space: SearchSpace
    """Every parameter that is without fault."""
    complete: bool
    """Whether that is all of them."""
    origins: Mapping[str, KeyPath]
    """Where each parameter, by name, stands in the configuration."""
    start: tuple[Assignment, ...] = ()
    """What is tried before the tuner is asked."""
    nni_v0_format: bool = False
    """Whether trials receive assignments in the form that NNI had before its version 0.8."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """All the parts of a plan; the trial's code is absent when it is at fault."""

    spaced: Spaced
    code: TrialCode | None
    source_hash: str


def dotted(path: KeyPath) -> str:
    """Write a path as a user would: ``layers[2].size``."""
    parts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return "".join(parts).removeprefix(".")


def inside(span: Span, text: str, start: int, length: int) -> Span:
    """Point into the middle of a value, when its text stands in its line as it is."""
    at = span.text.find(text, span.column - 1)
    if at < 0 or at > span.column:
        return span
    return replace(span, column=at + start + 1, length=length)


def holes_in(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield where the holes are in plain values."""
    if value is HOLE:
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from holes_in(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from holes_in(item, (*path, index))


def without_holes(value: Any) -> Any:
    """Leave out whatever is at fault."""
    if isinstance(value, Mapping):
        return {key: without_holes(item) for key, item in value.items() if item is not HOLE}
    if isinstance(value, list):
        return [without_holes(item) for item in value if item is not HOLE]
    return value


def _ancestors(path: KeyPath) -> Iterator[KeyPath]:
    return (path[:length] for length in range(len(path) - 1, 0, -1))
