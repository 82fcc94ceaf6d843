"""Define parameters, conditions and derived values: the parts of a search space."""

from dataclasses import dataclass
from typing import Any

from ..domains import Domain
from ..expressions import Expression


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition that a nested choice has taken one of the given branches."""

    parent: str
    choices: tuple[int, ...]
    """Indices of branches of the parent, which is the nested choice."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name, its domain, its path in the assignment, and its conditions."""

    name: str
    """Full name, which is unique in the space, such as ``optimizer.sgd.momentum``."""
    domain: Domain
    path: tuple[str, ...] = ()
    """Keys that lead to the value in an assignment, such as ``("optimizer", "momentum")``.

    The default path consists of the name.
    """
    when: Condition | None = None
    """The branches that contain the parameter; None if the parameter is not in a branch."""
    default: Any = None
    """Value that completes an assignment without this parameter; None if there is no default."""
    condition: Expression | None = None
    """A further condition for being active, which refers only to preceding parameters."""

    def __post_init__(self) -> None:
        """Set the path to the name if no path is given."""
        if not self.path:
            object.__setattr__(self, "path", (self.name,))


@dataclass(frozen=True, slots=True)
class Derived:
    """A value that is computed from parameters, and that trials receive with the parameters."""

    name: str
    expression: Expression
    path: tuple[str, ...] = ()
    """Keys that lead to the value in an assignment. The default path consists of the name."""
    when: Condition | None = None
    """The branches that contain the value; None if the value is not in a branch."""
    condition: Expression | None = None
    """A further condition; trials receive the value only if the condition is true."""

    def __post_init__(self) -> None:
        """Set the path to the name if no path is given."""
        if not self.path:
            object.__setattr__(self, "path", (self.name,))
