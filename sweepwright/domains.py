"""Domains: the sets that parameters take their values from, and the prior on each.

Every domain knows its values as plain Python objects and as floats; numbers stand for
themselves, choices for their index.
"""

from typing import TypeAlias

from ._choices import Categorical, Nested, Ordinal
from ._grid import MAX_EXACT, Grid, fraction
from ._numeric import Integer, Normal, Real

Domain: TypeAlias = Real | Integer | Normal | Categorical | Ordinal | Nested

__all__ = [
    "MAX_EXACT",
    "Categorical",
    "Domain",
    "Grid",
    "Integer",
    "Nested",
    "Normal",
    "Ordinal",
    "Real",
    "fraction",
]
