r"""Importance of parameters: total Sobol indices of a model's predictions over the prior.

The total effect of a parameter is the share of the variance in which the parameter takes part,
alone or together with others: :math:`E[\mathrm{Var}(f \mid x_{\sim i})] / \mathrm{Var}(f)`, where
:math:`x_{\sim i}` are all parameters but the i-th. Jansen's estimator of the numerator ([1]_,
Table 2, (f)) is half the mean squared difference between two draws that differ in the i-th
parameter only:

.. math:: \frac{1}{2 n} \sum_{j=1}^n \left( f(A)_j - f(A_B^{(i)})_j \right)^2

The denominator is the same for all parameters and cancels, because the shares are scaled to sum up
to 1.

In a conditional space, a draw has a value for every parameter, and the inactive ones are cleared
after the i-th was replaced. The variance that a choice of branches explains thus includes that
between the parameters of different branches. A parameter that is rarely active differs rarely.

References
----------
.. [1] A. Saltelli, P. Annoni, I. Azzini, F. Campolongo, M. Ratto, S. Tarantola, "Variance based
   sensitivity analysis of model output. Design and estimator for the total sensitivity index",
   Computer Physics Communications 181, 2010.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from .axes import Axes, Floats, Mask

DRAWS, LEAST_DRAWS, MOST_PREDICTIONS = 1024, 100, 20_000
"""Number of pairs of draws for a parameter: the first, but fewer if there are so many parameters
that more than the third number of predictions would be made in all, and at least the second. With
the first, the relative error of a total effect is about 5 %, which does not show in a bar."""
BATCHES = 64
"""Largest number of batches of draws from which those that satisfy the constraints are chosen."""


def total_effects(
    axes: Axes, predict: Callable[[Floats], Floats], rng: np.random.Generator, n: int | None = None
) -> Mapping[str, float]:
    """Estimate which share of the variance of a function each parameter takes part in.

    A pair of draws counts only if both satisfy the constraints of the space. If hardly any draws
    do, several pairs share one of them.

    Parameters
    ----------
    predict
        The function: maps points with NaN for inactive coordinates, shape (m, d), to m finite
        values. It is called d + 1 times with at most n points.
    n
        Number of pairs of draws for each parameter; None stands for `DRAWS`, or for fewer if there
        are many parameters.

    Returns
    -------
    mapping from str to float
        Shares by name of the parameter, in the order of the space. They are scaled to sum up to 1,
        because the total effects of parameters that interact sum up to more. Empty if the function
        does not vary, or if no draw satisfies the constraints.
    """
    if n is None:
        n = min(DRAWS, max(MOST_PREDICTIONS // max(len(axes), 1), LEAST_DRAWS))
    first, second = _feasible_draws(axes, rng, n), axes.draw(rng, n)
    points, allowed = _conditional(axes, first)
    values = predict(points)
    effects = np.zeros(len(axes))
    for column, (points, also_allowed) in enumerate(_exchanges(axes, first, second)):
        both = allowed & also_allowed
        if both.any():
            effects[column] = np.mean((values[both] - predict(points[both])) ** 2) / 2
    if not effects.any():
        return {}
    names = (parameter.name for parameter in axes.space.parameters)
    return dict(zip(names, (effects / effects.sum()).tolist(), strict=True))


def _feasible_draws(axes: Axes, rng: np.random.Generator, n: int) -> Floats:
    """Draw n points that satisfy the constraints, if any do; repeat them if there are too few."""
    draws = axes.draw(rng, n)
    if not axes.space.constraints:
        return draws
    found = draws[_conditional(axes, draws)[1]]
    for _ in range(BATCHES - 1):
        if len(found) >= n:
            break
        more = axes.draw(rng, n)
        found = np.concatenate([found, more[_conditional(axes, more)[1]]])
    return np.resize(found, draws.shape) if len(found) else draws


def _exchanges(axes: Axes, first: Floats, second: Floats) -> Iterator[tuple[Floats, Mask]]:
    """Yield for each column what `_conditional` returns for `first` with that one of `second`."""
    if axes.space.conditions.steps:
        for column in range(len(axes)):
            yield _conditional(axes, _exchanged(first, second, column))
        return
    # Without conditions, columns do not depend on each other. To round them once, and not once for
    # each exchange, saves most of the time if there are many.
    values, others = axes.values(first), axes.values(second)
    points, other_points = axes.points(values), axes.points(others)
    for column in range(len(axes)):
        permitted = axes.permitted(_exchanged(values, others, column))
        yield _exchanged(points, other_points, column), permitted


def _exchanged(first: Floats, second: Floats, column: int) -> Floats:
    """Copy an array with a column of another one."""
    changed = first.copy()
    changed[:, column] = second[:, column]
    return changed


def _conditional(axes: Axes, points: Floats) -> tuple[Floats, Mask]:
    """Round points to values and clear inactive coordinates; tell which meet the constraints."""
    values = axes.values(points)
    return axes.points(values), axes.permitted(values)
