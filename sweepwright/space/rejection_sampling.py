"""Rejection sampling: draw rows again until they satisfy the constraints."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

# These values limit time and memory, and are not tuned: four million draws take some seconds, and
# a batch of four million floats takes 32 MB.
MOST_DRAWS = 4_000_000
"""Number of draws after which sampling fails, in spaces of up to a hundred parameters."""
MOST_CELLS = 4_000_000
"""Largest number of floats in one batch of draws."""
TRIES = 8
"""Number of times that a variant is drawn again before a draw from the prior replaces it."""


class InfeasibleError(ValueError):
    """Too few assignments that satisfy the constraints were found."""


def draw_permitted(
    draw: Callable[[int], Floats], permitted: Callable[[Floats], Mask], n: int, width: int
) -> Floats:
    """Draw n permitted rows, each with `width` columns.

    Each batch is as large as all previous batches together. So if a share s of the prior is
    permitted, about log2(1 / s) batches are needed.

    Raises
    ------
    InfeasibleError
        If four million draws do not yield n permitted rows.
    """
    found: list[Floats] = []
    batch, drawn, missing = n, 0, n
    while missing > 0:
        if drawn * max(1, width / 100) > MOST_DRAWS:
            raise InfeasibleError(f"of {drawn} draws from the prior, too few meet the constraints")
        matrix = draw(batch)
        found.append(matrix[permitted(matrix)])
        missing, drawn = missing - len(found[-1]), drawn + batch
        batch = min(max(missing, drawn, 64), max(1, MOST_CELLS // width))
    return np.concatenate(found)[:n]


def vary_permitted(
    vary: Callable[[int], Floats],
    draw: Callable[[int], Floats],
    permitted: Callable[[Floats], Mask],
    n: int,
) -> Floats:
    """Draw n permitted variants.

    A variant that is still not permitted after `TRIES` attempts is replaced by a row from `draw`.
    """
    matrix = vary(n)
    broken = np.flatnonzero(~permitted(matrix))
    for _ in range(TRIES):
        if not len(broken):
            return matrix
        matrix[broken] = vary(len(broken))
        broken = broken[~permitted(matrix[broken])]
    matrix[broken] = draw(len(broken))
    return matrix
