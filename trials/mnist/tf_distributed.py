"""Train one network with several workers, while parameter servers hold its variables.

This script is the chief, which distributes the steps and reports. Workers and parameter servers
run ``tf_server``. The processes find one another by ``TF_CONFIG``, so the script cannot run alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import ceil
from typing import Any

import tensorflow as tf

from sweepwright.trial import (
    get_next_parameter,
    report_final_result,
    report_intermediate_result,
)
from sweepwright.trials.mnist.command_line import clear_errors, load_pictures
from sweepwright.trials.mnist.data import Part
from sweepwright.trials.mnist.tf_cnn import DEFAULTS, Network
from sweepwright.trials.mnist.tf_network import Adam


def main() -> None:
    """Train with the assignment's parameters; report validation and test accuracy."""
    parameters = get_next_parameter(DEFAULTS)
    with clear_errors():
        digits = load_pictures("Train a network by several workers, on handwritten digits.")
    if "TF_CONFIG" not in os.environ:
        raise SystemExit("error: no `TF_CONFIG`, which names the workers; run it in a sweep")
    training = DistributedTraining(parameters, digits.train)
    for epoch in range(1, ceil(parameters["TRIAL_BUDGET"]) + 1):
        training.train_epoch()
        accuracy = training.accuracy(digits.validation)
        report_intermediate_result({"default": accuracy, "epoch": epoch})
    accuracy = training.accuracy(digits.validation)
    report_final_result({"default": accuracy, "test_accuracy": training.accuracy(digits.test)})


class DistributedTraining:
    """Training of a network whose steps go to any free worker, in no fixed order.

    Parameters
    ----------
    parameters
        The assignment.
    pictures
        Training data; each worker draws mini-batches from all pictures.
    """

    def __init__(self, parameters: Mapping[str, Any], pictures: Part) -> None:
        cluster = tf.distribute.cluster_resolver.TFConfigClusterResolver()
        self._strategy = tf.distribute.ParameterServerStrategy(cluster)
        self._coordinator = tf.distribute.coordinator.ClusterCoordinator(self._strategy)
        with self._strategy.scope():
            # Each worker has its own generator, because workers would wait for a shared generator.
            self._network = Network(parameters, tf.random)
            self._variables = self._network.trainable_variables
            self._optimizer = Adam(self._variables, parameters["learning_rate"])
        self._steps = ceil(len(pictures.labels) / parameters["batch_size"])
        batches = _batches(pictures, parameters["batch_size"])
        self._batches = iter(self._coordinator.create_per_worker_dataset(batches))
        self._step = tf.function(self._on_a_worker)
        self._guess = tf.function(self._classify, reduce_retracing=True)

    def train_epoch(self) -> None:
        """Train for as many steps as one pass over all pictures takes."""
        for _ in range(self._steps):
            self._coordinator.schedule(self._step, args=(self._batches,))
        self._coordinator.join()

    def accuracy(self, pictures: Part) -> float:
        """Return the share of pictures that the network classifies correctly."""
        right = self._guess(tf.constant(pictures.images[..., None])) == pictures.labels
        return int(tf.math.count_nonzero(right)) / len(pictures.labels)

    def _on_a_worker(self, batches: Any) -> None:
        self._strategy.run(self._learn, args=next(batches))

    def _learn(self, images: Any, labels: Any) -> None:
        with tf.GradientTape() as tape:
            guesses = self._network(images, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, guesses)
            loss = tf.reduce_mean(losses)
        self._optimizer.step(tape.gradient(loss, self._variables))

    def _classify(self, images: Any) -> Any:
        return tf.argmax(self._network(images, training=False), axis=1)


def _batches(pictures: Part, size: int) -> Any:
    """Yield mini-batches without end; each epoch contains each picture once."""
    tensors = (pictures.images[..., None], pictures.labels)
    count = len(pictures.labels)
    return tf.data.Dataset.from_tensor_slices(tensors).shuffle(count).repeat().batch(size)


if __name__ == "__main__":
    main()
