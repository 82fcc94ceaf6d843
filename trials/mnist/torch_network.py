"""The network of PyTorch's with two convolutions, which several trials train."""

from torch import nn

from sweepwright.trials.mnist.data import CLASSES, SIDE
from sweepwright.trials.mnist.torch_layers import convolution

FILTERS = 8
"""Filters of the first convolution; the second has twice as many."""


def two_convolutions(conv_size: int, hidden_size: int, dropout_rate: float) -> nn.Sequential:
    """Build the network, untrained, from pictures (n, 1, 28, 28) to guesses (n, 10)."""
    return nn.Sequential(
        convolution(1, FILTERS, conv_size),
        nn.MaxPool2d(2),
        convolution(FILTERS, 2 * FILTERS, conv_size),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2 * FILTERS * (SIDE // 4) ** 2, hidden_size),
        nn.ReLU(),
        nn.Dropout(dropout_rate),
        nn.Linear(hidden_size, CLASSES),
    )
