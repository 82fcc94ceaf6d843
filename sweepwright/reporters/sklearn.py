"""Train an estimator of scikit-learn's epoch by epoch, and report its score after each."""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.utils import shuffle

from sweepwright.trial import report_final_result, report_intermediate_result

Part: TypeAlias = tuple[Any, Any]
"""Samples, and their targets."""


def fit_by_epochs(
    estimator: Any,
    train: Part,
    validation: Part,
    *,
    epochs: float,
    classes: Sequence[Any] | None = None,
    scoring: str | Callable[..., float] | None = None,
    seed: int = 0,
    trained: int = 0,
) -> float:
    """Train by ``partial_fit`` on all samples an epoch, reporting the score after each.

    The last score is the trial's result.

    Parameters
    ----------
    estimator : estimator
        Whatever has ``partial_fit``; it is trained in place.
    train, validation : tuple
        What is trained on and what is scored, each as samples and targets.
    epochs : float
        Up to how many epochs to train in all, rounded up: a budget as it is.
    classes : sequence, optional
        All classes; those among the targets where a classifier is given none.
    scoring : str or callable, optional
        One of scikit-learn's scorers or its name; the estimator's own ``score`` by default.
    seed : int
        Of the order of the samples, which is another in each epoch, and the same however often
        training was interrupted.
    trained : int
        Epochs that the estimator was trained for before, which count.

    Returns
    -------
    float
        The last score.
    """
    known = _classes(estimator, train, classes)
    score = check_scoring(estimator, scoring=scoring)
    last = max(trained, math.ceil(epochs))
    result = None
    for epoch in range(trained + 1, last + 1):
        estimator.partial_fit(*_shuffled(train, seed, epoch), **known)
        result = score(estimator, *validation)
        report_intermediate_result({"default": result, "epoch": epoch})
    result = score(estimator, *validation) if result is None else result
    report_final_result({"default": result, "epoch": last})
    return float(result)


def _classes(estimator: Any, train: Part, classes: Sequence[Any] | None) -> dict[str, Any]:
    """Return what a classifier is told of its classes, and any other estimator is not."""
    if classes is None and not is_classifier(estimator):
        return {}
    return {"classes": np.unique(train[1]) if classes is None else classes}


def _shuffled(part: Part, seed: int, epoch: int) -> Part:
    (state,) = np.random.SeedSequence([seed, epoch]).generate_state(1)
    samples, targets = shuffle(*part, random_state=int(state))
    return samples, targets
