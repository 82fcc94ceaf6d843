"""Squared distances of embedded points are those of the definition."""

import numpy as np
import pytest

from sweepwright.contracts import Problem
from sweepwright.plugins.tuners.gaussian_process.embedding import Embedding
from sweepwright.plugins.tuners.gaussian_process.kernels import Floats, squared_distances
from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Real
from sweepwright.testing.problems import PROBLEMS, space

MIXED = space(x=Real(0, 1), kind=Categorical(("a", "b", "c")), y=Real(0, 1))


def distance(a: list[float], b: list[float]) -> float:
    embedded = Embedding(Axes(MIXED))(np.array([a, b]))
    return float(squared_distances(embedded, embedded)[0, 1])


def test_numbers_and_options() -> None:
    assert distance([0.2, 0, 0.1], [0.7, 0, 0.1]) == pytest.approx(0.25)
    assert distance([0.2, 0, 0.1], [0.2, 1, 0.1]) == pytest.approx(1)
    assert distance([0.2, 2, 0.1], [0.2, 1, 0.4]) == pytest.approx(1.09)


def test_inactive_parameters() -> None:
    """An inactive number is in the middle, and an inactive choice at 1/√2 of each option."""
    nan = np.nan

    assert distance([0.2, 0, nan], [0.2, 0, nan]) == 0
    assert distance([nan, 0, 0.1], [0.2, 0, 0.1]) == pytest.approx(0.09)
    assert distance([0.2, nan, 0.1], [0.2, 0, 0.1]) == pytest.approx(0.5)
    assert distance([0.2, nan, 0.1], [0.2, 2, 0.1]) == pytest.approx(0.5)


def by_definition(axes: Axes, a: Floats, b: Floats) -> float:
    total = 0.0
    for number, x, y in zip(axes.is_number, a, b, strict=True):
        if number:
            total += (np.nan_to_num(x, nan=0.5) - np.nan_to_num(y, nan=0.5)) ** 2
        elif np.isnan(x) != np.isnan(y):
            total += 0.5
        elif not np.isnan(x):
            total += x != y
    return total


@pytest.mark.parametrize("name", ["every_kind", "nested", "constrained", "many_parameters"])
def test_random_points(name: str) -> None:
    problem: Problem = PROBLEMS[name]
    axes = Axes(problem.space)
    points = axes.points(problem.space.sample(rng(0, name), 12))
    embedding = Embedding(axes)
    embedded = embedding(points)

    squared = squared_distances(embedded, embedded)

    expected = [[by_definition(axes, a, b) for b in points] for a in points]
    np.testing.assert_allclose(squared, expected, atol=1e-5)
    assert embedding.parameters.shape == embedded.shape[1:]
    assert set(embedding.parameters.tolist()) == set(range(len(axes)))


def test_options_of_a_large_choice_are_about_as_far_from_each_other() -> None:
    axes = Axes(PROBLEMS["many_choices"].space)
    points = np.column_stack([np.arange(1000.0), np.full(1000, 0.5)])

    embedded = Embedding(axes)(points)
    squared = squared_distances(embedded, embedded)[np.triu_indices(1000, 1)]

    assert embedded.shape[1] < 100
    assert np.sqrt(squared).mean() == pytest.approx(1, abs=0.01)
    assert np.sqrt(squared).min() > 0.5
