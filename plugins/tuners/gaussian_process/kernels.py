r"""The kernel: a Matern kernel of smoothness 3/2, and a constant for the unknown mean.

With the scaled squared distance :math:`r^2 = \sum_j D_j / l_j^2`, where :math:`D_j` is the squared
distance of two points in parameter j and :math:`l_j` is the length scale of j, the covariance is

.. math:: k = s^2 [ (1 + \sqrt 3 r) e^{-\sqrt 3 r} + 1 ],

which is eq. 4.17 of Rasmussen and Williams [1]_, with a normal prior of variance :math:`s^2` for a
constant mean (section 2.7). All functions take scaled squared distances, wherever these come from.

References
----------
.. [1] C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", MIT Press,
   2006.
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.intp]

MATERN_AT_ZERO = 1.0
"""Value of the Matern kernel at distance 0."""
KERNEL_AT_ZERO = MATERN_AT_ZERO + 1.0
"""Value of the kernel with its constant at distance 0."""


def matern32(squared: Floats) -> tuple[Floats, Floats]:
    r"""Compute the Matern kernel and its derivative with respect to the squared distance.

    Unlike the derivative with respect to r, :math:`dk / dr^2 = -(3/2) e^{-\sqrt 3 r}` exists at
    distance 0.

    Parameters
    ----------
    squared : ndarray
        Scaled squared distances :math:`r^2`, at least 0.
    """
    root = np.sqrt(squared)
    root *= math.sqrt(3)
    decay = np.exp(-root)
    root += 1
    root *= decay
    decay *= -1.5
    return root, decay


def squared_distances(a: Floats, b: Floats) -> Floats:
    """Compute the squared Euclidean distances of points (m, e) and points (n, e); shape (m, n)."""
    # With the square expanded, one product of matrices does the work. Rounding may leave a small
    # negative number where two points are equal.
    squared = a @ (-2 * b.T)
    squared += (a * a).sum(axis=1)[:, None]
    squared += (b * b).sum(axis=1)
    return np.maximum(squared, 0.0, out=squared)
