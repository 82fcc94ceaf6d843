"""The posterior of a curve's last value, over all families, by importance sampling.

Decision 0011 explains the model; it also has the measurements behind `DRIFT`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .evidence import NOISE_MEAN, NOISE_STD, POWER, log_prior, marginalize
from .families import FAMILIES, Family, Floats
from .fit import STARTS, fit

DRAWS = 320
"""Number of draws of the nonlinear parameters and the noise, for each family."""
DEFENSIVE_SHARE = 0.15
"""Share of the draws that come from the prior ("defensive" importance sampling, Hesterberg 1995).
These draws bound the weights from above wherever the prior has mass."""
DEGREES_OF_FREEDOM = 5.0
"""Degrees of freedom of Student's t distribution, from which the other draws come. Its tails are
heavier than those of the posterior, so no draw receives an enormous weight."""
DRIFT = 0.3
"""Standard deviation of the families' own error, as a share of the rise that is still to come. The
variance of this error is added to the variance due to parameters and noise."""
INFLATION = 1.3
"""Factor by which the proposal is wider than the curvature at the mode indicates. A proposal that
is too wide wastes draws; a proposal that is too narrow misses part of the posterior."""


@dataclass(frozen=True, slots=True)
class PosteriorDraws:
    """Weighted draws from the posterior. Fields have the shape (m,), and the weights sum to 1."""

    weights: Floats
    means: Floats
    """Mean of the curve's last value, given each draw."""
    stds: Floats
    """Standard deviation of the last value, given each draw: the uncertainty due to linear
    parameters, noise and the families' own error."""
    noises: Floats
    families: NDArray[np.intp]
    """Index of the family of each draw."""

    @property
    def size(self) -> float:
        """Effective sample size (Kish): an equal number of unweighted draws is as precise."""
        return float(1 / (self.weights**2).sum())

    @property
    def noise(self) -> float:
        """Posterior mean of the noise."""
        return float(self.weights @ self.noises)

    @property
    def mean(self) -> float:
        """Posterior mean of the last value."""
        return float(self.weights @ self.means)

    @property
    def std(self) -> float:
        """Posterior standard deviation of the last value."""
        variance = self.weights @ (self.stds**2 + (self.means - self.mean) ** 2)
        return float(np.sqrt(variance))

    @property
    def family_weights(self) -> Floats:
        """Posterior probability of each family."""
        return np.bincount(self.families, self.weights, len(FAMILIES)).astype(float)

    def exceeds(self, value: float) -> float:
        """Return the probability that the last value is above `value`."""
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
) -> PosteriorDraws:
    """Draw from the joint posterior of family, parameters, noise and last value.

    This is importance sampling. Most draws of a family come from Student's t distribution around
    its least-squares fit, and the other draws come from the prior. The weight of a draw is its
    posterior density divided by its proposal density. The mean weight of a family estimates its
    evidence. After all weights are normalised together, the sum of the weights of a family is
    therefore its posterior probability.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Steps, counted from 1, and values that are scaled to the range of the families.
    steps : int
        Step of the last value.
    draws : Generator
        Source of randomness.
    power : float
        Power of the likelihood.
    drift : float
        Standard deviation of the families' own error, as a share of the rise still to come.
    """
    # Far out in the tails, exponentials overflow. The weight of such draws is 0.
    with np.errstate(all="ignore"):
        samples = [_sample(family, x, y, steps, draws, power) for family in families]
    logs, means, stds, noises = (np.concatenate(column) for column in zip(*samples, strict=True))
    weights = np.exp(logs - logs.max())
    # The families' own error is independent of the other uncertainty, so variances add up.
    stds = np.hypot(stds, drift * (means - y[-1]))
    numbers = np.repeat(np.arange(len(families)), [len(part[0]) for part in samples])
    return PosteriorDraws(weights / weights.sum(), means, stds, noises, numbers)


