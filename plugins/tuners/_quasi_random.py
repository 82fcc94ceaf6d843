"""Quasi-random sequences, which cover the unit cube more evenly than independent draws."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.seeds import rng

Floats: TypeAlias = NDArray[np.float64]

MOST_DIMENSIONS = 21_201
"""Number of dimensions for which Joe and Kuo (2008) give direction numbers of Sobol's sequence."""
# A power of two, because scipy warns of any other number of first points.
CHUNK_SIZE = 64
"""Number of points of Sobol's sequence that are computed together."""


class PointSequence:
    """A sequence of points with random access, computed in blocks; two blocks are cached.

    Parameters
    ----------
    size
        Number of points in a block.
    compute
        Computes the block with a given number, shape (size, d), independently of other blocks.
    """

    def __init__(self, size: int, compute: Callable[[int], Floats]) -> None:
        self._size = size
        self._block = lru_cache(maxsize=2)(compute)

    def __call__(self, number: int) -> Floats:
        """Return the point with a given number, counted from 0; shape (d,)."""
        block, place = divmod(number, self._size)
        return np.asarray(self._block(block)[place])


def sobol(dimensions: int, seed: int) -> PointSequence:
    """Create Sobol's sequence of at most 21,201 dimensions and 2**30 points.

    scipy scrambles it by random linear matrices and a digital shift (Matousek, 1998).
    """
    # Imported here because `scipy.stats` takes a second to import, and other modes do not need it.
    from scipy.stats import qmc  # noqa: PLC0415 - see above

    sequence = qmc.Sobol(dimensions, seed=rng(seed, "tuner/sobol"))

    def compute(block: int) -> Floats:
        first = block * CHUNK_SIZE
        # scipy's generator moves forward only. For an earlier block, it begins again.
        if sequence.num_generated > first:
            sequence.reset()
        if skipped := first - sequence.num_generated:
            sequence.fast_forward(skipped)
        return np.asarray(sequence.random(CHUNK_SIZE))

    return PointSequence(CHUNK_SIZE, compute)


def latin_hypercubes(dimensions: int, seed: int, size: int) -> PointSequence:
    """Create a sequence of Latin hypercubes of `size` points (McKay, Beckman and Conover, 1979).

    Each dimension is divided into `size` intervals of equal length. Each interval contains exactly
    one point of a hypercube.
    """

    def compute(block: int) -> Floats:
        draws = rng(seed, "tuner/latin", block)
        strata = np.repeat(np.arange(size)[:, None], dimensions, axis=1)
        places = draws.random(strata.shape)
        # `permuted` shuffles each column by itself. `permutation` would move whole rows, so that
        # all coordinates of a point would be in the same interval.
        return np.asarray((draws.permuted(strata, axis=0) + places) / size)

    return PointSequence(size, compute)
