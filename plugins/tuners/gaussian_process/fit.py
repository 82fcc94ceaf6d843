r"""Fits the hyperparameters of the process: the maximum of their posterior density (MAP).

With :math:`K = s^2 [k(r^2) + 1] + (\sigma^2 + \epsilon) I` for the kernel k of `kernels` and
targets y, the negative logarithm of the marginal likelihood is (Rasmussen and Williams [1]_, eq.
2.30)

.. math:: \tfrac12 y^T K^{-1} y + \tfrac12 \log |K| + \tfrac n2 \log 2 \pi,

and its derivative with respect to any :math:`\theta` is :math:`\mathrm{tr}(W \, dK / d\theta)`,
where :math:`W = \tfrac12 (K^{-1} - a a^T)` and :math:`a = K^{-1} y` (eq. 5.9). The priors are
normal in the logarithms.

References
----------
.. [1] C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", MIT Press,
   2006.
"""

from dataclasses import dataclass

import numpy as np

from .kernels import Floats, Places, matern32, squared_distances
from .posterior import factorise

JITTER = 1e-8
r"""The constant :math:`\epsilon` that keeps K positive definite."""
LENGTH_MEDIAN, LENGTH_DEVIATION = 0.6, 0.8
"""Median of the prior of a length scale where one parameter is active, and standard deviation of
the logarithm. Decision 0023 has the measurement."""
SCALE_DEVIATION = 1.0
"""Standard deviation of the logarithm of the scale; its median is 1, since targets have variance
1."""
NOISE_MEDIAN, NOISE_DEVIATION = 1e-3, 2.0
"""Median of the prior of the noise variance, and standard deviation of the logarithm."""
LEAST_NOISE, MOST_NOISE = 1e-6, 1.0
"""Range of the noise variance, in units of targets whose variance is 1."""
BOUND = 5.0
"""Largest distance of a logarithm from the median of its prior, in standard deviations."""
ITERATIONS = 20
"""Largest number of steps of the optimiser."""


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """Hyperparameters of the process."""

    lengths: Floats
    """Length scale of each parameter, shape (d,)."""
    scale: float
    r"""Variance :math:`s^2` of the kernel."""
    noise: float
    r"""Variance of the noise, :math:`\sigma^2 + \epsilon`."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Normal priors of the logarithms of all lengths, of the scale and of the noise."""

    mean: Floats
    """Shape (d + 2,)."""
    deviation: Floats
    """Shape (d + 2,)."""

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """The range of each logarithm."""
        low, high = (self.mean + sign * BOUND * self.deviation for sign in (-1, 1))
        low[-1], high[-1] = np.log(LEAST_NOISE), np.log(MOST_NOISE)
        return list(zip(low.tolist(), high.tolist(), strict=True))


def default_prior(parameters: int, active: float) -> Prior:
    """Return the prior for spaces of d parameters.

    The median of the length scales grows with the fourth root of the number of parameters that are
    active in a random assignment. Distances grow with the square root, so with this prior, a
    process of many parameters is less smooth than one of few, but not by as much as with equal
    lengths.
    """
    length = LENGTH_MEDIAN * max(active, 1.0) ** 0.25
    mean = np.append(np.full(parameters, np.log(length)), [0.0, np.log(NOISE_MEDIAN)])
    deviation = np.append(
        np.full(parameters, LENGTH_DEVIATION), [SCALE_DEVIATION, NOISE_DEVIATION]
    )
    return Prior(mean, deviation)


class Data:
    """Points and targets that hyperparameters are fitted to.

    Parameters
    ----------
    points : ndarray, shape (n, e)
        Embedded points.
    parameters : ndarray of int, shape (e,)
        The parameter that each coordinate belongs to, from 0 to d - 1.
    targets : ndarray, shape (n,)
        Observations, with mean 0 and variance 1.
    """

    def __init__(self, points: Floats, parameters: Places, targets: Floats) -> None:
        self.points = points
        self.parameters = parameters
        self.targets = targets

    def squared_distances(self, lengths: Floats) -> Floats:
        """Return all scaled squared distances, shape (n, n)."""
        scaled = self.points / lengths[self.parameters]
        squared = squared_distances(scaled, scaled)
        np.fill_diagonal(squared, 0.0)
        return squared

    def weighted_sums(self, weights: Floats, parameters: int) -> Floats:
        r"""Sum weights times squared distances over all pairs, for each parameter; shape (d,).

        The weights are symmetric, shape (n, n). For a coordinate x, :math:`\sum_{ab} w_{ab} (x_a -
        x_b)^2 = 2 \sum_a x_a^2 \sum_b w_{ab} - 2 x^T w x`, so that one product of matrices serves
        all coordinates, and no distance has to be kept.
        """
        x = self.points
        of_coordinates = weights.sum(axis=1) @ (x * x) - np.einsum("ne,ne->e", x, weights @ x)
        sums = np.bincount(self.parameters, 2 * of_coordinates, minlength=parameters)
        return np.asarray(sums, dtype=np.float64)


def negative_log_posterior(theta: Floats, data: Data, prior: Prior) -> tuple[float, Floats]:
    """Return the negative log density of the posterior, up to a constant, and its gradient.

    Parameters
    ----------
    theta : ndarray, shape (d + 2,)
        Logarithms of the lengths, of the scale and of the noise.
    """
    from scipy.linalg.lapack import dpotri, dpotrs  # noqa: PLC0415 - slow to import

    d, n = len(theta) - 2, len(data.targets)
    lengths, scale, noise = np.exp(theta[:d]), float(np.exp(theta[d])), float(np.exp(theta[d + 1]))
    kernel, slope = matern32(data.squared_distances(lengths))
    kernel += 1
    kernel *= scale
    slope *= scale
    covariance = kernel.copy()
    covariance[np.diag_indices(n)] += noise + JITTER
    factor = factorise(covariance)
    a = dpotrs(factor, data.targets, lower=True)[0]
    inverse = dpotri(factor, lower=True)[0]
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    w = 0.5 * (inverse - np.outer(a, a))
    slope *= w
    z = (theta - prior.mean) / prior.deviation
    value = 0.5 * data.targets @ a + np.log(np.diag(factor)).sum() + 0.5 * z @ z
    gradient = np.concatenate(
        [
            -2 * data.weighted_sums(slope, d) / lengths**2,
            [np.vdot(w, kernel), noise * np.trace(w)],
        ]
    )
    return float(value), gradient + z / prior.deviation


def fit(data: Data, prior: Prior) -> Hyperparameters:
    """Maximise the posterior density by L-BFGS-B, from the mode of the prior.

    The result depends on the arguments only: earlier fits are no starting points, so a resumed
    sweep needs one fit where the sweep itself had many.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - slow to import

    found = minimize(
        negative_log_posterior,
        prior.mean,
        args=(data, prior),
        jac=True,
        method="L-BFGS-B",
        bounds=prior.bounds,
        options={"maxiter": ITERATIONS},
    )
    *lengths, scale, noise = np.exp(found.x).tolist()
    return Hyperparameters(np.array(lengths), scale, noise + JITTER)
