"""The marginal likelihood of a curve, given the nonlinear parameters of a family and the noise.

If its nonlinear parameters z are fixed, a family is a linear model with normal priors. Its linear
parameters can therefore be integrated out in closed form (Bayesian linear regression). Decision
0011 explains the model and has the measurements behind its constants.
"""

from dataclasses import dataclass

import numpy as np

from .families import Family, Floats

NOISE_MEAN, NOISE_STD = -3.2, 1.0
"""Mean and standard deviation of the normal prior of the noise's logarithm. The noise is about
0.04, within a factor of 2.7, for observed values that span 0.6."""
POWER = 0.75
"""Power to which the likelihood is raised. No family is exactly right, so the errors of
neighbouring values are correlated. At full power, a dozen such values would exclude all families
but one, and almost all curves of this family (decision 0011)."""


@dataclass(frozen=True, slots=True)
class MarginalLikelihood:
    """Closed-form results for m draws of the nonlinear parameters and the noise."""

    log_likelihood: Floats
    """Logarithm of the marginal likelihood of the observed values, shape (m,)."""
    mean: Floats
    """Posterior mean of the p linear parameters, shape (m, p)."""
    covariance: Floats
    """Posterior covariance of the linear parameters, shape (m, p, p)."""

    def at(self, family: Family, x: float, z: Floats) -> tuple[Floats, Floats]:
        """Return the mean and the variance of the noiseless curve at step `x`, shape (m,) each."""
        offset, basis = family.evaluate(np.array([x]), z)
        row = basis[:, :, 0].T
        mean = offset[:, 0] + (row * self.mean).sum(1)
        return mean, np.einsum("mi,mij,mj->m", row, self.covariance, row)


def marginalize(
    family: Family,
    x: Floats,
    y: Floats,
    steps: int,
    z: Floats,
    log_noise: Floats,
    power: float = POWER,
) -> MarginalLikelihood:
    r"""Compute the marginal likelihood, which integrates out the linear parameters.

    With basis B, noise :math:`\sigma`, prior mean :math:`\beta_0` and prior covariance S of the p
    linear parameters, and residuals :math:`r = y - o - B \beta_0`, the posterior has

    .. math::
       A &= B^T B / \sigma^2 + S^{-1}               \quad \text{(precision)} \tag{1} \\
       \beta - \beta_0 &= A^{-1} B^T r / \sigma^2   \quad \text{(mean)} \tag{2}

    and the values are normal with covariance :math:`C = \sigma^2 I + B S B^T`. By the Woodbury
    identity and the determinant lemma,

    .. math::
       r^T C^{-1} r &= r^T r / \sigma^2 - r^T B A^{-1} B^T r / \sigma^4 \tag{3} \\
       \log |C| &= n \log \sigma^2 + \log |A| + \log |S|                \tag{4} \\
       \log p(y) &= -(r^T C^{-1} r + \log |C| + n \log 2 \pi) / 2       \tag{5}

    The likelihood is raised to the power w ([1]_, section 3). This replaces
    :math:`1 / \sigma^2` by :math:`w / \sigma^2`, and n by :math:`w n`.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Steps, and values that are scaled to the range of the families.
    steps : int
        Steps of a complete curve.
    z : ndarray, shape (m, d)
        Nonlinear parameters of the family.
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
    # Eq. 1 and 2.
    precision_matrix = np.einsum("pmn,qmn->mpq", basis, basis) * precision[:, None, None]
    precision_matrix += np.diag(stds**-2.0)
    covariance = np.linalg.inv(precision_matrix)
    projection = np.einsum("pmn,mn->mp", basis, residual) * precision[:, None]
    correction = np.einsum("mpq,mq->mp", covariance, projection)
    # Eq. 3: how far the values are from every curve of the family, in units of the noise.
    misfit = (residual**2).sum(1) * precision - (projection * correction).sum(1)
    # Eq. 4 without the noise: how much of the prior's volume the values exclude (Occam factor).
    complexity = np.log(np.linalg.det(precision_matrix)) + 2 * np.log(stds).sum()
    constant = power * len(x) * (2 * log_noise + np.log(2 * np.pi))
    log_likelihood = -(misfit + complexity + constant) / 2  # eq. 5
    return MarginalLikelihood(log_likelihood, means + correction, covariance)


def log_prior(family: Family, steps: int, z: Floats, log_noise: Floats) -> Floats:
    """Return the logarithm of the prior density of m draws, shape (m,)."""
    means, stds = family.prior(steps)
    scaled = np.column_stack([(z - means) / stds, (log_noise - NOISE_MEAN) / NOISE_STD])
    constant = np.log(stds).sum() + np.log(NOISE_STD) + scaled.shape[1] * np.log(2 * np.pi) / 2
    return np.asarray(-(scaled**2).sum(1) / 2 - constant)