def _sample(
    family: Family, x: Floats, y: Floats, steps: int, draws: np.random.Generator, power: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Draw from one family; return log-weights, means, standard deviations and noises."""
    prior_means, prior_stds = family.prior(steps)
    standard_normals = draws.standard_normal((STARTS + DRAWS, len(prior_means) + 1))
    starts = prior_means + prior_stds * standard_normals[:STARTS, 1:]
    proposal = Proposal.around(family, x, y, steps, starts, power)
    noise, z, log_density = proposal.draw(standard_normals[STARTS:], draws)
    marginal = marginalize(family, x, y, steps, z, noise, power)
    # Log-weight: the logarithm of likelihood * prior / (density of the proposal).
    logs = marginal.log_likelihood + log_prior(family, steps, z, noise) - log_density
    mean, variance = marginal.at(family, steps, z)
    finite = np.isfinite(logs) & np.isfinite(mean) & np.isfinite(variance)
    deviation = np.sqrt(np.maximum(variance, 0) + np.exp(2 * noise))
    logs = np.where(finite, logs, -np.inf)
    return logs, np.where(finite, mean, 0), np.where(finite, deviation, 1), np.exp(noise)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposal distribution: a mixture of Student's t distribution and the prior.

    The first dimension is the logarithm of the noise; the others are the nonlinear parameters.
    """

    centre: Floats
    """Centre of Student's t distribution, shape (1 + d,)."""
    root: Floats
    """Cholesky factor of the covariance, lower triangular, shape (1 + d, 1 + d)."""
    prior_means: Floats
    prior_stds: Floats

    @classmethod
    def around(
        cls, family: Family, x: Floats, y: Floats, steps: int, starts: Floats, power: float
    ) -> "Proposal":
        """Centre the proposal on the least-squares fit of a family."""
        means, stds = family.prior(steps)
        prior_means, prior_stds = np.r_[NOISE_MEAN, means], np.r_[NOISE_STD, stds]
        found = fit(family, x, y, steps, starts, power)
        residual_dof = max(len(x) - len(starts.T) - len(family.linear), 1)
        covariance = np.zeros((len(prior_means), len(prior_means)))
        # The noise: with k residual degrees of freedom, k s^2 / sigma^2 is chi-squared, and the
        # log-likelihood of u = log sigma is -k (u + exp(2 (log s - u)) / 2). Its second
        # derivative at the mode u = log s is -2 k, so the Fisher information of u is 2 k times
        # the power of the likelihood. The prior of u is also normal, so the two precisions add
        # up, and the mean is the average of the two means, weighted by their precisions.
        information = 2 * power * residual_dof
        covariance[0, 0] = 1 / (information + NOISE_STD**-2)
        covariance[1:, 1:] = found.covariance
        noise = covariance[0, 0] * (information * np.log(found.noise) + NOISE_MEAN / NOISE_STD**2)
        covariance = INFLATION**2 * covariance + 1e-12 * np.eye(len(prior_means))
        root = np.asarray(np.linalg.cholesky(covariance), dtype=float)
        return cls(np.r_[noise, found.z], root, prior_means, prior_stds)

    def draw(
        self, standard_normals: Floats, draws: np.random.Generator
    ) -> tuple[Floats, Floats, Floats]:
        """Transform standard normal draws to draws from the proposal.

        Returns the logarithms of the noise, the nonlinear parameters and the log-densities.
        """
        count = round(DEFENSIVE_SHARE * len(standard_normals))
        scales = np.sqrt(
            DEGREES_OF_FREEDOM / draws.chisquare(DEGREES_OF_FREEDOM, len(standard_normals) - count)
        )
        from_t = self.centre + scales[:, None] * standard_normals[count:] @ self.root.T
        from_prior = self.prior_means + self.prior_stds * standard_normals[:count]
        drawn = np.concatenate([from_prior, from_t])
        share = count / len(standard_normals)
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
        constant = gammaln((DEGREES_OF_FREEDOM + size) / 2) - gammaln(DEGREES_OF_FREEDOM / 2)
        constant -= (
            size * np.log(DEGREES_OF_FREEDOM * np.pi) / 2 + np.log(np.diag(self.root)).sum()
        )
        tail = np.log1p((scaled**2).sum(0) / DEGREES_OF_FREEDOM)
        return np.asarray(constant - (DEGREES_OF_FREEDOM + size) / 2 * tail)
