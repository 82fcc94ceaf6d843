"""The types between the passes on the way to a plan: one frozen type a stage.

`Composed` → `Resolved` → `Bound` → `Drafted` → `Spaced` → `Assembled` → `Plan`. Each stage holds
the one before it, so a pass that takes `Spaced` reads settings from ``spaced.bound.resolved``.

A pass that reports a value leaves it out of the next stage or puts `INVALID` in its place, as
`error_recovery` describes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from sweepwright.contracts import (
    AssessorProvider,
    FrameworkProvider,
    PlatformProvider,
    Provider,
    TrialCode,
    TunerProvider,
)
from sweepwright.diagnostics import Span
from sweepwright.events import Assignment
from sweepwright.space import Condition, Parameter, SearchSpace

from ..plan.plan import Selection
from ..registry.registry import Registry
from .settings import Settings
from .spans import KeyPath, Spans, subspan
from .trial_analysis import AnalyzedSource


@dataclass(frozen=True, slots=True)
class Composed:
    """The composed configuration, its interpolations unresolved, and the span of every key."""

    tree: Any
    """The configuration as an OmegaConf mapping."""
    plain: Mapping[str, Any]
    """The configuration as plain values; an interpolation is its text."""
    spans: Spans
    invalid: frozenset[KeyPath]
    """Paths of the values and sections that composition left out because of a fault."""
    groups: tuple[str, ...]
    """Names of the config groups."""
    chooser: Callable[[str], str | None]
    """Returns the override on the command line that chose a file, None if there is none."""
    overrides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The configuration as plain values, with interpolations resolved, and the root's settings."""

    tree: Mapping[str, Any]
    """All values; an invalid one is `INVALID`."""
    spans: Spans
    settings: Settings
    """Settings of the root; an invalid one has its default."""
    budget_valid: bool
    """Whether no key of the budget is invalid."""
    overrides: tuple[str, ...]

    def is_valid(self, name: str) -> bool:
        """Tell whether a setting has the value that the user gave, if he gave one."""
        return name not in self.tree or self.tree[name] == getattr(self.settings, name)


P = TypeVar("P", bound=Provider)


@dataclass(frozen=True, slots=True)
class BoundProvider(Generic[P]):
    """A provider that the configuration selects."""

    provider: P
    selection: Selection
    options_valid: bool
    """Whether all options are valid, so that the plugin can be called with them."""
    sampler: bool = False
    """Whether it is the tuner that draws assignments for another tuner."""

    @property
    def name_path(self) -> KeyPath:
        """Path of the provider's name in the configuration."""
        return ("tuner", "sampler") if self.sampler else (self.selection.kind, "name")

    @property
    def options_path(self) -> KeyPath:
        """Path of the provider's options in the configuration."""
        return ("tuner", "sampler_options") if self.sampler else (self.selection.kind,)

    def __str__(self) -> str:
        """Write the selection as users do: ``tuner=grid``."""
        return f"{'tuner.sampler' if self.sampler else self.selection.kind}={self.selection.name}"


BoundTuner: TypeAlias = BoundProvider[TunerProvider[Any]]
BoundAssessor: TypeAlias = BoundProvider[AssessorProvider[Any]]
BoundPlatform: TypeAlias = BoundProvider[PlatformProvider[Any]]
BoundFramework: TypeAlias = BoundProvider[FrameworkProvider[Any]]


@dataclass(frozen=True, slots=True)
class Bound:
    """The configuration with the names of its providers looked up."""

    resolved: Resolved
    providers: Mapping[str, BoundProvider[Any]]
    """Selected providers by kind, and the ``sampler`` of a tuner; a kind is absent if none is
    selected or its name is invalid."""

    @property
    def tuner(self) -> BoundTuner | None:
        """The selected tuner."""
        return self.providers.get("tuner")

    @property
    def sampler(self) -> BoundTuner | None:
        """The tuner that chooses assignments for `tuner`."""
        return self.providers.get("sampler")

    @property
    def assessor(self) -> BoundAssessor | None:
        """The selected assessor."""
        return self.providers.get("assessor")

    @property
    def platform(self) -> BoundPlatform | None:
        """The selected platform."""
        return self.providers.get("platform")

    @property
    def framework(self) -> BoundFramework | None:
        """The selected framework."""
        return self.providers.get("framework")


