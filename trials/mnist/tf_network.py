"""Layers and the optimizer Adam, written in TensorFlow operations, for networks on digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
"""Decay rates of the two moments, and the term that keeps a step finite, as in [1]_."""
LONGEST = (1 - BETA_1) / math.sqrt((1 - BETA_2) * (1 - BETA_1**2 / BETA_2))
"""Bound of ``|m| / sqrt(v)``, by the inequality of Cauchy and Schwarz."""


class Convolution(tf.Module):  # type: ignore[misc]
    """A convolution that keeps the size of pictures, followed by a ReLU.

    Parameters
    ----------
    shape : tuple of int
        Height and width of a filter, number of channels, and number of filters.
    generator : tf.random.Generator
        Generator that draws the weights.
    """

    def __init__(self, shape: tuple[int, int, int, int], generator: Any) -> None:
        super().__init__()
        self.filters = tf.Variable(_draw(shape, generator))
        self.bias = tf.Variable(tf.zeros(shape[-1:]))

    def __call__(self, pictures: Any) -> Any:
        """Convolve pictures, shape (n, height, width, channels)."""
        return tf.nn.relu(tf.nn.conv2d(pictures, self.filters, 1, "SAME") + self.bias)


class Neurons(tf.Module):  # type: ignore[misc]
    """A fully connected layer."""

    def __init__(self, shape: tuple[int, int], generator: Any) -> None:
        super().__init__()
        self.weights = tf.Variable(_draw(shape, generator))
        self.bias = tf.Variable(tf.zeros(shape[-1:]))

    def __call__(self, rows: Any) -> Any:
        """Transform rows, shape (n, inputs)."""
        return rows @ self.weights + self.bias


class Adam(tf.Module):  # type: ignore[misc]
    """The optimizer Adam ([1]_, Algorithm 1), with the paper's symbols.

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
        """Make one step; `gradients` has one gradient per variable."""
        self.t.assign_add(1.0)
        rate = self._rate * tf.sqrt(1 - BETA_2**self.t) / (1 - BETA_1**self.t)
        for theta, g, m, v in zip(self._moved, gradients, self.m, self.v):  # noqa: B905 - Python 3.8
            m.assign(BETA_1 * m + (1 - BETA_1) * g)
            v.assign(BETA_2 * v + (1 - BETA_2) * g**2)
            # The bound holds as long as m and v belong together. Of workers that step at the same
            # time, one may see another's m with an old v; where that is 0, it would divide by
            # almost 0, and throw away all that was learned.
            direction = tf.clip_by_value(m / (tf.sqrt(v) + EPSILON), -LONGEST, LONGEST)
            theta.assign_sub(rate * direction)


def _draw(shape: tuple[int, ...], generator: Any) -> Any:
    """Draw weights with variance 2 / inputs, which preserves the scale of signals ([1]_, eq. 10).

    References
    ----------
    .. [1] K. He et al., ICCV 2015, arXiv:1502.01852.
    """
    inputs = math.prod(shape[:-1])
    return generator.normal(shape, stddev=math.sqrt(2 / inputs))
