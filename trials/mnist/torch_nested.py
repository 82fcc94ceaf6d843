"""Train a PyTorch network on handwritten digits; each of its ten layers is a choice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from pathlib import Path
from typing import Any

from torch import nn

from sweepwright.trial import (
    checkpoint_dir,
    get_experiment_id,
    get_next_parameter,
    inherited_dir,
    report_final_result,
    report_intermediate_result,
)
from sweepwright.trials.mnist.command_line import clear_errors, load_pictures
from sweepwright.trials.mnist.data import CLASSES, SIDE, Digits
from sweepwright.trials.mnist.torch_network import convolution
from sweepwright.trials.mnist.torch_training import Training

LAYERS = [f"layer{number}" for number in range(10)]
DEFAULTS = {
    **{name: {"_name": "Empty"} for name in LAYERS},
    "layer0": {"_name": "Conv", "kernel_size": 5},
    "layer1": {"_name": "Max_pool", "pooling_size": 2},
    "layer2": {"_name": "Conv", "kernel_size": 3},
    "layer3": {"_name": "Avg_pool", "pooling_size": 2},
    "TRIAL_BUDGET": 6,  # epochs
}
FILTERS = 8
"""Number of filters of each convolution."""
BATCH_SIZE = 32
LEARNING_RATE = 3e-3


def main() -> None:
    """Train with the assignment's parameters; report validation and test accuracy."""
    parameters = get_next_parameter(DEFAULTS)
    with clear_errors():
        digits = load_pictures("Train a network of ten chosen layers on handwritten digits.")
        training = _begin(parameters, digits)
    for epoch in range(training.epochs + 1, ceil(parameters["TRIAL_BUDGET"]) + 1):
        training.train_epoch()
        accuracy = training.accuracy(digits.validation)
        report_intermediate_result({"default": accuracy, "epoch": epoch})
    if get_experiment_id() != "STANDALONE":  # outside a sweep, no attempt continues from it
        training.save(Path(checkpoint_dir()))
    accuracy = training.accuracy(digits.validation)
    test_accuracy = training.accuracy(digits.test)
    report_final_result({"default": accuracy, "test_accuracy": test_accuracy})


def build_network(parameters: Mapping[str, Any]) -> nn.Sequential:
    """Build the layers of an assignment, from pictures (n, 1, 28, 28) to logits (n, 10).

    A convolution keeps the size of pictures. A pooling makes one pixel from each square of
    pixels, also from an incomplete square at the edge, so at least one pixel remains.
    """
    chosen = [parameters[name] for name in LAYERS]
    kinds = [layer["_name"] for layer in chosen]
    sizes = [layer["pooling_size"] for layer in chosen if "pooling_size" in layer]
    channels = FILTERS if "Conv" in kinds else 1
    pixels = _side_after(sizes) ** 2
    return nn.Sequential(*_layers(chosen), nn.Flatten(), nn.Linear(channels * pixels, CLASSES))


def _layers(chosen: list[Mapping[str, Any]]) -> Iterator[nn.Module]:
    channels = 1
    for layer in chosen:
        name = layer["_name"]
        if name == "Conv":
            yield convolution(channels, FILTERS, layer["kernel_size"])
            channels = FILTERS
        elif name == "Max_pool":
            yield nn.MaxPool2d(layer["pooling_size"], ceil_mode=True)
        elif name == "Avg_pool":
            yield nn.AvgPool2d(layer["pooling_size"], ceil_mode=True)


def _side_after(sizes: Iterable[int]) -> int:
    """Return the side of a picture, in pixels, after poolings of these sizes."""
    side: int = SIDE
    for size in sizes:
        side = ceil(side / size)
    return side


def _begin(parameters: Mapping[str, Any], digits: Digits) -> Training:
    """Start a new training, or continue the training of an earlier attempt."""
    training = Training(build_network(parameters), digits.train, BATCH_SIZE, LEARNING_RATE)
    if inherited := inherited_dir():
        training.restore(Path(inherited))
    return training


if __name__ == "__main__":
    main()
