r"""The acquisition: the logarithm of the expected improvement, also of noisy objectives.

References
----------
.. [1] S. Ament et al., "Unexpected Improvements to Expected Improvement for Bayesian
   Optimization", NeurIPS 2023, arXiv:2310.20708.
.. [2] P. Frazier, W. Powell, S. Dayanik, "The Knowledge-Gradient Policy for Correlated Normal
   Beliefs", INFORMS Journal on Computing 21(4), 2009.
"""

import math

import numpy as np

from .kernels import Floats

SQRT_PI_2 = math.sqrt(math.pi / 2)
LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)
FAR = -100.0
r"""Below it, the asymptotic series of h is more precise than the closed form."""
FARTHEST = -1e150
"""Below it, the square of z would overflow."""


def log_expected_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    r"""Compute the logarithm of the expected improvement on the incumbent.

    With :math:`z = (y^* - \mu) / \sigma`, it is :math:`\log \sigma + \log h(z)`, where :math:`h(z)
    = \phi(z) + z \Phi(z)` ([1]_, eq. 7).

    Parameters
    ----------
    mean, deviation : ndarray, shape (n,)
        Posterior mean and standard deviation (above 0) at n points, in units of targets.
    best : float
        The incumbent's value :math:`y^*`, which is to be undercut.

    Returns
    -------
    ndarray, shape (n,)
        Finite for every finite input, however hopeless the point.
    """
    return np.asarray(np.log(deviation) + log_h((best - mean) / deviation))


def learnable_deviation(variance: Floats, noise: float) -> Floats:
    r"""Return the standard deviation by which a measurement would move the mean at its point.

    For the posterior variance :math:`\sigma^2` and the variance of the noise, it is

    .. math:: \tilde\sigma = \sigma^2 / \sqrt{\sigma^2 + \sigma_\varepsilon^2}

    ([2]_, section 2.1). Without noise, it is the posterior deviation. With noise, the expected
    improvement must not be computed from the posterior deviation: the search would stay near the
    incumbent, where a measurement hardly moves the mean any more.

    Parameters
    ----------
    variance : ndarray, shape (n,)
        Posterior variances, above 0.
    noise : float
        Variance of the noise, at least 0.
    """
    return np.asarray(variance / np.sqrt(variance + noise))


def log_h(z: Floats) -> Floats:
    r"""Compute :math:`\log h(z)` ([1]_, eq. 9)."""
    z = np.maximum(z, FARTHEST)
    found = np.empty_like(z)
    near = z > -1.0
    found[near] = _log_h_near(z[near])
    found[~near] = _log_h_below(z[~near])
    return found


def _log_h_near(z: Floats) -> Floats:
    from scipy.special import ndtr  # noqa: PLC0415 - slow to import, and only a model needs it

    # Beyond 40 deviations, the density is 0 in floats.
    density = np.exp(-0.5 * np.minimum(z, 40.0) ** 2 - LOG_SQRT_2PI)
    return np.asarray(np.log(density + z * ndtr(z)))


def _log_h_below(z: Floats) -> Floats:
    from scipy.special import erfcx  # noqa: PLC0415 - slow to import, and only a model needs it

    # The two terms of h cancel. With phi factored out, h = phi (1 + z Phi/phi), where
    # Phi/phi = sqrt(pi/2) erfcx(-z/sqrt 2) neither overflows nor underflows.
    bracket = 1 + z * SQRT_PI_2 * erfcx(-z / math.sqrt(2))
    # Far below, the bracket cancels as well. It is 1/z^2 - 3/z^4 + 15/z^6 - ...
    u = np.minimum(z, FAR) ** -2.0
    bracket = np.where(z < FAR, u * (1 - u * (3 - u * (15 - 105 * u))), bracket)
    return np.asarray(-0.5 * z**2 - LOG_SQRT_2PI + np.log(bracket))
