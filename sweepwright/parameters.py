"""Parameters: names with their domains, when they are active, and what is derived from them."""

from dataclasses import dataclass
from typing import Any

from .domains import Domain
from .expressions import Expression


@dataclass(frozen=True, slots=True)
class Condition:
    """Active only where the parent took one of these choices, given by index."""

    parent: str
    choices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A name in the space, its domain, where a trial finds it, and when it is active."""

    name: str
    """Unique in the space, such as ``optimizer.sgd.momentum``."""
    domain: Domain
    path: tuple[str, ...] = ()
    """Keys to it in what a trial receives, such as ``("optimizer", "momentum")``."""
    when: Condition | None = None
    """The branch it is in."""
    default: Any = None
    """The value that an assignment has which leaves it out; None for no such value."""
    condition: Expression | None = None
    """What must be true besides for it to be active, of earlier parameters."""

    def __post_init__(self) -> None:
        """Deliver under the name itself unless told otherwise."""
        if not self.path:
            object.__setattr__(self, "path", (self.name,))


@dataclass(frozen=True, slots=True)
class Derived:
    """A value that is computed from parameters and delivered beside them."""

    name: str
    expression: Expression
    path: tuple[str, ...] = ()
    """Keys to it in what a trial receives."""
    when: Condition | None = None
    """The branch it is in."""
    condition: Expression | None = None
    """What must be true besides for it to be delivered."""

    def __post_init__(self) -> None:
        """Deliver under the name itself unless told otherwise."""
        if not self.path:
            object.__setattr__(self, "path", (self.name,))
