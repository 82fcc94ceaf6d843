"""Train a network with two convolutions on handwritten digits, with PyTorch."""

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
from sweepwright.trials.mnist.command_line import clear_errors, load_pictures
from sweepwright.trials.mnist.data import Digits
from sweepwright.trials.mnist.torch_network import two_convolutions
from sweepwright.trials.mnist.torch_training import Training

DEFAULTS = {
    "dropout_rate": 0.25,
    "conv_size": 5,  # pixels
    "hidden_size": 128,  # neurons
    "batch_size": 32,  # pictures
    "learning_rate": 1e-3,
    "TRIAL_BUDGET": 9,  # epochs
}


def main() -> None:
    """Train with the assignment's parameters; report validation and test accuracy."""
    parameters = get_next_parameter(DEFAULTS)
    with clear_errors():
        digits = load_pictures("Train a network with two convolutions on handwritten digits.")
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
    """Build the untrained network of an assignment."""
    return two_convolutions(
        parameters["conv_size"], parameters["hidden_size"], parameters["dropout_rate"]
    )


def _begin(parameters: Mapping[str, Any], digits: Digits) -> Training:
    """Start a new training, or continue the training of an earlier attempt."""
    network = build_network(parameters)
    training = Training(
        network, digits.train, parameters["batch_size"], parameters["learning_rate"]
    )
    if inherited := inherited_dir():
        training.restore(Path(inherited))
    return training


if __name__ == "__main__":
    main()
