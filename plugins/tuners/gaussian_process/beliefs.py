"""What the process of a sweep believes: the best assignment, and the parameters that matter."""

import numpy as np

from sweepwright.contracts import Belief, Prediction
from sweepwright.seeds import rng

from ..model_based.axes import Axes, Floats
from ..model_based.importance import total_effects
from ..model_based.prediction import lowest_prediction
from ..model_based.trials import Trials
from .embedding import Embedding
from .surrogate import State

MOST_KNOWN = 50
"""Number of the best trials from which the search for the predicted best starts, beside draws."""


def believed(
    axes: Axes, trials: Trials, embedding: Embedding, state: State, seed: int
) -> Belief | None:
    """Return the belief after the trials that have ended; None if all of them failed.

    The importance is that for the targets of the process. Losses above the median count by their
    rank there, so that one huge loss does not hide what matters among the others.
    """
    if not np.isfinite(trials.losses(state.places.tolist())).any():
        return None
    draws = rng(seed, "tuner/belief", len(trials.ended))

    def mean(points: Floats) -> Floats:
        return state.process.mean(embedding(points))

    order = np.argsort(state.means, kind="stable")[:MOST_KNOWN]
    known = trials.points(state.places[order].tolist())
    best = lowest_prediction(axes, mean, known, draws)
    importance = total_effects(axes, mean, draws)
    return Belief(_prediction(axes, embedding, state, best), importance)


def _prediction(axes: Axes, embedding: Embedding, state: State, values: Floats) -> Prediction:
    """Predict a row of values, shape (d,), in the unit of losses."""
    (assignment,) = axes.space.decode(values[None, :])
    means, variances = state.process.predict(embedding(axes.points(values[None, :])))
    mean, deviation = float(means[0]), float(np.sqrt(variances[0]))
    low, middle, high = state.targets.losses_at(mean + deviation * np.array([-1.0, 0.0, 1.0]))
    # Halved first, since the difference of two huge losses may overflow.
    return Prediction(assignment, float(middle), float(high / 2 - low / 2))
