"""Layers of variables and TensorFlow's operations, that the network on digits is made of."""

import math
from typing import Any

import tensorflow as tf


class Convolution(tf.Module):  # type: ignore[misc]
    """Filters that leave pictures as large as they were, and what is negative out.

    Parameters
    ----------
    shape : tuple of int
        Height, width and channels of a filter, and how many there are.
    generator : tf.random.Generator
        Draws the weights.
    """

    def __init__(self, shape: tuple[int, int, int, int], generator: Any) -> None:
        super().__init__()
        self.filters = tf.Variable(_draw(shape, generator))
        self.bias = tf.Variable(tf.zeros(shape[-1:]))

    def __call__(self, pictures: Any) -> Any:
        """Convolve pictures, shape (n, height, width, channels)."""
        return tf.nn.relu(tf.nn.conv2d(pictures, self.filters, 1, "SAME") + self.bias)


class Neurons(tf.Module):  # type: ignore[misc]
    """A layer in which each neuron sees all of the one before."""

    def __init__(self, shape: tuple[int, int], generator: Any) -> None:
        super().__init__()
        self.weights = tf.Variable(_draw(shape, generator))
        self.bias = tf.Variable(tf.zeros(shape[-1:]))

    def __call__(self, rows: Any) -> Any:
        """Weigh what is in each row, shape (n, inputs)."""
        return rows @ self.weights + self.bias


def _draw(shape: tuple[int, ...], generator: Any) -> Any:
    """Draw weights of variance 2 / inputs, by which signals neither fade nor grow ([1]_, eq. 10).

    References
    ----------
    .. [1] K. He et al., ICCV 2015, arXiv:1502.01852.
    """
    inputs = math.prod(shape[:-1])
    return generator.normal(shape, stddev=math.sqrt(2 / inputs))
