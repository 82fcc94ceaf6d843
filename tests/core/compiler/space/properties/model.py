"""The model of a random space, which does not depend on the notation of the space."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sweepwright.domains import Domain
from sweepwright.expressions import Expression, Kind, references


@dataclass
class Leaf:
    """A parameter without branches."""

    key: str
    domain: Domain
    default: Any = None
    condition: Expression | None = None
    """A condition that uses full names, as every expression of the model does."""


@dataclass
class Branch:
    name: str
    section: "Section"
    condition: Expression | None = None


@dataclass
class Choice:
    """A nested choice."""

    key: str
    branches: list[Branch]
    weights: Mapping[str, float] | None = None
    default: str | None = None
    condition: Expression | None = None


@dataclass
class DerivedValue:
    """A derived value."""

    key: str
    expression: Expression
    kind: Kind
    condition: Expression | None = None


@dataclass
class Raw:
    """A key with a value that is written without changes, whether or not it is valid."""

    key: str
    value: Any


Entry: TypeAlias = Leaf | Choice | DerivedValue | Raw


@dataclass
class Section:
    """The top level of the space, or a branch."""

    scope: str = ""
    """Prefix of the full names in the section, such as ``optimizer.sgd.``."""
    parent: str | None = None
    """Full name of the nested choice that has this branch."""
    branch: str | None = None
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class ParameterSlot:
    """A parameter or derived value, with its full name and its section."""

    name: str
    entry: Leaf | Choice | DerivedValue
    section: Section


@dataclass
class SpaceModel:
    root: Section = field(default_factory=Section)
    constraints: list[Expression] = field(default_factory=list)
    start: list[dict[str, Any]] = field(default_factory=list)
    order: list[ParameterSlot] = field(default_factory=list, repr=False)
    """All parameters and derived values, each after the ones on which it depends."""
    protected: set[str] = field(default_factory=set)
    """Full names that raw entries refer to, which a mutation must not replace."""
    raw_entries: dict[str, Any] = field(default_factory=dict)
    """Top-level entries that are written unchanged; a list extends the list of the model."""

    @property
    def names(self) -> list[str]:
        """All full names of the space."""
        return [slot.name for slot in self.order]

    def named(self) -> set[str]:
        """Collect the full names that some expression refers to."""
        exprs: list[Expression | None] = [*self.constraints]
        for entry in (slot.entry for slot in self.order):
            exprs.append(entry.condition)
            exprs += [entry.expression] if isinstance(entry, DerivedValue) else []
            exprs += [b.condition for b in entry.branches] if isinstance(entry, Choice) else []
        return {reference.name for each in exprs if each for reference in references(each)}

    @property
    def shadows(self) -> bool:
        """Whether some full name resolves to another parameter inside a branch."""
        names = {*self.names}
        scopes = {slot.section.scope for slot in self.order} - {""}
        return any(f"{scope}{name}" in names for scope in scopes for name in names)

    def sections(self) -> Iterator[Section]:
        """Yield the top level and every branch, breadth first."""
        waiting = [self.root]
        while waiting:
            section = waiting.pop(0)
            yield section
            for entry in section.entries:
                if isinstance(entry, Choice):
                    waiting += [branch.section for branch in entry.branches]


def resolve_name(name: str, scope: str, names: list[str]) -> str | None:
    """Resolve a name to a full name, from the innermost scope outwards."""
    parts = scope.split(".")[:-1]
    for length in range(len(parts), -1, -2):
        candidate = ".".join([*parts[:length], name])
        if candidate in names:
            return candidate
    return None


def valid_names(full: str, scope: str, names: list[str]) -> list[str]:
    """List every form in which an expression in a scope can use a full name."""
    parts = scope.split(".")[:-1]
    prefixes = ["".join(f"{part}." for part in parts[:length]) for length in range(len(parts) + 1)]
    short = {full.removeprefix(prefix) for prefix in prefixes if full.startswith(prefix)}
    return sorted(name for name in short if resolve_name(name, scope, names) == full)
