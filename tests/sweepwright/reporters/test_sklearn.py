"""An estimator is trained epoch by epoch, in an order that a seed and the epoch tell."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.naive_bayes import GaussianNB

from sweepwright.protocol import TrialLine
from sweepwright.reporters.sklearn import fit_by_epochs

Sent = Callable[[], list[TrialLine]]
POINTS = np.random.default_rng(0).normal(size=(80, 3))
LABELS = np.where(POINTS[:, 0] + 0.5 * POINTS[:, 1] > 0, "above", "below")
TRAIN, VALIDATION = (POINTS[:60], LABELS[:60]), (POINTS[60:], LABELS[60:])


class Noting(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Notes what it is trained on, and has a score that tells how often."""

    def __init__(self) -> None:
        self.orders: list[list[int]] = []

    def fit(self, *_: Any) -> None:
        raise AssertionError

    def partial_fit(self, samples: Any, targets: Any) -> None:
        assert list(samples[:, 0]) == list(targets)
        self.orders.append(list(targets))

    def score(self, *_: Any) -> float:
        return len(self.orders) / 10


NUMBERED = (np.arange(20)[:, None], np.arange(20))


def test_each_epoch_is_reported_and_the_last_is_the_result(sent: Sent) -> None:
    classifier = SGDClassifier(random_state=0)
    score = fit_by_epochs(classifier, TRAIN, VALIDATION, epochs=3)
    *epochs, result = sent()

    assert [line.metrics["epoch"] for line in epochs] == [1, 2, 3]
    assert [line.final for line in (*epochs, result)] == [False] * 3 + [True]
    assert result.metrics == epochs[-1].metrics
    assert score == result.metrics["default"] == classifier.score(*VALIDATION) > 0.7


def test_the_budget_includes_earlier_epochs(sent: Sent) -> None:
    fit_by_epochs(Noting(), NUMBERED, NUMBERED, epochs=4.5, trained=3)

    assert [line.metrics["epoch"] for line in sent()] == [4, 5, 5]


def test_an_estimator_with_a_spent_budget_is_only_scored(sent: Sent) -> None:
    score = fit_by_epochs(Noting(), NUMBERED, NUMBERED, epochs=2, trained=3)
    (result,) = sent()

    assert (result.final, result.metrics) == (True, {"default": 0.0, "epoch": 3})
    assert score == 0.0


def test_samples_are_shuffled_with_their_targets_in_each_epoch() -> None:
    estimator = Noting()
    fit_by_epochs(estimator, NUMBERED, NUMBERED, epochs=3)

    assert all(sorted(order) == list(range(20)) for order in estimator.orders)
    assert len(set(map(tuple, estimator.orders))) == 3


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    whole, before, after, other = Noting(), Noting(), Noting(), Noting()
    fit_by_epochs(whole, NUMBERED, NUMBERED, epochs=4, seed=1)
    fit_by_epochs(before, NUMBERED, NUMBERED, epochs=2, seed=1)
    fit_by_epochs(after, NUMBERED, NUMBERED, epochs=4, seed=1, trained=2)
    fit_by_epochs(other, NUMBERED, NUMBERED, epochs=4, seed=2)

    assert whole.orders == [*before.orders, *after.orders]
    assert other.orders[0] != whole.orders[0]


def test_a_regressor_needs_no_classes(sent: Sent) -> None:
    regressor = SGDRegressor(random_state=0)
    targets = POINTS.sum(axis=1)
    score = fit_by_epochs(regressor, (POINTS, targets), (POINTS, targets), epochs=2)

    assert len(sent()) == 3
    assert score > 0.5


def test_there_may_be_more_classes_than_in_the_targets() -> None:
    classifier = SGDClassifier(random_state=0)
    classes = ["above", "below", "beside"]
    fit_by_epochs(classifier, TRAIN, VALIDATION, epochs=1, classes=classes)

    assert list(classifier.classes_) == classes


@pytest.mark.parametrize("scoring", ["neg_log_loss", lambda *_: 0.125])
def test_another_score_can_be_chosen(sent: Sent, scoring: Any) -> None:
    score = fit_by_epochs(GaussianNB(), TRAIN, VALIDATION, epochs=1, scoring=scoring)

    assert sent()[-1].metrics["default"] == score
    assert score == 0.125 if callable(scoring) else score < 0
