"""The forest of a sweep: which trials it is grown on, and when.

The trees are grown on the first n trials that ended, where n grows by a tenth from one forest to
the next. In between, the trials that have ended since are put into the leaves of the same trees.
So the forest is a function of the events and the seed; what is kept between calls only saves time.
"""

from dataclasses import dataclass

import numpy as np

from sweepwright.seeds import rng

from ..model_based.axes import Floats
from ..model_based.refits import Latest, fitted_count
from ..model_based.trials import Places, Trials
from .encoding import Features, encode
from .forest import Forest, Trees, fill, grow
from .scores import Scores, normal_scores

BEST, SAMPLED = 500, 500
"""Numbers of trials that the trees are grown on if more have ended: the best, and a random sample
of the others."""


@dataclass(frozen=True, slots=True)
class State:
    """What the forest says after some events."""

    forest: Forest
    features: Features
    """Features of the trials, shape (n, d)."""
    places: Places
    """Places of the trials in the forest, shape (n,)."""
    targets: Scores
    """Their losses as targets."""


class Surrogate:
    """The forest of the trials of a sweep.

    Parameters
    ----------
    first
        Number of ended trials from which on there is a forest, at least 1.
    seed
        Seed of the sweep.
    """

    def __init__(self, trials: Trials, *, first: int, seed: int) -> None:
        self._trials = trials
        self._first = first
        self._seed = seed
        self._grown = Latest[tuple[Trees, Places]]()
        self._state = Latest[State]()

    def state(self) -> State:
        """Return the forest of the trials that have ended, at least `first`."""
        key = len(self._trials.ended), self._trials.replaced
        return self._state.get(key, self._new_state)

    def with_pending(self, proposed: Floats) -> tuple[Forest, Features]:
        """Return the forest in which pending and proposed points have a loss in the middle.

        The second array has the features of all trials in the forest, with these points; shape
        (m, d).

        This lie (the "constant liar" with the mean, Ginsbourger et al., 2010) keeps suggestions
        away from the leaves of running trials.

        Parameters
        ----------
        proposed : ndarray, shape (j, d)
            Points that count as pending trials.
        """
        state = self.state()
        points = np.concatenate([self._trials.points(self._trials.pending), proposed])
        if not len(points):
            return state.forest, state.features
        features = np.concatenate([state.features, encode(points)])
        # The mean of the targets is 0.
        targets = np.concatenate([state.targets.values, np.zeros(len(points))])
        return fill(state.forest.trees, features, targets), features

    def _new_state(self) -> State:
        count = fitted_count(len(self._trials.ended), self._first)
        trees, places = self._trees(count)
        places = np.concatenate([places, np.array(self._trials.ended[count:], dtype=np.intp)])
        features = encode(self._trials.points(places.tolist()))
        targets = normal_scores(self._trials.losses(places.tolist()))
        return State(fill(trees, features, targets.values), features, places, targets)

    def _trees(self, count: int) -> tuple[Trees, Places]:
        """Return the trees grown on the first trials that ended, and the places of the trials."""
        key = count, self._trials.replaced
        return self._grown.get(key, lambda: self._new_trees(count))

    def _new_trees(self, count: int) -> tuple[Trees, Places]:
        draws = rng(self._seed, "tuner/forest", count)
        places = self._chosen(np.array(self._trials.ended[:count], dtype=np.intp), draws)
        features = encode(self._trials.points(places.tolist()))
        targets = normal_scores(self._trials.losses(places.tolist()))
        return grow(features, targets.values, draws), places

    def _chosen(self, places: Places, draws: np.random.Generator) -> Places:
        """Choose the trials to grow the trees on, so that the cost is bounded."""
        if len(places) <= BEST + SAMPLED:
            return places
        order = places[np.argsort(self._trials.losses(places.tolist()), kind="stable")]
        return np.concatenate([order[:BEST], draws.choice(order[BEST:], SAMPLED, replace=False)])
