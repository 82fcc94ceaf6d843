"""Least squares: the curve of a family that goes through a beginning best."""

from dataclasses import dataclass

import numpy as np

from .evidence import NOISE_MEAN, POWER, condition, log_prior
from .families import Family, Floats

STARTS = 48
"""Draws from the prior, of which the likeliest is where the search begins."""
CLOSE = 1e-5
"""Relative error at which the search ends: draws make up for what is left."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The mode of what bends a family, with what its surroundings look like."""

    z: Floats
    """Shape (d,)."""
    covariance: Floats
    """Of z, by the curvature at the mode, shape (d, d)."""
    noise: float
    """Standard deviation of the residuals."""
    linear: Floats
    """The linear parameters there, shape (p,)."""


def fit(
    family: Family, x: Floats, y: Floats, steps: int, starts: Floats, power: float = POWER
) -> Fit:
    """Fit a family by least squares, with the priors as if they were residuals too.

    The linear parameters are solved for at each step of the search, so that it has one or two
    dimensions; `starts` are places to begin, shape (m, d). Priors weigh as the noise says,
    which is known after a first search only: the second one begins at the end of the first.
    """
    z, covariance = _likeliest(family, x, y, steps, starts), np.zeros((0, 0))
    noise = float(np.exp(NOISE_MEAN))
    for _ in range(2):
        spread = noise / np.sqrt(power)
        z, covariance = _search(family, x, y, steps, z, spread)
        linear, residual = _solve(family, x, y, family.linear_prior(steps), z, spread)
        freedom = max(len(x) - len(z) - len(linear), 1)
        noise = float(np.sqrt(residual @ residual / freedom + 1e-12))
    return Fit(z, covariance, noise, linear)


def _likeliest(family: Family, x: Floats, y: Floats, steps: int, starts: Floats) -> Floats:
    log_noise = np.full(len(starts), NOISE_MEAN)
    likely = condition(family, x, y, steps, starts, log_noise).log_likelihood
    place: Floats = starts[np.nanargmax(likely + log_prior(family, steps, starts, log_noise))]
    return place


def _search(
    family: Family, x: Floats, y: Floats, steps: int, z: Floats, noise: float
) -> tuple[Floats, Floats]:
    from scipy.optimize import leastsq  # noqa: PLC0415 - scipy is slow to import

    if not len(z):
        return z, np.zeros((0, 0))
    means, stds = family.prior(steps)
    factors = family.linear_prior(steps)

    def residuals(place: Floats) -> Floats:
        linear, residual = _solve(family, x, y, factors, place, noise)
        beliefs = (place - means) / stds, (linear - factors[0]) / factors[1]
        return np.concatenate([residual / noise, *beliefs])

    close = {"ftol": CLOSE, "xtol": CLOSE, "epsfcn": 1e-10, "maxfev": 100}
    found, covariance, *_ = leastsq(residuals, z, full_output=True, **close)
    sound = covariance is not None and np.isfinite(covariance).all()
    return found, covariance if sound else np.diag(stds**2)


def _solve(
    family: Family,
    x: Floats,
    y: Floats,
    factors: tuple[Floats, Floats],
    z: Floats,
    noise: float,
) -> tuple[Floats, Floats]:
    """Solve for the linear parameters, shape (p,); return them and the residuals, (n,)."""
    means, stds = factors
    offset, basis = family.evaluate(x, z[None, :])
    columns = basis[:, 0, :]
    rest = y - offset[0] - means @ columns
    inner = columns @ columns.T
    inner.flat[:: len(inner) + 1] += (noise / stds) ** 2
    shift = np.linalg.solve(inner, columns @ rest)
    return means + shift, rest - shift @ columns
