"""Search spaces: ordered parameters with their domains and conditions, as columns of floats.

`SearchSpace` is the noun; the other modules hold one part of its work each: `parameters` the
types it is built from, `activity` the conditions, `columns` the arithmetic, `layout`, `encoding`
and `decoding` the way between rows of floats and the nested dicts that trials receive,
`counting` and `rejection_sampling` the constraints. `grid_levels`, `proofs` and `space_json` use
a space from outside.
"""

from ..domains import Categorical, Domain, Integer, Nested, Normal, Ordinal, Real
from .encoding import Misfit, MisfitKind
from .layout import NAME_KEY
from .parameters import Condition, Derived, Parameter
from .rejection_sampling import InfeasibleError
from .search_space import SearchSpace

__all__ = [
    "NAME_KEY",
    "Categorical",
    "Condition",
    "Derived",
    "Domain",
    "InfeasibleError",
    "Integer",
    "Misfit",
    "MisfitKind",
    "Nested",
    "Normal",
    "Ordinal",
    "Parameter",
    "Real",
    "SearchSpace",
]
