r"""Random forests that predict a mean and a variance (Hutter et al. [1]_, section 4.3.2).

The trees are scikit-learn's extremely randomised trees ([2]_): of the features that a node
considers, each gets one threshold at random, and the best of these splits is taken. Thresholds at
random places between the data, rather than in the middle, let the mean of the trees change
gradually and their variance grow with the distance to the data, as in [1]_.

The tree b predicts, in the leaf that a point falls into, a normal distribution with the mean
:math:`\mu_b` and the variance :math:`\sigma_b^2` of the targets there. The forest predicts the
mean and the variance of the mixture, by the law of total variance ([1]_, section 4.3.2):

.. math::

   \mu = \frac{1}{B} \sum_b \mu_b, \qquad
   \sigma^2 = \frac{1}{B} \sum_b \left( \sigma_b^2 + \mu_b^2 \right) - \mu^2

References
----------
.. [1] F. Hutter, L. Xu, H. H. Hoos, K. Leyton-Brown, "Algorithm runtime prediction: Methods &
   evaluation", Artificial Intelligence 206, 2014.
.. [2] P. Geurts, D. Ernst, L. Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..model_based.axes import Floats
from ..model_based.trials import Places
from .encoding import Features

TREES = 50
"""Number of trees, B."""
FEATURE_SHARE = 0.7
"""Share of the features that a node considers, of which it takes the best split."""
LEAST_VARIANCE = 0.01
"""Smallest variance of a leaf, in units of targets whose variance is 1 ([1]_, section 4.3.2). Most
leaves hold a single trial."""


@dataclass(frozen=True, slots=True)
class Trees:
    """The splits of the trees, without the predictions of their leaves.

    Nodes are numbered through all trees, so that one array holds a value for each of them.
    """

    trees: Sequence[Any]
    """The trees in scikit-learn's internal form, whose ``apply`` neither checks nor copies."""
    offsets: Places
    """Number of the first node of each tree, shape (B,)."""
    size: int
    """Number of all nodes."""

    def leaves(self, features: Features) -> Places:
        """Return the leaves that n rows fall into in each tree, as nodes; shape (B, n)."""
        pairs = zip(self.trees, self.offsets, strict=True)
        return np.stack([tree.apply(features) + offset for tree, offset in pairs])


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees with the means and the variances of the targets in their nodes, shape (size,) each."""

    trees: Trees
    means: Floats
    variances: Floats

    def tree_means(self, features: Features) -> Floats:
        """Return the means that the B trees predict at n rows of features, shape (B, n)."""
        return self.means[self.trees.leaves(features)]

    def predict(self, features: Features) -> tuple[Floats, Floats]:
        """Return the predicted means and variances at n rows of features, shape (n,) each."""
        leaves = self.trees.leaves(features)
        means = self.means[leaves]
        variances = means.var(axis=0) + self.variances[leaves].mean(axis=0)
        return means.mean(axis=0), variances


def grow(features: Features, targets: Floats, rng: np.random.Generator) -> Trees:
    """Grow the trees on n rows of features, shape (n, d), and their targets, shape (n,)."""
    from sklearn.tree import ExtraTreeRegressor  # noqa: PLC0415 - slow to import

    seeds = rng.integers(2**31 - 1, size=TREES).tolist()
    trees = [
        ExtraTreeRegressor(max_features=FEATURE_SHARE, random_state=seed)
        .fit(features, targets, check_input=False)
        .tree_
        for seed in seeds
    ]
    ends = np.cumsum([tree.node_count for tree in trees])
    return Trees(trees, np.concatenate([[0], ends[:-1]]), int(ends[-1]))


def fill(trees: Trees, features: Features, targets: Floats) -> Forest:
    """Put the targets of n rows into the leaves that the rows fall into.

    The rows are those that the trees were grown on, and any more. All leaves thus have a row.
    """
    leaves = trees.leaves(features).ravel()
    repeated = np.tile(targets, len(trees.trees))
    counts = np.maximum(np.bincount(leaves, minlength=trees.size), 1)
    means = np.bincount(leaves, repeated, trees.size) / counts
    squares = np.bincount(leaves, (repeated - means[leaves]) ** 2, trees.size)
    return Forest(trees, means, np.maximum(squares / counts, LEAST_VARIANCE))
