"""Least-squares fit of a family: its most probable curve, which is the centre of the proposal.

The search eliminates the linear parameters at each step (variable projection), so it has at most
two dimensions.
"""

from dataclasses import dataclass

import numpy as np

from .evidence import NOISE_MEAN, POWER, log_prior, marginalize
from .families import Family, Floats

STARTS = 48
"""Number of draws from the prior. The search begins at the most probable of these draws."""
TOLERANCE = 1e-5
"""Relative error at which the search stops. Importance sampling corrects the remaining error."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Posterior mode of the nonlinear parameters of a family, and the curvature at the mode."""

    z: Floats
    """Posterior mode of the nonlinear parameters, shape (d,)."""
    covariance: Floats
    """Covariance of z that follows from the curvature at the mode, shape (d, d)."""
    noise: float
    """Standard deviation of the residuals."""
    linear: Floats
    """The linear parameters at the mode, shape (p,)."""


def fit(
    family: Family, x: Floats, y: Floats, steps: int, starts: Floats, power: float = POWER
) -> Fit:
    """Fit a family by least squares, with the priors as additional residuals.

    `starts` are candidates for the starting point, shape (m, d). The weight of the priors depends
    on the noise, which is unknown before the first search. A second search therefore begins where
    the first one ends.
    """
    z, covariance = _best_start(family, x, y, steps, starts), np.zeros((0, 0))
    noise = float(np.exp(NOISE_MEAN))
    # A likelihood to the power w equals one whose noise is larger by the factor 1 / sqrt(w).
    for _ in range(2):
        scaled_noise = noise / np.sqrt(power)
        z, covariance = _search(family, x, y, steps, z, scaled_noise)
        linear, residual = _solve(family, x, y, family.linear_prior(steps), z, scaled_noise)
        degrees_of_freedom = max(len(x) - len(z) - len(linear), 1)
        noise = float(np.sqrt(residual @ residual / degrees_of_freedom + 1e-12))
    return Fit(z, covariance, noise, linear)


def _best_start(family: Family, x: Floats, y: Floats, steps: int, starts: Floats) -> Floats:
    log_noise = np.full(len(starts), NOISE_MEAN)
    likely = marginalize(family, x, y, steps, starts, log_noise).log_likelihood
    z: Floats = starts[np.nanargmax(likely + log_prior(family, steps, starts, log_noise))]
    return z


def _search(
    family: Family, x: Floats, y: Floats, steps: int, z: Floats, noise: float
) -> tuple[Floats, Floats]:
    from scipy.optimize import leastsq  # noqa: PLC0415 - scipy is slow to import

    if not len(z):
        return z, np.zeros((0, 0))
    means, stds = family.prior(steps)
    factors = family.linear_prior(steps)

    def residuals(z: Floats) -> Floats:
        linear, residual = _solve(family, x, y, factors, z, noise)
        prior_residuals = (z - means) / stds, (linear - factors[0]) / factors[1]
        return np.concatenate([residual / noise, *prior_residuals])

    settings = {"ftol": TOLERANCE, "xtol": TOLERANCE, "epsfcn": 1e-10, "maxfev": 100}
    found, covariance, *_ = leastsq(residuals, z, full_output=True, **settings)
    usable = covariance is not None and np.isfinite(covariance).all()
    # If there is no curvature in some direction, the best guess is the prior's covariance.
    return found, covariance if usable else np.diag(stds**2)


def _solve(
    family: Family,
    x: Floats,
    y: Floats,
    factors: tuple[Floats, Floats],
    z: Floats,
    noise: float,
) -> tuple[Floats, Floats]:
    """Return the best linear parameters, shape (p,), and the residuals, shape (n,).

    This is ridge regression towards the prior means. Because the priors are normal, its solution
    is the posterior mode.
    """
    means, stds = factors
    offset, basis = family.evaluate(x, z[None, :])
    decompose = basis[:, 0, :]
    target = y - offset[0] - means @ decompose
    normal_matrix = decompose @ decompose.T
    normal_matrix.flat[:: len(normal_matrix) + 1] += (noise / stds) ** 2
    correction = np.linalg.solve(normal_matrix, decompose @ target)
    return means + correction, target - correction @ decompose
