"""What a curve says of one family: its evidence, and where it goes, given what bends it."""

from dataclasses import dataclass

import numpy as np

from .families import Family, Floats

NOISE_MEAN, NOISE_STD = -3.2, 1.0
"""Prior of the noise's logarithm: 0.04 within a factor of 2.7, where a curve spans 0.6."""
POWER = 0.75
"""How much one value counts. No family is right, so that neighbours err together; counted in
full, a dozen of them would rule out all families but one, and all its curves but a few."""


@dataclass(frozen=True, slots=True)
class MarginalLikelihood:
    """A family given m draws of what bends it and of the noise; shapes (m,), (m, p), (m, p, p)."""

    log_likelihood: Floats
    """Of the values seen, the linear parameters integrated out."""
    mean: Floats
    """Of the linear parameters."""
    covariance: Floats

    def at(self, family: Family, x: float, z: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance, shape (m,) each, of the curve without noise at a step."""
        offset, basis = family.evaluate(np.array([x]), z)
        row = basis[:, :, 0].T
        mean = offset[:, 0] + (row * self.mean).sum(1)
        return mean, np.einsum("mi,mij,mj->m", row, self.covariance, row)


def condition(
    family: Family,
    x: Floats,
    y: Floats,
    steps: int,
    z: Floats,
    log_noise: Floats,
    power: float = POWER,
) -> MarginalLikelihood:
    r"""Integrate the linear parameters out, of which prior and posterior are normal.

    With residuals r from the prior's mean, noise :math:`\sigma` and prior covariance S, the
    posterior has the precision :math:`A = B^T B / \sigma^2 + S^{-1}`, and the values seen are
    normal with covariance :math:`\sigma^2 I + B S B^T`. All of it with the likelihood to the
    given power, as if the values seen were so many times their number ([1]_, section 3).

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Steps, and values in the families' range.
    steps : int
        How many a whole curve has.
    z : ndarray, shape (m, d)
        What bends the family.
    log_noise : ndarray, shape (m,)
        Logarithm of the noise's standard deviation.

    References
    ----------
    .. [1] P. Grünwald, T. van Ommen, Inconsistency of Bayesian Inference for Misspecified
       Linear Models, and a Proposal for Repairing It, Bayesian Analysis 12, 2017.
    """
    means, stds = family.linear_prior(steps)
    offset, basis = family.evaluate(x, z)
    residual = y - offset - np.einsum("pmn,p->mn", basis, means)
    precision = power * np.exp(-2 * log_noise)
    inner = np.einsum("pmn,qmn->mpq", basis, basis) * precision[:, None, None]
    inner += np.diag(stds**-2.0)
    covariance = np.linalg.inv(inner)
    pull = np.einsum("pmn,mn->mp", basis, residual) * precision[:, None]
    shift = np.einsum("mpq,mq->mp", covariance, pull)
    misfit = (residual**2).sum(1) * precision - (pull * shift).sum(1)
    spread = np.log(np.linalg.det(inner)) + 2 * np.log(stds).sum()
    constant = power * len(x) * (2 * log_noise + np.log(2 * np.pi))
    return MarginalLikelihood(-(misfit + spread + constant) / 2, means + shift, covariance)


def log_prior(family: Family, steps: int, z: Floats, log_noise: Floats) -> Floats:
    """Return the logarithm of the prior's density of m draws, shape (m,)."""
    means, stds = family.prior(steps)
    scaled = np.column_stack([(z - means) / stds, (log_noise - NOISE_MEAN) / NOISE_STD])
    constant = np.log(stds).sum() + np.log(NOISE_STD) + scaled.shape[1] * np.log(2 * np.pi) / 2
    return np.asarray(-(scaled**2).sum(1) / 2 - constant)
