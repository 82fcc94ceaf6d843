"""The stages of compilation: the types that the passes take and return, all of them frozen.

`Composed` → `Resolved` → `Bound` → `Drafted` → `Spaced` → `Assembled` → `Plan`. `Bound`,
`Drafted`, `Spaced` and `Assembled` each have an attribute that holds an earlier stage. For
example, a pass that takes `Spaced` reads settings from ``spaced.bound.resolved.settings``.

If a pass reports a value, the next stage omits the value or contains `INVALID` in its place. The
module `error_recovery` describes this.
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
    """The composed configuration with unresolved interpolations, and the span of every key."""

    tree: Any
    """The configuration as an OmegaConf mapping."""
    plain: Mapping[str, Any]
    """The configuration as Python containers and scalars; an interpolation appears as its text."""
    spans: Spans
    invalid: frozenset[KeyPath]
    """Paths of the values and sections that composition left out because of a fault."""
    groups: tuple[str, ...]
    """Names of the config groups."""
    chooser: Callable[[str], str | None]
    """Function that returns the override which chose a file, or None if no override chose it."""
    overrides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The configuration with resolved interpolations, and the settings of the root."""

    tree: Mapping[str, Any]
    """All values; `INVALID` replaces each invalid value."""
    spans: Spans
    settings: Settings
    """Settings of the root; a default replaces each invalid setting."""
    budget_valid: bool
    """Whether all keys of the budget are valid."""
    overrides: tuple[str, ...]

    def is_valid(self, name: str) -> bool:
        """Tell whether the user's value for a setting is valid; an absent value is valid, too."""
        # An invalid value differs from the default that replaced it. This holds for single values
        # only: a section is a mapping here and a dataclass there.
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
    """Whether the provider is a sampler: a tuner that draws assignments for another tuner."""

    @property
    def name_path(self) -> KeyPath:
        """Path of the provider's name in the configuration."""
        return ("tuner", "sampler") if self.sampler else (self.selection.kind, "name")

    @property
    def options_path(self) -> KeyPath:
        """Path of the provider's options in the configuration."""
        return ("tuner", "sampler_options") if self.sampler else (self.selection.kind,)

    def __str__(self) -> str:
        """Write the selection as an override: ``tuner=grid``."""
        return f"{'tuner.sampler' if self.sampler else self.selection.kind}={self.selection.name}"


BoundTuner: TypeAlias = BoundProvider[TunerProvider[Any]]
BoundAssessor: TypeAlias = BoundProvider[AssessorProvider[Any]]
BoundPlatform: TypeAlias = BoundProvider[PlatformProvider[Any]]
BoundFramework: TypeAlias = BoundProvider[FrameworkProvider[Any]]


@dataclass(frozen=True, slots=True)
class Bound:
    """The configuration, and the providers that it names."""

    resolved: Resolved
    providers: Mapping[str, BoundProvider[Any]]
    """Selected providers by kind, and the sampler of the tuner under ``sampler``.

    A kind is absent if no provider of that kind is selected or the provider's name is invalid.
    """

    @property
    def tuner(self) -> BoundTuner | None:
        """The selected tuner."""
        return self.providers.get("tuner")

    @property
    def sampler(self) -> BoundTuner | None:
        """The tuner that chooses assignments for the selected tuner."""
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
    """Prefix of the names of parameters in the same branch, such as ``optimizer.sgd.``."""

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
    """An assignment to evaluate before the tuner is asked, in the form that the user wrote."""

    values: Mapping[str, Any]
    origin: KeyPath


@dataclass(frozen=True, slots=True)
class Drafted:
    """The section ``space`` in a form that does not depend on the notation it was written in."""

    bound: Bound
    parameters: tuple[Draft, ...]
    """All valid parameters; a nested choice precedes the parameters of its branches."""
    derived: tuple[DerivedDraft, ...] = ()
    branches: tuple[BranchDraft, ...] = ()
    constraints: tuple[ExprSource, ...] = ()
    start: tuple[StartDraft, ...] = ()
    nni_v0_format: bool = False
    """Whether trials receive assignments in the form of NNI before 0.8."""
    complete: bool = True
    """Whether every part of the section is valid and present in this draft."""
    invalid_names: frozenset[str] = frozenset()
    """Names of the invalid parameters; an empty name means that any name may be invalid."""


@dataclass(frozen=True, slots=True)
class Spaced:
    """The configuration, and its search space."""

    bound: Bound
    space: SearchSpace
    """The search space of all valid parameters."""
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
    """All parts from which a plan is made."""

    spaced: Spaced
    registry: Registry
    """The registry that contains the selected providers and their alternatives."""
    code: TrialCode | None = None
    """The trial's code; None if the section ``trial`` is invalid."""
    source_hash: str = ""
    sources: Mapping[str, AnalyzedSource | None] = field(default_factory=dict)
    """Facts about the source code of each role, by role name; None if nothing is known."""

    @property
    def resolved(self) -> Resolved:
        """The configuration from which the other parts were made."""
        return self.bound.resolved

    @property
    def settings(self) -> Settings:
        """The settings at the root of the configuration."""
        return self.resolved.settings

    @property
    def spans(self) -> Spans:
        """The spans that say where each key and value of the configuration is written."""
        return self.resolved.spans

    @property
    def bound(self) -> Bound:
        """The configuration with its providers."""
        return self.spaced.bound
