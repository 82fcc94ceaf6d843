"""Points that fill the unit cube more evenly than independent draws do, each by its number."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.seeds import rng

Floats: TypeAlias = NDArray[np.float64]

MOST_DIMENSIONS = 21_201
"""Dimensions for which Sobol's sequence is known (Joe and Kuo 2008)."""
CHUNK = 64
"""Points of the sequence that are computed together."""


class EvenPoints:
    """A sequence of points that is computed in blocks, of which the last two are kept.

    Parameters
    ----------
    compute
        Computes the block of a number, shape (size, d), whichever were computed before.
    """

    def __init__(self, size: int, compute: Callable[[int], Floats]) -> None:
        self._size = size
        self._block = lru_cache(maxsize=2)(compute)

    def __call__(self, number: int) -> Floats:
        """Return the point of a number, counted from 0; shape (d,)."""
        block, place = divmod(number, self._size)
        return np.asarray(self._block(block)[place])


def sobol(dimensions: int, seed: int) -> EvenPoints:
    """Lay out Sobol's sequence, scrambled, in up to 21,201 dimensions and 2**30 points."""
    # Only here, for it takes a second to import.
    from scipy.stats import qmc  # noqa: PLC0415 - see above

    sequence = qmc.Sobol(dimensions, seed=rng(seed, "tuner/sobol"))

    def compute(block: int) -> Floats:
        first = block * CHUNK
        if sequence.num_generated > first:
            sequence.reset()
        if skipped := first - sequence.num_generated:
            sequence.fast_forward(skipped)
        return np.asarray(sequence.random(CHUNK))

    return EvenPoints(CHUNK, compute)


def latin_hypercubes(dimensions: int, seed: int, size: int) -> EvenPoints:
    """Lay out Latin hypercubes: in each dimension, every n-th of the axis has one of n points."""

    def compute(block: int) -> Floats:
        draws = rng(seed, "tuner/latin", block)
        strata = np.repeat(np.arange(size)[:, None], dimensions, axis=1)
        places = draws.random(strata.shape)
        return np.asarray((draws.permuted(strata, axis=0) + places) / size)

    return EvenPoints(size, compute)
