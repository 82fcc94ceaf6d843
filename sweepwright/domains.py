"""Domains: the sets that parameters take their values from, and the prior on each.

Every domain knows its values as plain Python objects and as floats; numbers stand for
themselves, choices for their index.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

from ._choices import Categorical, Nested, Ordinal
from ._grid import MAX_EXACT, Grid, fraction
from ._numeric import Integer, Normal, Real

Domain: TypeAlias = Real | Integer | Normal | Categorical | Ordinal | Nested


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
    default: Any = None

    def __post_init__(self) -> None:
        """Deliver under the name itself unless told otherwise."""
        if not self.path:
            object.__setattr__(self, "path", (self.name,))


__all__ = [
    "MAX_EXACT",
    "Categorical",
    "Condition",
    "Domain",
    "Grid",
    "Integer",
    "Nested",
    "Normal",
    "Ordinal",
    "Parameter",
    "Real",
    "fraction",
]
