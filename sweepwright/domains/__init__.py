"""Domains: the sets that parameters take their values from, with the prior on each.

A domain knows its values both as Python objects, which trials receive, and as floats, on which
tuners compute. The float of a number is the number itself; that of a choice is its index.
"""

from .choices import Categorical, Nested, Ordinal
from .domain import LARGEST, Domain, fault
from .grid import MAX_EXACT, Grid, fraction
from .numeric import Integer, Normal, Real

__all__ = [
    "LARGEST",
    "MAX_EXACT",
    "Categorical",
    "Domain",
    "Grid",
    "Integer",
    "Nested",
    "Normal",
    "Ordinal",
    "Real",
    "fault",
    "fraction",
]
