"""Train a neural network with one hidden layer on handwritten digits, with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
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
from sweepwright.trials.mnist.command_line import clear_errors, load_digits
from sweepwright.trials.mnist.data import CLASSES, Digits
from sweepwright.trials.mnist.torch_training import Training

DEFAULTS = {
    "learning_rate": 1e-3,
    "alpha": 1e-4,
    "hidden": 64,  # neurons
    "batch_size": 32,  # images
    "activation": "relu",
    "TRIAL_BUDGET": 18,  # epochs
}
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


def main() -> None:
    """Train with the assignment's parameters; report validation and test accuracy."""
    parameters = get_next_parameter(DEFAULTS)
    with clear_errors():
        digits = load_digits("Train a neural network on handwritten digits.")
        training = begin(parameters, digits)
    for epoch in range(training.epochs + 1, ceil(parameters["TRIAL_BUDGET"]) + 1):
        training.train_epoch()
        accuracy = training.accuracy(digits.validation)
        report_intermediate_result({"default": accuracy, "epoch": epoch})
    if get_experiment_id() != "STANDALONE":  # outside a sweep, no attempt continues from it
        training.save(Path(checkpoint_dir()))
    accuracy = training.accuracy(digits.validation)
    test_accuracy = training.accuracy(digits.test)
    report_final_result({"default": accuracy, "test_accuracy": test_accuracy})


def build_network(parameters: Mapping[str, Any], pixels: int) -> nn.Sequential:
    """Build an assignment's untrained network, from images (n, 1, pixels) to logits (n, 10)."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(pixels, parameters["hidden"]),
        ACTIVATIONS[parameters["activation"]](),
        nn.Linear(parameters["hidden"], CLASSES),
    )


def begin(parameters: Mapping[str, Any], digits: Digits) -> Training:
    """Start a new training, or continue the training of an earlier attempt."""
    batch_size = parameters["batch_size"]
    training = Training(
        build_network(parameters, digits.train.images.shape[1]),
        digits.train,
        batch_size,
        parameters["learning_rate"],
        # scikit-learn's network, which shares the space, divides `alpha` in this way.
        weight_decay=parameters["alpha"] / batch_size,
    )
    if inherited := inherited_dir():
        training.restore(Path(inherited))
    return training


if __name__ == "__main__":
    main()
