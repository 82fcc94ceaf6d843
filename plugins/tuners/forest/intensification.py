"""Intensification: which assignment to measure again (Hutter et al. [1]_, Procedure 2).

The incumbent is the assignment with the most measurements; of several, the one with the lowest
median. A challenger is an assignment whose median is lower, but which has fewer measurements. The
rules of [1]_ are:

- A challenger is measured again until it has as many measurements as the incumbent, which it then
  replaces, or until its median is no longer lower.
- Else the incumbent is measured again, as long as it has fewer measurements than allowed.

Three things differ. The value of an assignment is the median of its measurements, as in the tables
of a sweep, instead of the mean. A challenger is measured once at a time, instead of once, twice,
four times and so on, because few measurements are allowed. And the rules are a function of the
measurements of all assignments, so that no list of challengers has to be kept.

References
----------
.. [1] F. Hutter, H. H. Hoos, K. Leyton-Brown, "Sequential model-based optimization for general
   algorithm configuration", LION 5, 2011.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..model_based.axes import Axes, Floats
from ..model_based.trials import Places, Trials
from ..model_based.tuner import Repeat


@dataclass(frozen=True, slots=True)
class Measurements:
    """The measurements of k distinct assignments, in the order of their first trials."""

    firsts: Places
    """Places of the first trials, shape (k,)."""
    begun: Places
    """Numbers of trials, failed and pending ones included; shape (k,)."""
    measured: Places
    """Numbers of measurements, shape (k,)."""
    medians: Floats
    """Medians of the measurements, infinite without any; shape (k,)."""


def collect(axes: Axes, trials: Trials, proposed: Floats) -> Measurements:
    """Collect the measurements by assignment.

    Parameters
    ----------
    proposed : ndarray, shape (j, d)
        Values that count as pending trials.
    """
    places = range(len(trials))
    points = np.concatenate([trials.points(places), axes.points(proposed)])
    losses = np.full(len(points), np.inf)
    ended = list(trials.ended)
    losses[ended] = trials.losses(ended)
    # Compared as bytes, in which NaN would have several forms, and 0 a sign.
    points = np.nan_to_num(points, nan=-1.0) + 0.0
    rows = points.view(f"V{points.shape[1] * points.itemsize}")[:, 0]
    _, firsts, groups, begun = np.unique(
        rows, return_index=True, return_inverse=True, return_counts=True
    )
    known = np.flatnonzero(firsts < len(trials))
    medians, measured = _medians(losses, groups, len(firsts))
    known = known[np.argsort(firsts[known])]
    return Measurements(firsts[known], begun[known], measured[known], medians[known])


def _medians(losses: Floats, groups: Places, size: int) -> tuple[Floats, Places]:
    """Return the medians of the finite losses of each group, and their numbers."""
    measured = np.bincount(groups, np.isfinite(losses), size).astype(np.intp)
    order = np.lexsort((losses, groups))
    starts = np.searchsorted(groups[order], np.arange(size))
    # Sorted by loss, the infinite losses of a group are behind its measurements.
    low = losses[order][starts + np.maximum(measured - 1, 0) // 2]
    high = losses[order][starts + measured // 2 * (measured > 0)]
    # Halved first, since the sum of two huge losses may overflow.
    return np.where(measured % 2 == 1, low, low / 2 + high / 2), measured


def repetition(
    found: Measurements, trials: Trials, most: int, metric: Callable[[float], float]
) -> Repeat | None:
    """Return the repeat that the rules ask for, or None.

    Parameters
    ----------
    most
        Largest number of measurements of an assignment.
    metric
        Converts a loss to the metric, for the reason.
    """
    if not found.measured.any():
        return None
    incumbent = int(np.lexsort((found.medians, -found.measured))[0])
    enough = int(found.measured[incumbent])
    wanted = (found.medians < found.medians[incumbent]) & (found.measured > 0)
    # A measurement that runs decides first. Failed trials count, so that none is tried for ever.
    challengers = np.flatnonzero(wanted & (found.begun < min(enough, most)))
    if len(challengers):
        chosen = int(challengers[np.argmin(found.medians[challengers])])
        role = "better than the incumbent"
    elif found.begun[incumbent] < most:
        chosen, role = incumbent, "the incumbent"
    else:
        return None
    value, times = metric(float(found.medians[chosen])), int(found.measured[chosen])
    reason = f"{role}, with {value:.4g} from {times} of up to {most} measurements"
    return Repeat(trials.number(int(found.firsts[chosen])), reason)
