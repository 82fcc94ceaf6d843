"""Train a neural network with one hidden layer on handwritten digits, with scikit-learn.

This file must not be named ``sklearn.py``. If it is run by hand, its folder is the first entry of
the import path, so ``import sklearn`` would import this file instead of the library.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from sweepwright.trial import (
    checkpoint_dir,
    get_experiment_id,
    get_next_parameter,
    inherited_dir,
    report_final_result,
    report_intermediate_result,
)
from sweepwright.trials.mnist.command_line import clear_errors, load_digits
from sweepwright.trials.mnist.data import CLASSES, Digits, Part
from sweepwright.trials.mnist.mlp_checkpoint import restore, save

DEFAULTS = {
    "learning_rate": 1e-3,
    "alpha": 1e-4,
    "hidden": 64,
    "batch_size": 32,
    "activation": "relu",
    "optimizer": {"_name": "adam"},
    "TRIAL_BUDGET": 18,  # epochs
}


def main() -> None:
    """Train with the assignment's parameters; report validation and test accuracy."""
    parameters = get_next_parameter(DEFAULTS)
    classifier = build_classifier(parameters, _seed())
    with clear_errors():
        digits = load_digits("Train a neural network on handwritten digits.")
        trained = _trained_before(classifier, digits.train)
    epochs = max(trained, math.ceil(parameters["TRIAL_BUDGET"]))
    train(classifier, digits, range(trained + 1, epochs + 1))
    if get_experiment_id() != "STANDALONE":  # outside a sweep, no attempt continues from it
        save(classifier, epochs, Path(checkpoint_dir()))
    accuracy = classifier.score(*digits.validation)
    test_accuracy = classifier.score(*digits.test)
    report_final_result({"default": accuracy, "test_accuracy": test_accuracy})


def build_classifier(parameters: Mapping[str, Any], seed: int) -> MLPClassifier:
    """Build the untrained network of an assignment.

    Each branch of ``optimizer`` has the name and the parameters of a solver in scikit-learn, such
    as ``sgd`` with ``momentum`` or ``adam`` with ``beta_1``.
    """
    optimizer = dict(parameters["optimizer"])
    return MLPClassifier(
        hidden_layer_sizes=(parameters["hidden"],),
        activation=parameters["activation"],
        alpha=parameters["alpha"],
        batch_size=parameters["batch_size"],
        learning_rate_init=parameters["learning_rate"],
        solver=optimizer.pop("_name"),
        random_state=np.random.RandomState(seed),
        **optimizer,
    )


def train(classifier: MLPClassifier, digits: Digits, epochs: Iterable[int]) -> None:
    """Train for the given epochs, and report the validation accuracy after each epoch."""
    for epoch in epochs:
        classifier.partial_fit(*digits.train, classes=range(CLASSES))
        accuracy = classifier.score(*digits.validation)
        report_intermediate_result({"default": accuracy, "epoch": epoch})


def _trained_before(classifier: MLPClassifier, images: Part) -> int:
    """Load the network of an earlier attempt, and return its epochs; 0 without such an attempt."""
    inherited = inherited_dir()
    return restore(classifier, images, Path(inherited)) if inherited else 0


def _seed() -> int:
    """Return the trial's seed, reduced to scikit-learn's 32 bits, or 0 outside a sweep."""
    described = json.loads(os.environ.get("SWEEPWRIGHT_TRIAL", "{}"))
    return int(described.get("seed", 0)) % 2**32


if __name__ == "__main__":
    main()
