"""A PyTorch network with two convolutions, which several trials train, and its layers."""

from __future__ import annotations

from torch import nn

from sweepwright.trials.mnist.data import CLASSES, SIDE

FILTERS = 8
"""Number of filters of the first convolution; the second convolution has twice this number."""


def two_convolutions(conv_size: int, hidden_size: int, dropout_rate: float) -> nn.Sequential:
    """Build the untrained network, from pictures (n, 1, 28, 28) to logits (n, 10)."""
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


def convolution(channels: int, filters: int, size: int) -> nn.Sequential:
    """Build a convolution that keeps the size of pictures; its filters may have any size."""
    before = (size - 1) // 2
    after = size - 1 - before
    # torch's own padding="same" warns of a copy if the size is even.
    padding = nn.ZeroPad2d((before, after, before, after))
    return nn.Sequential(padding, nn.Conv2d(channels, filters, size), nn.ReLU())
