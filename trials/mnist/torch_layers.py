"""Layers of PyTorch's that the networks on digits are made of."""

from torch import nn


def convolution(channels: int, filters: int, size: int) -> nn.Sequential:
    """Convolve by filters of any size, which leave pictures as large as they were."""
    before = (size - 1) // 2
    after = size - 1 - before
    # torch's own padding="same" warns that a copy is made where the size is even.
    padding = nn.ZeroPad2d((before, after, before, after))
    return nn.Sequential(padding, nn.Conv2d(channels, filters, size), nn.ReLU())
