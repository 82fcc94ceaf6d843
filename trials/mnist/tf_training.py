"""Train a TensorFlow network by epochs, with checkpoints after any epoch.

A checkpoint holds the weights, Adam's moments, and the state of the only random generator. This
generator draws the initial weights, the order of images and the neurons that dropout removes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf

from sweepwright.trials.mnist.data import CheckpointError, Part
from sweepwright.trials.mnist.tf_network import Adam

FILES = "training"
"""Prefix of the names of a checkpoint's files."""
AT_ONCE = 1000
"""Number of pictures to classify at once; a larger number needs more memory and is not faster."""


def seeded_generator() -> Any:
    """Make a generator, and seed it from TensorFlow's global seed if that seed is set."""
    seed = tf.random.uniform([], maxval=tf.int64.max, dtype=tf.int64)
    return tf.random.Generator.from_seed(seed)


class Training:
    """A network that Adam trains, and its progress.

    Parameters
    ----------
    network : tf.Module
        Network that is called with pictures, shape (n, 28, 28, 1), or rows, shape (n, pixels, 1),
        and the flag `training`.
    pictures : Part
        Training data, which each epoch uses in a new random order.
    weight_decay : float
        Weight of an L2 penalty: the loss grows by half of it times the sum of squared weights.
    """

    def __init__(
        self,
        network: Any,
        pictures: Part,
        batch_size: int,
        learning_rate: float,
        generator: Any,
        *,
        weight_decay: float = 0.0,
    ) -> None:
        self.network = network
        self._variables = network.trainable_variables
        self._optimizer = Adam(self._variables, learning_rate)
        self._images, self._labels = _tensors(pictures)
        self._batch_size = batch_size
        self._weight_decay = weight_decay
        self._generator = generator
        self._epochs = tf.Variable(0)
        self._kept = tf.train.Checkpoint(
            network=network, optimizer=self._optimizer, generator=generator, epochs=self._epochs
        )
        batch = tf.TensorSpec([None], tf.int32)
        self._train_step = tf.function(self._learn, input_signature=[batch])
        self._guess = tf.function(self._classify, reduce_retracing=True)

    @property
    def epochs(self) -> int:
        """Number of epochs so far."""
        return int(self._epochs)

    def train_epoch(self) -> None:
        """Train on all images once; the last mini-batch may be smaller."""
        order = tf.argsort(self._generator.uniform([len(self._labels)]))
        for start in range(0, len(self._labels), self._batch_size):
            self._train_step(order[start : start + self._batch_size])
        self._epochs.assign_add(1)

    def accuracy(self, pictures: Part) -> float:
        """Return the share of pictures that the network classifies correctly."""
        images, labels = _tensors(pictures)
        starts = range(0, len(labels), AT_ONCE)
        guesses = tf.concat([self._guess(images[i : i + AT_ONCE]) for i in starts], axis=0)
        return int(tf.math.count_nonzero(guesses == labels)) / len(labels)

    def save(self, folder: Path) -> None:
        """Write a checkpoint."""
        self._kept.write(str(folder / FILES))

    def restore(self, folder: Path) -> None:
        """Continue from a checkpoint, but with this object's learning rate and batch size.

        Raises
        ------
        CheckpointError
            If the files are damaged, or belong to another network.
        """
        path = folder / FILES
        try:
            self._kept.read(str(path)).assert_consumed()
        except tf.errors.OpError as error:
            said = str(error.message).splitlines()[0]
            raise CheckpointError(f"{path}: cannot be read: {said}") from error
        except (ValueError, AssertionError) as error:
            raise CheckpointError(f"{path}: is no checkpoint of this network") from error

    def _learn(self, batch: Any) -> None:
        """Train on the images of a mini-batch, given by their indices."""
        images, labels = tf.gather(self._images, batch), tf.gather(self._labels, batch)
        with tf.GradientTape() as tape:
            guesses = self.network(images, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, guesses)
            squares = tf.add_n([tf.nn.l2_loss(variable) for variable in self._variables])
            loss = tf.reduce_mean(losses) + self._weight_decay * squares
        self._optimizer.step(tape.gradient(loss, self._variables))

    def _classify(self, images: Any) -> Any:
        return tf.argmax(self.network(images, training=False), axis=1)


def _tensors(pictures: Part) -> tuple[Any, Any]:
    """Return pictures, shape (n, 28, 28, 1), or rows, shape (n, pixels, 1), and their labels."""
    return tf.constant(pictures.images[..., None]), tf.constant(pictures.labels)
