"""Train a neural network with one hidden layer on handwritten digits, with scikit-learn.

The file is not named after its library: run by hand, its folder comes first on the path,
and a ``sklearn.py`` in it would be what ``import sklearn`` finds.
"""

import json
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from sklearn.neural_network import MLPClassifier

from sweepwright.trial import (
    get_next_parameter,
    report_final_result,
    report_intermediate_result,
)
from sweepwright.trials.mnist.data import CLASSES, DataError, Digits, load

DEFAULTS = {
    "learning_rate": 1e-3,
    "alpha": 1e-4,
    "hidden": 64,
    "batch_size": 32,
    "activation": "relu",
    "optimizer": {"_name": "adam"},
}


def main() -> None:
    """Train as the assignment says; report the validation accuracy, and the test accuracy."""
    options = _options()
    try:
        digits = load(options.data)
    except DataError as error:
        raise SystemExit(f"error: {error}") from error
    classifier = build_classifier(get_next_parameter(DEFAULTS), _seed())
    accuracy = train(classifier, digits, options.epochs)
    test_accuracy = classifier.score(*digits.test)
    report_final_result({"default": accuracy, "test_accuracy": test_accuracy})


def build_classifier(parameters: Mapping[str, Any], seed: int) -> MLPClassifier:
    """Build the untrained network of an assignment.

    A branch of ``optimizer`` is one of scikit-learn's solvers, and its parameters are the
    solver's own, such as ``momentum`` of ``sgd`` or ``beta_1`` of ``adam``.
    """
    optimizer = dict(parameters["optimizer"])
    return MLPClassifier(
        hidden_layer_sizes=(parameters["hidden"],),
        activation=parameters["activation"],
        alpha=parameters["alpha"],
        batch_size=parameters["batch_size"],
        learning_rate_init=parameters["learning_rate"],
        solver=optimizer.pop("_name"),
        random_state=seed,
        **optimizer,
    )


def train(classifier: MLPClassifier, digits: Digits, epochs: int) -> float:
    """Train for some epochs, reporting after each; return the last validation accuracy."""
    accuracy = 0.0
    for _ in range(epochs):
        classifier.partial_fit(*digits.train, classes=range(CLASSES))
        accuracy = classifier.score(*digits.validation)
        report_intermediate_result(accuracy)
    return accuracy


def _options() -> Namespace:
    parser = ArgumentParser(description="Train a neural network on handwritten digits.")
    parser.add_argument("--data", help="folder of MNIST's IDX files; default: scikit-learn's")
    parser.add_argument("--epochs", type=int, default=20, help="passes over the training images")
    return parser.parse_args()


def _seed() -> int:
    """Return the trial's own seed, folded to the 32 bits that scikit-learn takes; by hand 0."""
    described = json.loads(os.environ.get("SWEEPWRIGHT_TRIAL", "{}"))
    return int(described.get("seed", 0)) % 2**32


if __name__ == "__main__":
    main()
