"""The statistics of the comparison agree with tables, with scipy and with what can be counted."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.comparison.regret import regret_curve
from benchmarks.comparison.statistics import (
    Interval,
    average_ranks,
    bootstrap,
    critical_difference,
    holm,
    interval,
    is_worse,
    ratio_to_best,
)


def test_regret_goes_from_the_median_to_the_best() -> None:
    curve = regret_curve([9, 3, 5, 2, 0.5], None, best=1, median=5, trials=5)

    assert curve.tolist() == [1, 0.5, 0.5, 0.25, 0]


def test_a_tuner_that_ends_early_keeps_its_incumbent() -> None:
    assert regret_curve([3], None, best=1, median=5, trials=3).tolist() == [0.5, 0.5, 0.5]


def test_regret_is_the_true_loss_of_the_observed_best() -> None:
    curve = regret_curve([4, 2, 3, 2], [4, 4.5, 1, 1], best=0, median=5, trials=4)

    assert curve == pytest.approx([0.8, 0.9, 0.9, 0.9])


def test_the_loss_of_a_repeated_trial_is_its_median() -> None:
    observed, truths = [3.0, 1.0, 2.0, 5.0, 1.5], [3.0, 4.0, 2.0, 4.0, 2.0]
    curve = regret_curve(observed, truths, best=0, median=5, trials=5, firsts=[0, 1, 2, 1, 2])

    assert curve == pytest.approx([0.6, 0.8, 0.8, 0.4, 0.4])


def test_holm_agrees_with_an_example_worked_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []


def test_the_permutation_test_agrees_with_all_the_signs_there_are() -> None:
    differences = np.array([0.3, 0.1, 0.4, -0.1, 0.5, 0.9, -0.2, 0.6])
    every = np.array(np.meshgrid(*[(-1, 1)] * 8)).reshape(8, -1)
    exact = np.mean(differences @ every >= differences.sum() - 1e-12)

    assert is_worse(differences, np.zeros(8)) == pytest.approx(exact, abs=0.003)


def test_equal_tuners_are_not_worse_than_one_another() -> None:
    same = np.full(20, 0.5)

    assert is_worse(same, same) == 1


def test_the_bootstrap_has_the_width_of_the_standard_error() -> None:
    matrices = [np.random.default_rng(i).normal(1, 0.2, (1, 20)) for i in range(4)]
    means, resampled = bootstrap(matrices)
    error = np.sqrt(sum(matrix.var() / 20 for matrix in matrices)) / 4
    found = interval(means[0], resampled[0])

    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert found.low < np.mean(matrices) < found.high


def test_pairs_stay_pairs_in_the_bootstrap() -> None:
    """Seeds that are hard for both leave a ratio that does not vary."""
    base = np.random.default_rng(0).random(20)
    means, resampled = bootstrap([np.stack([0.5 * base, base, 2 * base])])
    found = ratio_to_best(0, [1, 2], means, resampled)

    assert [found.estimate, found.low, found.high] == pytest.approx([0.5, 0.5, 0.5])


def test_the_best_of_others_is_determined_in_each_resample() -> None:
    means = np.array([1.0, 2.0, 2.1])
    resampled = np.array([[1.0, 1.0], [2.0, 4.0], [4.0, 2.0]])

    assert ratio_to_best(0, [1, 2], means, resampled) == Interval(0.5, 0.5, 0.5)


def test_ranks_are_averaged_and_ties_shared() -> None:
    matrices = [np.array([[0.1], [0.3], [0.2]]), np.array([[0.1], [0.1], [0.5]])]

    assert average_ranks(matrices).tolist() == [1.25, 2.25, 2.5]


def test_the_critical_difference_is_that_of_the_published_table() -> None:
    """Demšar 2006, table 5 and its example: q = 2.569 for four, 1.27 for four on fourteen."""
    assert critical_difference(4, 14) == pytest.approx(2.569 * np.sqrt(20 / 84), rel=1e-3)


def test_the_test_agrees_with_wilcoxon_where_the_difference_is_plain() -> None:
    ones, others = np.linspace(0.5, 0.6, 20), np.linspace(0.1, 0.5, 20)

    assert is_worse(ones, others) < 1e-4
    assert stats.wilcoxon(ones, others, alternative="greater").pvalue < 1e-4
