"""Embeds points in a Euclidean space, in which the distances of inactive parameters are defined.

An active number is its coordinate u in the unit interval, and an inactive number is 1/2. Two
options of a choice are at distance 1 from each other. The inactive choice is the zero vector, at a
squared distance of 1/2 from the options. Each parameter has its own coordinates, so the squared
distance of two points is a sum over the parameters, each with its own length scale.
"""

import numpy as np

from sweepwright.seeds import rng

from ..model_based.axes import Axes
from .kernels import Floats

MOST_ONE_HOT = 64
"""Largest number of options with one coordinate each. The options of a larger choice have 64
random signs as coordinates; the distances are 1 on average, with a deviation of 6 %."""


class Embedding:
    """Maps points to vectors of e coordinates."""

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        sizes = [len(axes.prior_of(column)) for column in axes.choices.tolist()]
        self._vectors = [
            _vectors(size, column)
            for size, column in zip(sizes, axes.choices.tolist(), strict=True)
        ]
        widths = [vectors.shape[1] for vectors in self._vectors]
        self.parameters = np.concatenate([axes.numbers, np.repeat(axes.choices, widths)])
        """Column of the parameter that each coordinate belongs to, shape (e,)."""

    def __call__(self, points: Floats) -> Floats:
        """Embed points, shape (n, d), with NaN for inactive parameters; shape (n, e)."""
        numbers = points[:, self._axes.numbers]
        parts = [np.where(np.isnan(numbers), 0.5, numbers)]
        for column, vectors in zip(self._axes.choices, self._vectors, strict=True):
            options = points[:, column]
            # The last vector is that of the inactive choice.
            places = np.where(np.isnan(options), len(vectors) - 1, options).astype(int)
            parts.append(vectors[places].astype(np.float64))
        return np.concatenate(parts, axis=1)


def _vectors(size: int, column: int) -> Floats:
    r"""Return the vectors of the options of a choice, and the zero vector; shape (size + 1, e).

    Vectors of options have length :math:`1 / \sqrt 2`.
    """
    if size <= MOST_ONE_HOT:
        vectors = np.eye(size + 1, size)
    else:
        signs = rng(0, "embedding", column).integers(0, 2, (size + 1, MOST_ONE_HOT)) * 2 - 1
        vectors = signs / np.sqrt(MOST_ONE_HOT)
        vectors[-1] = 0
    # Single precision halves the memory for choices of many thousand options.
    return np.asarray(vectors * np.sqrt(0.5), dtype=np.float32)
