"""Train a network with two convolutions on handwritten digits, in TensorFlow without Keras."""

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
from sweepwright.trials.mnist.command_line import clear_errors, load_pictures
from sweepwright.trials.mnist.data import CLASSES, SIDE, Digits
from sweepwright.trials.mnist.tf_network import Convolution, Neurons
from sweepwright.trials.mnist.tf_training import Training, seeded_generator

DEFAULTS = {
    "dropout_rate": 0.25,
    "conv_size": 5,  # pixels
    "hidden_size": 128,  # neurons
    "batch_size": 32,  # pictures
    "learning_rate": 1e-3,
    "TRIAL_BUDGET": 9,  # epochs
}
FILTERS = 8
"""Number of filters of the first convolution; the second convolution has twice this number."""


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


class Network(tf.Module):  # type: ignore[misc]
    """The network of an assignment, from pictures (n, 28, 28, 1) to logits (n, 10)."""

    def __init__(self, parameters: Mapping[str, Any], generator: Any) -> None:
        super().__init__()
        size, hidden = parameters["conv_size"], parameters["hidden_size"]
        flat = 2 * FILTERS * (SIDE // 4) ** 2
        self.first = Convolution((size, size, 1, FILTERS), generator)
        self.second = Convolution((size, size, FILTERS, 2 * FILTERS), generator)
        self.hidden = Neurons((flat, hidden), generator)
        self.output = Neurons((hidden, CLASSES), generator)
        self._rate = parameters["dropout_rate"]
        self._generator = generator

    def __call__(self, pictures: Any, *, training: bool) -> Any:
        """Return the logits of all digits for each picture, shape (n, 10)."""
        halved = tf.nn.max_pool2d(self.first(pictures), 2, 2, "VALID")
        quartered = tf.nn.max_pool2d(self.second(halved), 2, 2, "VALID")
        flat = tf.reshape(quartered, [tf.shape(quartered)[0], -1])
        hidden = tf.nn.relu(self.hidden(flat))
        return self.output(self._left_out(hidden) if training else hidden)

    def _left_out(self, hidden: Any) -> Any:
        """Apply dropout: set a random share of the neurons to zero."""
        draw = self._generator.uniform
        return tf.nn.experimental.general_dropout(hidden, self._rate, draw)


def _begin(parameters: Mapping[str, Any], digits: Digits) -> Training:
    """Start a new training, or continue the training of an earlier attempt."""
    generator = seeded_generator()
    network = Network(parameters, generator)
    batch_size, learning_rate = parameters["batch_size"], parameters["learning_rate"]
    training = Training(network, digits.train, batch_size, learning_rate, generator)
    if inherited := inherited_dir():
        training.restore(Path(inherited))
    return training


if __name__ == "__main__":
    main()
