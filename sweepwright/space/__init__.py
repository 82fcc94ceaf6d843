"""Search spaces: ordered parameters with their domains and conditions, as columns of floats.

`SearchSpace` is the central class. The other modules implement its parts:

- `parameters` contains the types from which a space is built.
- `activity` evaluates conditions.
- `columns` computes with whole matrices of values.
- `layout`, `encoding` and `decoding` convert between rows of floats and the nested dicts that
  trials receive.
- `counting` and `rejection_sampling` handle constraints.

`grid_levels`, `proofs` and `space_json` are clients of `SearchSpace`.
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
