"""Rejection sampling: draw again whatever breaks a constraint."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

# Plain limits of patience and memory rather than tuned values: four million draws take some
# seconds, and a batch of four million floats takes 32 MB.
MOST_DRAWS = 4_000_000
"""Draws after which a sample is given up, in spaces of up to a hundred parameters."""
MOST_CELLS = 4_000_000
"""Floats that are drawn together, at most."""
TRIES = 8
"""Times that a neighbour is drawn again before the prior replaces it."""


class InfeasibleError(ValueError):
    """No assignment was found that meets the constraints."""


def draw_permitted(
    draw: Callable[[int], Floats], permitted: Callable[[Floats], Mask], n: int, width: int
) -> Floats:
    """Draw n permitted rows of some width.

    Each batch is as large as all before it together, so that a constraint that leaves a share s
    of the prior takes about log2(1 / s) batches.

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
    """Draw n permitted variants; replace those that `TRIES` attempts do not find by `draw`."""
    matrix = vary(n)
    broken = np.flatnonzero(~permitted(matrix))
    for _ in range(TRIES):
        if not len(broken):
            return matrix
        matrix[broken] = vary(len(broken))
        broken = broken[~permitted(matrix[broken])]
    matrix[broken] = draw(len(broken))
    return matrix
