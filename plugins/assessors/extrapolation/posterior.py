"""Where a curve ends: all families together, each as probable as the beginning makes it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .evidence import NOISE_MEAN, NOISE_STD, POWER, condition, log_prior
from .families import FAMILIES, Family, Floats
from .fit import STARTS, fit

DRAWS = 320
"""Draws of what bends a family and of the noise, of each family."""
DEFENSIVE_SHARE = 0.15
"""Share of these that come from the prior, so that no part of it is beyond reach."""
FREEDOM = 5.0
"""Degrees of freedom of Student's t, from which the others come."""
DRIFT = 0.3
"""By how much of what is still to come families err, for none of them is right: the standard
deviation of the last value, beyond what parameters and noise leave open."""
WIDTH = 1.3
"""How much wider that is than the curvature at the mode says."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Weighted draws from a posterior, shape (m,) each; the weights sum to 1."""

    weights: Floats
    means: Floats
    """Where each puts the last value of the curve."""
    stds: Floats
    """How far from there it may come to lie, by the linear parameters and the noise."""
    noises: Floats
    families: NDArray[np.intp]
    """Which of the families each is of."""

    @property
    def size(self) -> float:
        """Count the equal draws that say as much."""
        return float(1 / (self.weights**2).sum())

    @property
    def noise(self) -> float:
        """Return the mean of the noise."""
        return float(self.weights @ self.noises)

    @property
    def mean(self) -> float:
        """Return where the curve ends, in the mean."""
        return float(self.weights @ self.means)

    @property
    def std(self) -> float:
        """Return the standard deviation of that."""
        variance = self.weights @ (self.stds**2 + (self.means - self.mean) ** 2)
        return float(np.sqrt(variance))

    @property
    def family_weights(self) -> Floats:
        """Return the probability of each family."""
        return np.bincount(self.families, self.weights, len(FAMILIES)).astype(float)

    def exceeds(self, value: float) -> float:
        """Return the probability that the last value is above another."""
        from scipy.special import ndtr  # noqa: PLC0415 - scipy is slow to import

        return float(self.weights @ ndtr((self.means - value) / self.stds))


def extrapolate(
    x: Floats,
    y: Floats,
    steps: int,
    draws: np.random.Generator,
    families: Sequence[Family] = FAMILIES,
    power: float = POWER,
    drift: float = DRIFT,
) -> Draws:
    """Draw from the joint posterior of family, parameters, noise and last value.

    Importance sampling: a family's draws come from Student's t around its least squares, and
    some from the prior; each counts by how much more probable it is than it was to be drawn.
    The sum of a family's counts is its evidence, which makes its weight.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Steps from 1 up, and values in the families' range.
    steps : int
        Step of the last value.
    draws : Generator
        What the draws are made of.
    power : float
        How much one value counts.
    drift : float
        By how much of what is still to come the families err.
    """
    # Far out in the tails exponentials overflow; such draws count nothing.
    with np.errstate(all="ignore"):
        parts = [_sample(family, x, y, steps, draws, power) for family in families]
    logs, means, stds, noises = (np.concatenate(column) for column in zip(*parts, strict=True))
    weights = np.exp(logs - logs.max())
    stds = np.hypot(stds, drift * (means - y[-1]))
    numbers = np.repeat(np.arange(len(families)), [len(part[0]) for part in parts])
    return Draws(weights / weights.sum(), means, stds, noises, numbers)


def _sample(
    family: Family, x: Floats, y: Floats, steps: int, draws: np.random.Generator, power: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Draw from one family; return logarithms of weights, means, deviations and noises."""
    prior_means, prior_stds = family.prior(steps)
    ordinary = draws.standard_normal((STARTS + DRAWS, len(prior_means) + 1))
    starts = prior_means + prior_stds * ordinary[:STARTS, 1:]
    proposal = Proposal.around(family, x, y, steps, starts, power)
    noise, z, log_density = proposal.draw(ordinary[STARTS:], draws)
    given = condition(family, x, y, steps, z, noise, power)
    logs = given.log_likelihood + log_prior(family, steps, z, noise) - log_density
    mean, variance = given.at(family, steps, z)
    sound = np.isfinite(logs) & np.isfinite(mean) & np.isfinite(variance)
    deviation = np.sqrt(np.maximum(variance, 0) + np.exp(2 * noise))
    logs = np.where(sound, logs, -np.inf)
    return logs, np.where(sound, mean, 0), np.where(sound, deviation, 1), np.exp(noise)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What draws come from: Student's t, and the prior for a share of them.

    Its first dimension is the logarithm of the noise, the others are what bends a family.
    """

    centre: Floats
    """Shape (1 + d,)."""
    root: Floats
    """Lower triangle whose square is the covariance, shape (1 + d, 1 + d)."""
    prior_means: Floats
    prior_stds: Floats

    @classmethod
    def around(
        cls, family: Family, x: Floats, y: Floats, steps: int, starts: Floats, power: float
    ) -> "Proposal":
        """Put it where least squares of a family are."""
        means, stds = family.prior(steps)
        prior_means, prior_stds = np.r_[NOISE_MEAN, means], np.r_[NOISE_STD, stds]
        found = fit(family, x, y, steps, starts, power)
        freedom = max(len(x) - len(starts.T) - len(family.linear), 1)
        covariance = np.zeros((len(prior_means), len(prior_means)))
        # Of the noise's logarithm both prior and likelihood are roughly normal.
        seen = 2 * power * freedom
        covariance[0, 0] = 1 / (seen + NOISE_STD**-2)
        covariance[1:, 1:] = found.covariance
        noise = covariance[0, 0] * (seen * np.log(found.noise) + NOISE_MEAN / NOISE_STD**2)
        covariance = WIDTH**2 * covariance + 1e-12 * np.eye(len(prior_means))
        root = np.asarray(np.linalg.cholesky(covariance), dtype=float)
        return cls(np.r_[noise, found.z], root, prior_means, prior_stds)

    def draw(self, ordinary: Floats, draws: np.random.Generator) -> tuple[Floats, Floats, Floats]:
        """Make draws of standard normal ones; return noise, what bends, and log density."""
        count = round(DEFENSIVE_SHARE * len(ordinary))
        tails = np.sqrt(FREEDOM / draws.chisquare(FREEDOM, len(ordinary) - count))
        near = self.centre + tails[:, None] * ordinary[count:] @ self.root.T
        far = self.prior_means + self.prior_stds * ordinary[:count]
        drawn = np.concatenate([far, near])
        share = count / len(ordinary)
        density = np.logaddexp(
            np.log(share) + self._log_prior(drawn), np.log1p(-share) + self._log_t(drawn)
        )
        return drawn[:, 0], drawn[:, 1:], density

    def _log_prior(self, drawn: Floats) -> Floats:
        scaled = (drawn - self.prior_means) / self.prior_stds
        constant = np.log(self.prior_stds).sum() + drawn.shape[1] * np.log(2 * np.pi) / 2
        return np.asarray(-(scaled**2).sum(1) / 2 - constant)

    def _log_t(self, drawn: Floats) -> Floats:
        from scipy.special import gammaln  # noqa: PLC0415 - scipy is slow to import

        size = drawn.shape[1]
        scaled = np.linalg.solve(self.root, (drawn - self.centre).T)
        constant = gammaln((FREEDOM + size) / 2) - gammaln(FREEDOM / 2)
        constant -= size * np.log(FREEDOM * np.pi) / 2 + np.log(np.diag(self.root)).sum()
        tail = np.log1p((scaled**2).sum(0) / FREEDOM)
        return np.asarray(constant - (FREEDOM + size) / 2 * tail)
