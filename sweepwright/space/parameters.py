"""Parameters: names with their domains, the conditions for being active, and derived values."""

from dataclasses import dataclass
from typing import Any

from ..domains import Domain
from ..expressions import Expression


@dataclass(frozen=True, slots=True)
class Condition:
    """The branch of a nested choice: active only if the parent took one of these choices."""

    parent: str
    choices: tuple[int, ...]
    """Indices of the parent's choices."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A name in the space, its domain, where a trial finds it, and when it is active."""

    name: str
    """Unique in the space, such as ``optimizer.sgd.momentum``."""
    domain: Domain
    path: tuple[str, ...] = ()
    """Keys to the value in what a trial receives, such as ``("optimizer", "momentum")``; the name
    itself unless given."""
    when: Condition | None = None
    """The branch that contains the parameter."""
    default: Any = None
    """The value for a given assignment that leaves the parameter out; None for no default."""
    condition: Expression | None = None
    """A further condition for being active, on parameters that precede this one."""

    def __post_init__(self) -> None:
        """Use the name for a path unless one is given."""
        if not self.path:
            object.__setattr__(self, "path", (self.name,))


@dataclass(frozen=True, slots=True)
class Derived:
    """A value that is computed from parameters and delivered beside them."""

    name: str
    expression: Expression
    path: tuple[str, ...] = ()
    """Keys to the value in what a trial receives; the name itself unless given."""
    when: Condition | None = None
    """The branch that contains the value."""
    condition: Expression | None = None
    """A further condition for being delivered."""

    def __post_init__(self) -> None:
        """Use the name for a path unless one is given."""
        if not self.path:
            object.__setattr__(self, "path", (self.name,))
