"""Measurements that the model doubts, because the other measurements predict something else.

Metis measures such assignments again, because an outlier is either an error of the measurement or
a feature of the objective that the model does not know yet.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..gaussian_process.surrogate import State
from ..model_based.axes import Floats
from ..model_based.trials import Trials
from .gain import mean_drop

DOUBTFUL = 2.33
"""Distance from the prediction, in standard deviations, beyond which a measurement is doubtful. If
the model is right, one in a hundred measurements is that far above its prediction."""
MOST_MEASUREMENTS = 3
"""Largest number of measurements of an assignment."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A measurement that is far from what the others predict."""

    place: int
    """Place of the first trial of the assignment."""
    index: int
    """Index of the measurement among those that the process is conditioned on."""
    difference: float
    """Its target less the prediction of the others."""
    reason: str
    """Why the assignment is measured again, for the user."""


def find_doubts(
    state: State, trials: Trials, pending: Floats, metric: Callable[[float], float]
) -> Iterator[Doubt]:
    """Yield the doubtful measurements that may be repeated, worst first.

    An assignment is left out if it is being measured, or has been measured often enough.

    Parameters
    ----------
    pending : ndarray, shape (j, d)
        Points that count as pending trials, beside those that are.
    metric
        Converts a loss to the user's metric.
    """
    differences, variances = state.process.posterior.leave_one_out()
    deviations = differences / np.sqrt(variances)
    losses = trials.losses(state.places.tolist())
    # The loss of a trial that failed or was stopped is a guess, and no measurement to be doubted.
    distances = np.where(trials.measured(state.places), np.abs(deviations), 0.0)
    predictions = state.targets.losses_at(state.targets.values - differences)
    seen = {row.tobytes() for row in [*pending, *trials.points(trials.pending)]}
    for index in np.argsort(-distances, kind="stable"):
        if distances[index] <= DOUBTFUL:
            return
        point = trials.points([state.places[index]])[0]
        same = trials.places_at(point)
        if len(same) < MOST_MEASUREMENTS and point.tobytes() not in seen:
            seen.add(point.tobytes())
            reason = _reason(metric(losses[index]), metric(predictions[index]), distances[index])
            yield Doubt(int(same[0]), int(index), float(differences[index]), reason)


def _reason(measured: float, predicted: float, deviations: float) -> str:
    return (
        f"its measurement {measured:.4g} is {deviations:.1f} deviations "
        f"from the model's {predicted:.4g}"
    )


def gains_of_doubts(doubts: Sequence[Doubt], means: Floats, influences: Floats) -> Floats:
    r"""Compute the information gain of measuring doubtful assignments again, shape (m,).

    A doubtful measurement must not vouch for itself, so the gain is that of a process without it.
    In place of the ends of an interval, the new measurement is imagined to confirm the doubtful
    one, or to be as far from the prediction on the other side. A target y with leave-one-out
    difference r has the influence w on a mean, so without it the mean is :math:`\mu - w r`.

    Parameters
    ----------
    means : ndarray, shape (k,)
        Posterior means of the points among which the lowest is looked for.
    influences : ndarray, shape (k, n)
        Weights of all targets in these means.
    """
    shifts = influences[:, [doubt.index for doubt in doubts]]
    shifts = shifts * np.array([doubt.difference for doubt in doubts])
    return mean_drop(means[:, None] - shifts, shifts)
