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
    """Train by ``partial_fit`` and report the score after each epoch, a pass over all samples.

    The last score is the trial's result.

    Parameters
    ----------
    estimator : estimator
        An estimator with ``partial_fit``; it is trained in place.
    train, validation : tuple
        Data for training and for scoring, each as samples and targets.
    epochs : float
        Number of epochs to train in all, rounded up, so that a budget can be given as it is.
    classes : sequence, optional
        All classes; by default, for a classifier, those among the targets.
    scoring : str or callable, optional
        A scorer of scikit-learn or its name; the estimator's own ``score`` by default.
    seed : int
        Seed for the order of the samples, which differs between epochs and does not depend on
        interruptions.
    trained : int
        Epochs that the estimator was trained for before; they count towards `epochs`.

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
    """Return the argument `classes` for classifiers; other estimators do not accept it."""
    if classes is None and not is_classifier(estimator):
        return {}
    return {"classes": np.unique(train[1]) if classes is None else classes}


def _shuffled(part: Part, seed: int, epoch: int) -> Part:
    (state,) = np.random.SeedSequence([seed, epoch]).generate_state(1)
    samples, targets = shuffle(*part, random_state=int(state))
    return samples, targets
