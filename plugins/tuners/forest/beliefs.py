"""What the forest of a sweep believes: the best trial, and the parameters that matter."""

import math

import numpy as np

from sweepwright.contracts import Belief, Prediction
from sweepwright.seeds import rng

from ..model_based.axes import Axes, Floats
from ..model_based.importance import total_effects
from ..model_based.trials import Trials
from .encoding import encode
from .surrogate import State


def believed(axes: Axes, trials: Trials, state: State, seed: int) -> Belief | None:
    """Return the belief after the trials that have ended; None if all of them failed.

    The best assignment is one that was tried, as in SMAC: a forest is constant between its
    thresholds, so it predicts that all assignments around the best are equally good. A number with
    a normal prior may differ from that of the trial in the last digit, by rounding.
    """
    losses = trials.losses(state.places.tolist())
    measured = np.isfinite(losses)
    if not measured.any():
        return None
    # Equal means are common among trees. Of these, the trial with the lowest loss is best.
    means, _ = state.forest.predict(state.features)
    best = int(np.lexsort((losses, np.where(measured, means, math.inf)))[0])
    draws = rng(seed, "tuner/belief", len(trials.ended))

    def mean(points: Floats) -> Floats:
        return state.forest.predict(encode(points))[0]

    point = trials.points([int(state.places[best])])
    return Belief(_prediction(axes, state, point), total_effects(axes, mean, draws))


def _prediction(axes: Axes, state: State, point: Floats) -> Prediction:
    """Predict a point, shape (1, d), in the unit of losses."""
    (assignment,) = axes.space.decode(axes.values(np.nan_to_num(point)))
    means, variances = state.forest.predict(encode(point))
    mean, deviation = float(means[0]), float(np.sqrt(variances[0]))
    low, middle, high = state.targets.losses_at(mean + deviation * np.array([-1.0, 0.0, 1.0]))
    # Halved first, since the difference of two huge losses may overflow.
    return Prediction(assignment, float(middle), float(high / 2 - low / 2))
