"""The Gaussian process of a sweep: which trials it is fitted to, and when.

The hyperparameters are fitted to the first n trials that ended, where n grows by a tenth from fit
to fit. In between, the process with these hyperparameters is conditioned on the trials that ended
since. So all of it is a function of the events told; what is kept between calls only saves time.
"""

from dataclasses import dataclass

import numpy as np

from sweepwright.seeds import rng

from ..model_based.refits import Latest, fitted_count
from ..model_based.trials import Places, Trials
from .embedding import Embedding
from .fit import Data, Prior, fit
from .kernels import Floats, squared_distances
from .losses import Targets, half_rank
from .posterior import condition, extended, factorise
from .process import Covariance, Process

BEST, NEAREST, SAMPLED = 75, 150, 75
"""Numbers of trials that the process is fitted to if more have ended: the best, the nearest to the
best of them, and a random sample of the others."""
MOST_PENDING = 100
"""Number of pending trials that suggestions keep away from: the last that were opened."""
CONSIDERED = 2000
"""Number of trials, next to the best, among which the nearest are searched."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The process fitted to trials, before it is conditioned on their losses."""

    places: Places
    """Places of the trials, shape (n,)."""
    covariance: Covariance
    scaled: Floats
    """Scaled points of the trials, shape (n, e)."""
    factor: Floats
    """Cholesky factor of the covariance of their observations, shape (n, n)."""

    def extended(self, places: Places, points: Floats) -> "Fit":
        """Add trials, with their embedded points, without fitting again."""
        if not len(places):
            return self
        scaled = self.covariance.scaled(points)
        cross = self.covariance.between(scaled, self.scaled)
        return Fit(
            np.concatenate([self.places, places]),
            self.covariance,
            np.concatenate([self.scaled, scaled]),
            extended(self.factor, cross, self.covariance.of_observations(scaled)),
        )


@dataclass(frozen=True, slots=True)
class State:
    """What the process says after some events."""

    process: Process
    places: Places
    """Places of the trials that the process is conditioned on, shape (n,)."""
    targets: Targets
    """Their losses as targets."""
    means: Floats
    """Posterior means at their points, shape (n,)."""


class Surrogate:
    """The Gaussian process of the trials of a sweep.

    Parameters
    ----------
    first
        Number of ended trials from which on the process is fitted, at least 1.
    seed
        Seed of the sweep, for the random sample of trials.
    """

    def __init__(
        self,
        trials: Trials,
        embedding: Embedding,
        prior: Prior,
        *,
        first: int,
        seed: int,
    ) -> None:
        self._trials = trials
        self._embedding = embedding
        self._prior = prior
        self._first = first
        self._seed = seed
        self._fit = Latest[Fit]()
        self._state = Latest[State]()

    def state(self) -> State:
        """Return the process conditioned on the trials that have ended, at least `first`."""
        key = len(self._trials.ended), self._trials.replaced
        return self._state.get(key, self._new_state)

    def with_pending(self, proposed: Floats) -> Process:
        """Return the process that believes its own mean at pending and proposed points.

        Parameters
        ----------
        proposed : ndarray, shape (j, d)
            Points that count as pending trials.
        """
        process = self.state().process
        points = np.concatenate([self._trials.points(self._trials.pending), proposed])
        points = points[-MOST_PENDING:]
        return process.believing(self._embedding(points)) if len(points) else process

    def _new_state(self) -> State:
        count = fitted_count(len(self._trials.ended), self._first)
        recent = np.array(self._trials.ended[count:], dtype=np.intp)
        fitted = self._fitted(count).extended(recent, self._embed(recent))
        targets = half_rank(self._trials.losses(fitted.places.tolist()))
        posterior = condition(fitted.factor, targets.values)
        process = Process(fitted.covariance, fitted.scaled, posterior)
        return State(
            process, fitted.places, targets, process.means_at_observations(targets.values)
        )

    def _fitted(self, count: int) -> Fit:
        """Return the process fitted to the first trials that ended."""
        key = count, self._trials.replaced
        return self._fit.get(key, lambda: self._new_fit(count))

    def _new_fit(self, count: int) -> Fit:
        places = self._chosen(np.array(self._trials.ended[:count], dtype=np.intp))
        points = self._embed(places)
        targets = half_rank(self._trials.losses(places.tolist()))
        data = Data(points, self._embedding.parameters, targets.values)
        covariance = Covariance(fit(data, self._prior), self._embedding.parameters)
        scaled = covariance.scaled(points)
        return Fit(places, covariance, scaled, factorise(covariance.of_observations(scaled)))

    def _chosen(self, places: Places) -> Places:
        """Choose the trials to fit to, so that the cost is bounded."""
        if len(places) <= BEST + NEAREST + SAMPLED:
            return places
        order = places[np.argsort(self._trials.losses(places.tolist()), kind="stable")]
        best, others = order[:BEST], order[BEST:]
        near = others[:CONSIDERED]
        distances = squared_distances(self._embed(near), self._embed(best[:1]))[:, 0]
        nearest = near[np.argsort(distances, kind="stable")[:NEAREST]]
        draws = rng(self._seed, "tuner/subset", len(places))
        sampled = draws.choice(np.setdiff1d(others, nearest), SAMPLED, replace=False)
        return np.concatenate([best, nearest, sampled])

    def _embed(self, places: Places) -> Floats:
        return self._embedding(self._trials.points(places.tolist()))
