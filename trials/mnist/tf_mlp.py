"""Train a network with one hidden layer on handwritten digits, in TensorFlow without Keras."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

import tensorflow as tf

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
from sweepwright.trials.mnist.tf_network import Neurons
from sweepwright.trials.mnist.tf_training import Training, seeded_generator

DEFAULTS = {
    "learning_rate": 1e-3,
    "alpha": 1e-4,
    "hidden": 64,  # neurons
    "batch_size": 32,  # images
    "activation": "relu",
    "TRIAL_BUDGET": 18,  # epochs
}
ACTIVATIONS = {"relu": tf.nn.relu, "tanh": tf.nn.tanh}


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


class Network(tf.Module):  # type: ignore[misc]
    """The network of an assignment, from images (n, pixels, 1) to logits (n, 10)."""

    def __init__(self, parameters: Mapping[str, Any], pixels: int, generator: Any) -> None:
        super().__init__()
        self.hidden = Neurons((pixels, parameters["hidden"]), generator)
        self.output = Neurons((parameters["hidden"], CLASSES), generator)
        self._activation = ACTIVATIONS[parameters["activation"]]

    def __call__(self, images: Any, *, training: bool) -> Any:  # noqa: ARG002 - as `Training` calls
        """Return the logits of all digits for each image, shape (n, 10)."""
        return self.output(self._activation(self.hidden(tf.squeeze(images, -1))))


def begin(parameters: Mapping[str, Any], digits: Digits) -> Training:
    """Start a new training, or continue the training of an earlier attempt."""
    generator = seeded_generator()
    batch_size = parameters["batch_size"]
    training = Training(
        Network(parameters, digits.train.images.shape[1], generator),
        digits.train,
        batch_size,
        parameters["learning_rate"],
        generator,
        # scikit-learn's network, which shares the space, divides `alpha` in this way.
        weight_decay=parameters["alpha"] / batch_size,
    )
    if inherited := inherited_dir():
        training.restore(Path(inherited))
    return training


if __name__ == "__main__":
    main()
