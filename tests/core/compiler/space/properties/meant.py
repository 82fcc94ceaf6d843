"""What a random space is meant to be, apart from how it is written."""

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
    """About parameters by their full names, as everywhere here."""


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
class Computed:
    """A derived value."""

    key: str
    expression: Expression
    kind: Kind
    condition: Expression | None = None


@dataclass
class Raw:
    """A key and a value as they are written, whatever they mean."""

    key: str
    written: Any


Entry: TypeAlias = Leaf | Choice | Computed | Raw


@dataclass
class Section:
    """The space as a whole, or a branch."""

    scope: str = ""
    """What precedes the names in it, such as ``optimizer.sgd.``."""
    parent: str | None = None
    """The nested choice that it is a branch of, by its full name."""
    branch: str | None = None
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class ParameterSlot:
    """A parameter or derived value with its full name, in its section."""

    name: str
    entry: Leaf | Choice | Computed
    section: Section


@dataclass
class Space:
    root: Section = field(default_factory=Section)
    constraints: list[Expression] = field(default_factory=list)
    start: list[dict[str, Any]] = field(default_factory=list)
    order: list[ParameterSlot] = field(default_factory=list, repr=False)
    """All that is in it, what others depend on first."""
    kept: set[str] = field(default_factory=set)
    """Full names that what is written besides is about."""
    written: dict[str, Any] = field(default_factory=dict)
    """What stands at the top besides, just as it is written; lists go on with it."""

    @property
    def names(self) -> list[str]:
        """The full names in it."""
        return [seat.name for seat in self.order]

    def named(self) -> set[str]:
        """Collect the full names that something is about."""
        said: list[Expression | None] = [*self.constraints]
        for entry in (seat.entry for seat in self.order):
            said.append(entry.condition)
            said += [entry.expression] if isinstance(entry, Computed) else []
            said += [b.condition for b in entry.branches] if isinstance(entry, Choice) else []
        return {reference.name for each in said if each for reference in references(each)}

    @property
    def shadows(self) -> bool:
        """Whether a full name means something else somewhere."""
        names = {*self.names}
        scopes = {seat.section.scope for seat in self.order} - {""}
        return any(f"{scope}{name}" in names for scope in scopes for name in names)

    def sections(self) -> Iterator[Section]:
        """Walk through the space and all branches."""
        waiting = [self.root]
        while waiting:
            section = waiting.pop(0)
            yield section
            for entry in section.entries:
                if isinstance(entry, Choice):
                    waiting += [branch.section for branch in entry.branches]


def resolved(name: str, scope: str, names: list[str]) -> str | None:
    """Find the full name that a name stands for, from the inside out."""
    parts = scope.split(".")[:-1]
    for length in range(len(parts), -1, -2):
        candidate = ".".join([*parts[:length], name])
        if candidate in names:
            return candidate
    return None


def ways_to_say(full: str, scope: str, names: list[str]) -> list[str]:
    """List the names by which a place may call something, the full one among them."""
    parts = scope.split(".")[:-1]
    prefixes = ["".join(f"{part}." for part in parts[:length]) for length in range(len(parts) + 1)]
    short = {full.removeprefix(prefix) for prefix in prefixes if full.startswith(prefix)}
    return sorted(name for name in short if resolved(name, scope, names) == full)
