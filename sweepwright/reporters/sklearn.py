"""Reporter for scikit-learn: trains an estimator by epochs, and reports its score after each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Tuple  # noqa: UP035 - Python 3.8

import numpy as np
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.utils import shuffle

from sweepwright.trial import report_final_result, report_intermediate_result

Part = Tuple[Any, Any]  # noqa: UP006 - Python 3.8
"""Samples and their targets."""


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
    """Train an estimator with ``partial_fit``, and report its score after each epoch.

    An epoch is one pass over all samples. The last score is reported as the trial's result.

    Parameters
    ----------
    estimator : estimator
        An estimator with ``partial_fit``; it is trained in place.
    train, validation : tuple
        Data for training and for scoring, each as samples and targets.
    epochs : float
        Total number of epochs to train. It is rounded up, so that a budget can be passed directly.
    classes : sequence, optional
        All classes; by default, the classes that occur among a classifier's targets.
    scoring : str or callable, optional
        A scorer of scikit-learn or its name; by default, the estimator's own ``score``.
    seed : int
        Seed for the order of the samples. The order depends only on this seed and the epoch, so
        that a continued training uses the same order as an uninterrupted training.
    trained : int
        Number of epochs that the estimator has already been trained for, included in `epochs`.

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
    """Return the keyword argument `classes`, which only classifiers accept."""
    if classes is None and not is_classifier(estimator):
        return {}
    return {"classes": np.unique(train[1]) if classes is None else classes}


def _shuffled(part: Part, seed: int, epoch: int) -> Part:
    (state,) = np.random.SeedSequence([seed, epoch]).generate_state(1)
    samples, targets = shuffle(*part, random_state=int(state))
    return samples, targets
