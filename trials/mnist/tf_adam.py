"""The optimizer Adam, in TensorFlow's own operations."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
"""The decays of both moments, and what keeps a step finite, as [1]_ recommends them."""


class Adam(tf.Module):  # type: ignore[misc]
    """Moves variables against their gradients, by about the learning rate ([1]_, Algorithm 1).

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, ICLR 2015, arXiv:1412.6980.
    """

    def __init__(self, variables: Sequence[Any], learning_rate: float) -> None:
        super().__init__()
        self._rate = learning_rate
        self._moved = variables
        self.t = tf.Variable(0.0)
        self.m = [tf.Variable(tf.zeros_like(variable)) for variable in variables]
        self.v = [tf.Variable(tf.zeros_like(variable)) for variable in variables]

    def step(self, gradients: Sequence[Any]) -> None:
        """Make one step, given a gradient for each variable."""
        self.t.assign_add(1.0)
        rate = self._rate * tf.sqrt(1 - BETA_2**self.t) / (1 - BETA_1**self.t)
        for theta, g, m, v in zip(self._moved, gradients, self.m, self.v, strict=True):
            m.assign(BETA_1 * m + (1 - BETA_1) * g)
            v.assign(BETA_2 * v + (1 - BETA_2) * g**2)
            theta.assign_sub(rate * m / (tf.sqrt(v) + EPSILON))
