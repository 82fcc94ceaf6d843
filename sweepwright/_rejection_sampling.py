"""Draw until enough of what is drawn is permitted."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

MOST_DRAWS = 4_000_000
"""Draws after which a sample is given up, in spaces of up to a hundred parameters."""
MOST_CELLS = 4_000_000
"""Numbers that are drawn together, at most."""

TRIES = 8
"""Draws of a neighbour after the first, before the prior is drawn from instead."""


class InfeasibleError(ValueError):
    """No assignment was found that meets the constraints."""


def draw_permitted(
    draw: Callable[[int], Floats], permitted: Callable[[Floats], Mask], n: int, width: int
) -> Floats:
    """Draw n rows of some width that are permitted, as many again as were drawn in vain.

    Raises
    ------
    InfeasibleError
        When four million draws did not bring enough.
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
    """Draw n variants that are permitted, of the prior where trying again brings none."""
    matrix = vary(n)
    broken = np.flatnonzero(~permitted(matrix))
    for _ in range(TRIES):
        if not len(broken):
            return matrix
        matrix[broken] = vary(len(broken))
        broken = broken[~permitted(matrix[broken])]
    matrix[broken] = draw(len(broken))
    return matrix
