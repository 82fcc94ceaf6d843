"""Local search in the one-exchange neighbourhood (Hutter et al. [1]_, section 4.3).

A neighbour differs in one parameter. For each number there are four neighbours; for each choice,
every other option is one. Each start moves to its best neighbour as long as that is better.

In [1]_ the step of a number is normal with a standard deviation of 0.2. Here its logarithm is
uniform, so that the search also finds improvements that are close (see ``docs/decisions/0024``).

References
----------
.. [1] F. Hutter, H. H. Hoos, K. Leyton-Brown, "Sequential model-based optimization for general
   algorithm configuration", LION 5, 2011.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from ..model_based.axes import Axes, Floats, reflected
from ..model_based.trials import Places
from ..model_based.variants import LEAST_STEP

Rate: TypeAlias = Callable[[Floats], Floats]
"""Rates m rows of values, shape (m, d), by m numbers; more is better."""

NUMBER_NEIGHBOURS = 4
"""Number of neighbours for each number ([1]_)."""
MOST_OPTIONS = 8
"""Number of options of a choice that are tried; if there are more, a random sample is tried."""
SMALLEST_STEP, LARGEST_STEP = 10**-2.5, 10**-0.5
"""Range of the standard deviation of a step, as a share of the axis; its logarithm is uniform."""
MOST_NEIGHBOURS = 500
"""Number of neighbours that are rated in a round; of more, a random sample is rated."""
ROUNDS = 2
"""Largest number of moves of a start."""


def climb(
    axes: Axes, rate: Rate, starts: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Search from b starts; return the values of all rated neighbours, and their ratings.

    The starts are not returned: those that were tried may differ from their trials by rounding,
    and would be tried again.

    Parameters
    ----------
    starts : ndarray, shape (b, d)
        Rows of values, b at least 1.
    """
    ratings = rate(starts)
    found, found_ratings = [], []
    for _ in range(ROUNDS):
        points, owners = neighbourhood(axes, starts, rng)
        values = axes.values(points)
        near = rate(values)
        found.append(values)
        found_ratings.append(near)
        moved, best = _best_of_each(near, owners)
        better = near[best] > ratings[moved]
        if not better.any():
            break
        starts, ratings = starts.copy(), ratings.copy()
        starts[moved[better]] = values[best[better]]
        ratings[moved[better]] = near[best[better]]
    return np.concatenate(found), np.concatenate(found_ratings)


def _best_of_each(ratings: Floats, owners: Places) -> tuple[Places, Places]:
    """Return the starts that have neighbours, and the index of the best neighbour of each."""
    order = np.lexsort((-ratings, owners))
    starts, first = np.unique(owners[order], return_index=True)
    return starts, order[first]


def neighbourhood(axes: Axes, starts: Floats, rng: np.random.Generator) -> tuple[Floats, Places]:
    """Draw the neighbourhoods of b starts; return points, and the index of the start of each.

    The points are not rounded to values. A parameter that a neighbour activates is drawn from the
    prior.

    Parameters
    ----------
    starts : ndarray, shape (b, d)
        Rows of values.
    """
    points = axes.points(starts)
    parts = [_exchanged_numbers(axes, starts, points, rng)]
    parts += [_exchanged_options(axes, points, column, rng) for column in axes.choices.tolist()]
    owners, columns, coordinates = (np.concatenate(part) for part in zip(*parts, strict=True))
    if len(owners) > MOST_NEIGHBOURS:
        kept = np.sort(rng.choice(len(owners), MOST_NEIGHBOURS, replace=False))
        owners, columns, coordinates = owners[kept], columns[kept], coordinates[kept]
    near = points[owners]
    near[np.arange(len(near)), columns] = coordinates
    return np.where(np.isnan(near), axes.draw(rng, len(near)), near), owners


def _exchanged_numbers(
    axes: Axes, starts: Floats, points: Floats, rng: np.random.Generator
) -> tuple[Places, Places, Floats]:
    """Return start, column and new coordinate of each neighbour that differs in a number."""
    owners, columns = np.nonzero(~np.isnan(points) & axes.is_number)
    owners, columns = np.repeat(owners, NUMBER_NEIGHBOURS), np.repeat(columns, NUMBER_NEIGHBOURS)
    steps = draw_steps(rng, (len(owners),))
    # A smaller step would rarely leave the bin.
    steps = np.maximum(steps, LEAST_STEP * axes.bins(starts)[owners, columns])
    moved = points[owners, columns] + steps * rng.standard_normal(len(owners))
    return owners, columns, reflected(moved)


def _exchanged_options(
    axes: Axes, points: Floats, column: int, rng: np.random.Generator
) -> tuple[Places, Places, Floats]:
    """Return start, column and new option of each neighbour that differs in a choice."""
    options = np.arange(len(axes.prior_of(column)), dtype=float)
    if len(options) > MOST_OPTIONS:
        options = rng.choice(options, MOST_OPTIONS, replace=False)
    own = points[:, column, None]
    owners, chosen = np.nonzero(~np.isnan(own) & (options != own))
    return owners, np.full(len(owners), column), options[chosen]


def draw_steps(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Draw standard deviations of steps, as shares of the axis."""
    return np.exp(rng.uniform(np.log(SMALLEST_STEP), np.log(LARGEST_STEP), shape))
