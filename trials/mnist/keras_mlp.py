"""Train a network with one hidden layer on handwritten digits, with Keras on any backend."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

import keras

from sweepwright.reporters.keras import Report
from sweepwright.trial import (
    checkpoint_dir,
    get_experiment_id,
    get_next_parameter,
    inherited_dir,
    report_final_result,
)
from sweepwright.trials.mnist.command_line import clear_errors, load_digits
from sweepwright.trials.mnist.data import CLASSES, CheckpointError

DEFAULTS = {
    "learning_rate": 1e-3,
    "alpha": 1e-4,
    "hidden": 64,  # neurons
    "batch_size": 32,  # images
    "activation": "relu",
    "TRIAL_BUDGET": 18,  # epochs
}
FILE = "network.weights.h5"
EPOCHS_FILE = "epochs"


def main() -> None:
    """Train with the assignment's parameters; report validation and test accuracy."""
    parameters = get_next_parameter(DEFAULTS)
    with clear_errors():
        digits = load_digits("Train a neural network on handwritten digits.")
        model = build_model(parameters, digits.train.images.shape[1])
        trained = _trained_before(model, parameters["learning_rate"])
    epochs = max(trained, ceil(parameters["TRIAL_BUDGET"]))
    model.fit(
        *digits.train,
        batch_size=parameters["batch_size"],
        epochs=epochs,
        initial_epoch=trained,
        validation_data=digits.validation,
        callbacks=[Report("val_accuracy", final=False)],
        verbose=0,
    )
    if get_experiment_id() != "STANDALONE":  # outside a sweep, no attempt continues from it
        save(model, epochs, Path(checkpoint_dir()))
    _, accuracy = model.evaluate(*digits.validation, verbose=0)
    _, test_accuracy = model.evaluate(*digits.test, verbose=0)
    report_final_result({"default": accuracy, "test_accuracy": test_accuracy})


def build_model(parameters: Mapping[str, Any], pixels: int) -> keras.Model:
    """Build an assignment's untrained network, from images (n, pixels) to outputs (n, 10)."""
    # scikit-learn's network, which shares the space, halves and divides `alpha` in this way.
    penalty = keras.regularizers.L2(parameters["alpha"] / parameters["batch_size"] / 2)
    hidden, activation = parameters["hidden"], parameters["activation"]
    model = keras.Sequential(
        [
            keras.Input((pixels,)),
            keras.layers.Dense(hidden, activation, kernel_regularizer=penalty),
            keras.layers.Dense(CLASSES, "softmax", kernel_regularizer=penalty),
        ]
    )
    optimizer = keras.optimizers.Adam(parameters["learning_rate"])
    optimizer.build(model.trainable_variables)  # so that a checkpoint can replace its moments
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def save(model: keras.Model, epochs: int, folder: Path) -> None:
    """Write a checkpoint: the weights, the optimizer's moments, and the number of epochs."""
    model.save_weights(folder / FILE)
    Path(folder, EPOCHS_FILE).write_text(str(epochs))


def restore(model: keras.Model, folder: Path) -> int:
    """Load a checkpoint into an untrained network; return its number of epochs.

    Training continues from these weights, but shuffles the images in a new order.

    Raises
    ------
    CheckpointError
        If a file is missing or damaged, or belongs to another network.
    """
    path = folder / FILE
    try:
        model.load_weights(path)
        return int(Path(folder, EPOCHS_FILE).read_text())
    except (OSError, KeyError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise CheckpointError(f"{path}: cannot be read: {said}") from error


def _trained_before(model: keras.Model, learning_rate: float) -> int:
    """Load the network of an earlier attempt, and return its epochs; 0 without such an attempt."""
    inherited = inherited_dir()
    if not inherited:
        return 0
    epochs = restore(model, Path(inherited))
    model.optimizer.learning_rate = learning_rate  # the checkpoint holds that of its attempt
    return epochs


if __name__ == "__main__":
    main()
