"""Domains: the sets of values that parameters may have, each with a prior distribution.

A domain has two representations of its values: as Python objects, which trials receive, and as
floats, with which tuners compute. The float of a number is the number itself. The float of a
choice is the index of the choice.
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
