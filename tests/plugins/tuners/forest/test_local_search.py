"""The one-exchange neighbourhood, and the search in it."""

import numpy as np

from sweepwright.plugins.tuners.forest.local_search import (
    MOST_NEIGHBOURS,
    NUMBER_NEIGHBOURS,
    climb,
    neighbourhood,
)
from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Integer, Normal, Real
from sweepwright.testing.problems import PROBLEMS, nested_space, space

MIXED = space(rate=Real(0, 1), count=Integer(1, 9), kind=Categorical(("a", "b", "c", "d")))


def test_neighbours_differ_in_one_parameter() -> None:
    """There are four for each number, and one for each other option of a choice."""
    axes = Axes(MIXED)
    starts = np.array([[0.5, 3.0, 0.0], [0.1, 9.0, 2.0]])
    points, owners = neighbourhood(axes, starts, rng(0, "near"))
    changed = points != axes.points(starts)[owners]

    assert (changed.sum(axis=1) == 1).all()
    for owner, kind in enumerate([0.0, 2.0]):
        own = owners == owner
        assert changed[own].sum(axis=0).tolist() == [NUMBER_NEIGHBOURS, NUMBER_NEIGHBOURS, 3]
        options = points[own & changed[:, 2], 2]
        assert sorted([kind, *options]) == [0.0, 1.0, 2.0, 3.0]


def test_the_exchange_of_a_choice_activates_parameters() -> None:
    searched = nested_space()
    axes = Axes(searched)
    (start,) = searched.encode([{"seed": 1, "model": {"_name": "linear", "l2": 0.1}}])
    points, _ = neighbourhood(axes, start[None, :], rng(0, "near"))
    values = axes.values(points)

    assert searched.feasible(values).all()
    assert set(values[:, searched.index["model"]]) == {0.0, 1.0}
    # The inactive parameters of the start are not exchanged: seed, model and l2 have neighbours.
    assert len(values) == 2 * NUMBER_NEIGHBOURS + 1


def test_the_number_of_neighbours_is_bounded() -> None:
    searched = PROBLEMS["many_parameters"].space
    points, _ = neighbourhood(Axes(searched), searched.sample(rng(0, "start"), 10), rng(0, "near"))

    assert len(points) == MOST_NEIGHBOURS


def test_each_start_moves_uphill_twice() -> None:
    """Two exchanges reach from one corner of the two choices to the opposite one."""
    letters = Categorical(("a", "b", "c", "d"))
    searched = space(one=letters, other=letters)
    values, ratings = climb(
        Axes(searched), lambda rows: rows.sum(axis=1), np.zeros((1, 2)), rng(0, "climb")
    )

    assert values[np.argmax(ratings)].tolist() == [3.0, 3.0]
    np.testing.assert_array_equal(ratings, values.sum(axis=1))


def test_the_starts_are_not_among_the_neighbours() -> None:
    """The value of a normal parameter is rounded on its way to a point and back."""
    normal = space(x=Normal(0, 1), y=Normal(3, 2))
    starts = normal.sample(rng(0, "starts"), 8)
    peaks = Axes(normal).values(Axes(normal).points(starts))
    assert (peaks != starts).any()

    values, _ = climb(Axes(normal), lambda rows: -np.abs(rows).sum(axis=1), peaks, rng(0, "climb"))

    assert np.abs(values[:, None] - starts).max(axis=2).min() > 1e-9