@dataclass(frozen=True, slots=True)
class ExprSource:
    """The text of an expression, before parsing."""

    text: str
    span: Span
    """Span of the text, or of the value that contains it."""
    scope: str = ""
    """Prefix of the parameters in the same branch, such as ``optimizer.sgd.``."""

    @property
    def text_span(self) -> Span:
        """Span of the whole text."""
        return self.at(0, len(self.text))

    def at(self, start: int, length: int) -> Span:
        """Return the span of a part of the text."""
        return subspan(self.span, self.text, start, length)


@dataclass(frozen=True, slots=True)
class Draft:
    """A parameter whose condition is not parsed yet."""

    parameter: Parameter
    origin: KeyPath
    """Path of the parameter in the configuration."""
    condition: ExprSource | None = None


@dataclass(frozen=True, slots=True)
class DerivedDraft:
    """A value computed from parameters by an expression that is not parsed yet."""

    name: str
    path: tuple[str, ...]
    """Keys of the value in the assignment that a trial receives."""
    expression: ExprSource
    origin: KeyPath
    when: Condition | None = None
    """The branch that contains the value."""
    condition: ExprSource | None = None


@dataclass(frozen=True, slots=True)
class BranchDraft:
    """The unparsed condition under which a branch of a nested choice can be taken."""

    parent: str
    branch: int
    condition: ExprSource


@dataclass(frozen=True, slots=True)
class StartDraft:
    """An assignment to evaluate first, as written."""

    values: Mapping[str, Any]
    origin: KeyPath


@dataclass(frozen=True, slots=True)
class Drafted:
    """The section ``space`` in one form, whichever notation it was written in."""

    bound: Bound
    parameters: tuple[Draft, ...]
    """Every valid parameter; a nested choice precedes the parameters of its branches."""
    derived: tuple[DerivedDraft, ...] = ()
    branches: tuple[BranchDraft, ...] = ()
    constraints: tuple[ExprSource, ...] = ()
    start: tuple[StartDraft, ...] = ()
    nni_v0_format: bool = False
    """Whether trials receive assignments in the form of NNI before 0.8."""
    complete: bool = True
    """Whether nothing was left out as invalid."""
    invalid_names: frozenset[str] = frozenset()
    """Names of the invalid parameters; an empty name stands for any."""


@dataclass(frozen=True, slots=True)
class Spaced:
    """The configuration with its search space."""

    bound: Bound
    space: SearchSpace
    """Every valid parameter."""
    complete: bool
    """Whether all parameters are valid."""
    origins: Mapping[str, KeyPath]
    """Path of each parameter in the configuration, by name."""
    start: tuple[Assignment, ...] = ()
    """Assignments to evaluate before the tuner is asked."""
    nni_v0_format: bool = False
    """Whether trials receive assignments in the form of NNI before 0.8."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """Everything that a plan is made of."""

    spaced: Spaced
    registry: Registry
    """Where the providers were found, and others that could take their place."""
    code: TrialCode | None = None
    """The trial's code; None if the section ``trial`` is invalid."""
    source_hash: str = ""
    sources: Mapping[str, AnalyzedSource | None] = field(default_factory=dict)
    """Facts about the source that each role starts, by role; None if nothing is known of it."""

    @property
    def resolved(self) -> Resolved:
        """The configuration that everything else was made of."""
        return self.bound.resolved

    @property
    def settings(self) -> Settings:
        """The settings at the root of the configuration."""
        return self.resolved.settings

    @property
    def spans(self) -> Spans:
        """Where each key and value of the configuration is written."""
        return self.resolved.spans

    @property
    def bound(self) -> Bound:
        """The providers."""
        return self.spaced.bound
