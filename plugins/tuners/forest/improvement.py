r"""The expected improvement on the best trial, as the mean over the trees of a forest.

Hutter et al. [1]_ take the prediction of the forest for a normal distribution. Next to a bad
trial, some trees predict a good loss and others a bad one. A normal distribution with the variance
of this mixture promises losses below those of all trees, so the search never leaves the best
trials, and other branches of a conditional space are not tried (see ``docs/decisions/0024``). The
expected improvement of the mixture itself is the mean over the B trees:

.. math::

   \mathrm{EI}(x) = \frac{1}{B} \sum_b \mathrm{EI}(\mu_b(x), s(x))

where :math:`\mu_b` is the prediction of a tree. Its deviation is that of a rough function between
known values, and grows with the distance r to the nearest trial:

.. math::

   s(x) = \min(r(x) / \ell, 1)

So what is close to a trial promises little, and what is far from all trials may have any loss.

References
----------
.. [1] F. Hutter, H. H. Hoos, K. Leyton-Brown, "Sequential model-based optimization for general
   algorithm configuration", LION 5, 2011.
"""

import numpy as np

from ..gaussian_process.acquisition import log_expected_improvement
from ..model_based.axes import Axes, Floats
from .encoding import Features
from .forest import Forest

RADIUS = 0.5
r"""Distance :math:`\ell` from which on a trial says nothing about the deviation, in widths of an
axis. Decision 0024 has the measurements."""
LEAST_DEVIATION = 1e-3
"""Smallest deviation, at the trials."""
MARGIN = 0.03
"""Improvement that does not count, as in `gp`. Targets have the standard deviation 1."""


def log_mean_improvement(
    forest: Forest, axes: Axes, features: Features, known: Features, best: float
) -> Floats:
    """Compute the logarithm of the expected improvement at n rows of features, shape (n,).

    Parameters
    ----------
    known
        Features of the trials, shape (m, d).
    best
        The lowest target of a trial.
    """
    deviations = np.minimum(nearest(axes, features, known) / RADIUS, 1.0)
    means = forest.tree_means(features)
    deviations = np.broadcast_to(np.maximum(deviations, LEAST_DEVIATION), means.shape)
    logarithms = log_expected_improvement(means, deviations, best - MARGIN)
    # Shifted, so that the largest addend is 1 and the sum does not underflow.
    largest = logarithms.max(axis=0)
    return np.asarray(largest + np.log(np.exp(logarithms - largest).mean(axis=0)))


def nearest(axes: Axes, features: Features, known: Features) -> Floats:
    """Return the Euclidean distances of n rows to the nearest of m known rows, shape (n,).

    Numbers are in units of the width of their axes. Two options differ by 1, as if the axes of
    options were as wide. Parameters that only one of two rows has differ by 1 or more.
    """
    from scipy.spatial.distance import cdist  # noqa: PLC0415 - slow to import

    squares = cdist(features[:, axes.numbers], known[:, axes.numbers], "sqeuclidean")
    if len(axes.choices):
        differing = cdist(features[:, axes.choices], known[:, axes.choices], "hamming")
        squares += differing * len(axes.choices)
    return np.asarray(np.sqrt(squares.min(axis=1)))
