"""Train a network with two convolutions on handwritten digits, with Keras on any backend."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras

from sweepwright.reporters.keras import Report
from sweepwright.trial import (
    checkpoint_dir,
    get_experiment_id,
    get_next_parameter,
    inherited_dir,
    report_final_result,
)
from sweepwright.trials.mnist.command_line import clear_errors, load_pictures
from sweepwright.trials.mnist.data import CLASSES, SIDE, CheckpointError

DEFAULTS = {"optimizer": "Adam", "learning_rate": 1e-3, "TRIAL_BUDGET": 6}  # epochs
OPTIMIZERS = {"Adam": keras.optimizers.Adam, "SGD": partial(keras.optimizers.SGD, momentum=0.9)}
BATCH_SIZE = 32
FILE = "network.keras"


def main() -> None:
    """Train with the assignment's parameters; report validation and test accuracy."""
    parameters = get_next_parameter(DEFAULTS)
    with clear_errors():
        digits = load_pictures("Train a network with two convolutions on handwritten digits.")
        model = _begin(parameters)
    model.fit(
        *digits.train,
        batch_size=BATCH_SIZE,
        epochs=ceil(parameters["TRIAL_BUDGET"]),
        initial_epoch=epochs_of(model, len(digits.train.labels)),
        validation_data=digits.validation,
        callbacks=[Report("val_accuracy", final=False)],
        verbose=0,
    )
    if get_experiment_id() != "STANDALONE":  # outside a sweep, no attempt continues from it
        model.save(Path(checkpoint_dir(), FILE))
    _, accuracy = model.evaluate(*digits.validation, verbose=0)
    _, test_accuracy = model.evaluate(*digits.test, verbose=0)
    report_final_result({"default": accuracy, "test_accuracy": test_accuracy})


def build_model(parameters: Mapping[str, Any]) -> keras.Model:
    """Build an assignment's untrained network, from pictures (n, 28, 28) to outputs (n, 10)."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE)),
            layers.Reshape((SIDE, SIDE, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(100, activation="relu"),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    optimizer = OPTIMIZERS[parameters["optimizer"]](learning_rate=parameters["learning_rate"])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def restore(path: Path) -> keras.Model:
    """Read a network from a checkpoint, with the moments of its optimizer.

    Training continues from these weights, but shuffles the images in a new order.

    Raises
    ------
    CheckpointError
        If the file is missing or damaged.
    """
    try:
        return keras.saving.load_model(path)
    except (OSError, KeyError, ValueError, BadZipFile) as error:
        said = str(error).splitlines()[0]
        raise CheckpointError(f"{path}: cannot be read: {said}") from error


def epochs_of(model: keras.Model, images: int) -> int:
    """Return the number of completed epochs, computed from the network's number of steps."""
    return int(model.optimizer.iterations) // ceil(images / BATCH_SIZE)


def _begin(parameters: Mapping[str, Any]) -> keras.Model:
    """Return a new network, or the saved network of an earlier attempt if there is one."""
    inherited = inherited_dir()
    if not inherited:
        return build_model(parameters)
    model = restore(Path(inherited, FILE))
    model.optimizer.learning_rate = parameters["learning_rate"]
    return model


if __name__ == "__main__":
    main()
