"""Features of the trees: points whose inactive coordinates are outside the range of the others."""

import numpy as np
from numpy.typing import NDArray

from ..model_based.axes import Floats

Features = NDArray[np.float32]
"""Features in the precision in which scikit-learn's trees compare them."""
INACTIVE = -1.0
"""Feature of an inactive parameter. All others are at least 0, so that a single split separates
the assignments in which a parameter is active from the others (as in SMAC3)."""


def encode(points: Floats) -> Features:
    """Encode points, shape (n, d), as features of the same shape.

    The feature of a choice is the index of its option. A tree separates an option from the others
    by two splits at most. One-hot features and an order by the options' mean losses were no better
    (see ``docs/decisions/0024``).
    """
    return np.nan_to_num(points, nan=INACTIVE).astype(np.float32)
