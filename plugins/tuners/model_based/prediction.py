"""The assignment that a model predicts to be best, found by local search.

The search starts from the best of many points, and each start moves to its best variant as long as
that is an improvement, with steps that become smaller from round to round. It needs predictions
only, so it works for every model, with choices, conditions and constraints. The numbers below are
generous rather than tuned: a search is made once at the end of a session.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from .axes import Axes, Floats
from .variants import draw_variants

Predict: TypeAlias = Callable[[Floats], Floats]
"""Predicts the mean at m points, shape (m, d), with NaN for inactive coordinates."""

DRAWS = 1000
"""Number of draws from the prior among the points from which the starts are chosen."""
STARTS = 10
"""Number of starts."""
ROUNDS, VARIANTS = 40, 20
"""Number of rounds, and of variants of each start in a round."""
FIRST_STEP, LAST_STEP = 0.2, 1e-3
"""Standard deviations of the steps in the first and in the last round, as shares of the axis."""
REDRAW_PROBABILITY = 0.15
"""Probability that a variant redraws a choice."""


def lowest_prediction(
    axes: Axes, predict: Predict, known: Floats, rng: np.random.Generator
) -> Floats:
    """Return the values whose predicted mean is lowest, as far as the search finds; shape (d,).

    Parameters
    ----------
    predict
        The predicted mean, which must be finite.
    known : ndarray, shape (k, d)
        Points of trials, at least one, which satisfy the constraints. The result is predicted to
        be at least as good as the best of them.
    """
    points = np.concatenate(
        [np.where(np.isnan(known), axes.draw(rng, len(known)), known), axes.draw(rng, DRAWS)]
    )
    values, means = _evaluated(axes, predict, points)
    chosen = np.argsort(means, kind="stable")[:STARTS]
    values, means = values[chosen], means[chosen]
    for step in np.geomspace(FIRST_STEP, LAST_STEP, ROUNDS):
        values, means = _improved(axes, predict, values, means, step, rng)
    return np.asarray(values[np.argmin(means)])


def _improved(
    axes: Axes,
    predict: Predict,
    values: Floats,
    means: Floats,
    step: float,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Move each start to its best variant if that has a lower mean; return values and means."""
    base = np.repeat(values, VARIANTS, axis=0)
    # Half of the variants move one number and the others about half of the numbers: the former
    # improve a point in many dimensions, and the latter follow valleys that are not along an axis.
    move = np.tile([[0.0], [0.5]], (len(base) // 2, 1))
    points = draw_variants(
        axes,
        axes.points(base),
        axes.bins(base),
        rng,
        step=step,
        move=move,
        redraw=REDRAW_PROBABILITY,
    )
    varied, varied_means = _evaluated(axes, predict, points)
    grouped = varied_means.reshape(len(values), VARIANTS)
    best = np.argmin(grouped, axis=1) + VARIANTS * np.arange(len(values))
    better = varied_means[best] < means
    return (
        np.where(better[:, None], varied[best], values),
        np.where(better, varied_means[best], means),
    )


def _evaluated(axes: Axes, predict: Predict, points: Floats) -> tuple[Floats, Floats]:
    """Round points to values and predict their means; infinite where a constraint is broken."""
    values = axes.values(points)
    means = predict(axes.points(values))
    return values, np.where(axes.permitted(values), means, np.inf)
