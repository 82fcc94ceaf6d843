"""A Gaussian process over embedded points: the kernel, its hyperparameters and the posterior."""

from dataclasses import dataclass, replace

import numpy as np

from .fit import Hyperparameters
from .kernels import KERNEL_AT_ZERO, Floats, Places, matern32, squared_distances
from .posterior import Posterior


@dataclass(frozen=True, slots=True)
class Covariance:
    """The covariance of the process with given hyperparameters."""

    hyperparameters: Hyperparameters
    parameters: Places
    """The parameter of each coordinate, shape (e,)."""

    def scaled(self, points: Floats) -> Floats:
        """Divide embedded points, shape (n, e), by their length scales."""
        return points / self.hyperparameters.lengths[self.parameters]

    def between(self, a: Floats, b: Floats) -> Floats:
        """Compute covariances of scaled points (m, e) and (n, e); shape (m, n)."""
        kernel, _ = matern32(squared_distances(a, b))
        kernel += 1
        kernel *= self.hyperparameters.scale
        return kernel

    def of_observations(self, scaled: Floats) -> Floats:
        """Compute the covariance of noisy observations at scaled points; shape (n, n)."""
        covariance = self.between(scaled, scaled)
        at_zero = KERNEL_AT_ZERO * self.hyperparameters.scale
        np.fill_diagonal(covariance, at_zero + self.hyperparameters.noise)
        return covariance


@dataclass(frozen=True, slots=True)
class Process:
    """A Gaussian process that is conditioned on n observations."""

    covariance: Covariance
    scaled: Floats
    """Scaled points of the observations, shape (n, e)."""
    posterior: Posterior

    @property
    def noise(self) -> float:
        """Variance of the noise, in units of targets."""
        return self.covariance.hyperparameters.noise

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Compute the mean and the variance of the function, without noise, at m embedded points.

        Both have the shape (m,) and are in units of targets.
        """
        cross = self.covariance.between(self.covariance.scaled(points), self.scaled)
        prior = KERNEL_AT_ZERO * self.covariance.hyperparameters.scale
        return self.posterior.predict(cross, prior)

    def mean(self, points: Floats) -> Floats:
        """Compute the mean at m embedded points, shape (m,), faster than `predict`."""
        cross = self.covariance.between(self.covariance.scaled(points), self.scaled)
        return np.asarray(cross @ self.posterior.weights())

    def covariances(self, a: Floats, b: Floats) -> Floats:
        """Compute the posterior covariances of embedded points (k, e) and (m, e); shape (k, m)."""
        a, b = self.covariance.scaled(a), self.covariance.scaled(b)
        explained = self.posterior.explained(
            self.covariance.between(a, self.scaled), self.covariance.between(b, self.scaled)
        )
        return self.covariance.between(a, b) - explained

    def influences(self, points: Floats) -> Floats:
        """Return how much the mean at m embedded points grows with each target; shape (m, n)."""
        cross = self.covariance.between(self.covariance.scaled(points), self.scaled)
        return self.posterior.weights_of(cross)

    def means_at_observations(self, targets: Floats) -> Floats:
        """Compute the mean at the points of the observations, shape (n,), whose targets are given.

        It differs from a target by the noise that the process sees in it.
        """
        return targets - self.covariance.hyperparameters.noise * self.posterior.weights()

    def believing(self, points: Floats) -> "Process":
        """Condition on observations at j embedded points that equal the predicted mean."""
        scaled = self.covariance.scaled(points)
        cross = self.covariance.between(scaled, self.scaled)
        posterior = self.posterior.believing(cross, self.covariance.of_observations(scaled))
        return replace(self, scaled=np.concatenate([self.scaled, scaled]), posterior=posterior)
