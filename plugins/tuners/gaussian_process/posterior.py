r"""The posterior of a Gaussian process at any points, by a Cholesky factorisation.

With :math:`K + \sigma^2 I = L L^T` at n points and targets y, the posterior at a point with
covariances :math:`k_*` to the n points has (Rasmussen and Williams [1]_, algorithm 2.1)

.. math:: \mu = v^T z, \quad \sigma_*^2 = k_{**} - v^T v, \quad v = L^{-1} k_*, \quad z = L^{-1} y.

A further point appends a row to L and a number to z, and leaves the rest as it is. The functions
take covariances, so they work with any kernel.

References
----------
.. [1] C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", MIT Press,
   2006.
"""

from dataclasses import dataclass

import numpy as np

from .kernels import Floats

LEAST_VARIANCE = 1e-12
"""Smallest posterior variance, relative to the prior variance. Rounding could make it negative."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """A Gaussian process that is conditioned on noisy observations at n points."""

    factor: Floats
    """Lower Cholesky factor L of the covariance of the observations, shape (n, n)."""
    whitened: Floats
    """Whitened targets z, shape (n,)."""

    def predict(self, cross: Floats, prior: Floats | float) -> tuple[Floats, Floats]:
        """Compute the mean and the variance of the noise-free function at m points.

        Parameters
        ----------
        cross : ndarray, shape (m, n)
            Covariances of the m points with the n observed points.
        prior : ndarray, shape (m,), or float
            Prior variances of the m points.

        Returns
        -------
        mean, variance : ndarray, shape (m,)
            The variance is positive.
        """
        v = _solve(self.factor, cross.T)
        variance = prior - np.einsum("nm,nm->m", v, v)
        return self.whitened @ v, np.maximum(variance, LEAST_VARIANCE * np.asarray(prior))

    def weights(self) -> Floats:
        """Return the weights K^{-1} y that the targets have in the mean; shape (n,)."""
        return _solve(self.factor, self.whitened, transposed=True)

    def weights_of(self, cross: Floats) -> Floats:
        """Return the weights of the n targets in the mean at m points, shape (m, n)."""
        return _solve(self.factor, _solve(self.factor, cross.T), transposed=True).T

    def explained(self, a: Floats, b: Floats) -> Floats:
        """Return how much of the covariance of k and m points the observations explain, (k, m).

        Subtracted from the prior covariance, it gives the posterior covariance. `a` and `b` are
        the covariances of the points with the n observed points, shapes (k, n) and (m, n).
        """
        return np.asarray(_solve(self.factor, a.T).T @ _solve(self.factor, b.T))

    def leave_one_out(self) -> tuple[Floats, Floats]:
        r"""Compare each target with its prediction from the n - 1 others; two arrays, shape (n,).

        The differences are :math:`[K^{-1} y]_i / [K^{-1}]_{ii}`, and their variances, noise
        included, are :math:`1 / [K^{-1}]_{ii}` ([1]_, eq. 5.12; Sundararajan and Keerthi, 2001).
        """
        inverse = _solve(self.factor, np.eye(len(self.factor)))
        precisions = np.einsum("ij,ij->j", inverse, inverse)
        return self.weights() / precisions, 1 / precisions

    def believing(self, cross: Floats, covariance: Floats) -> "Posterior":
        """Condition on j more observations that equal the predicted mean ([2]_, section 4.2).

        The mean stays the same everywhere, and the variance shrinks around the j points. Pending
        trials enter in this way.

        Parameters
        ----------
        cross : ndarray, shape (j, n)
            Covariances of the j points with the n observed points.
        covariance : ndarray, shape (j, j)
            Covariance of the j observations, noise included.

        References
        ----------
        .. [2] D. Ginsbourger, R. Le Riche, L. Carraro, "Kriging is well-suited to parallelize
           optimization", 2010.
        """
        factor = extended(self.factor, cross, covariance)
        # z of an observation is its distance from the predicted mean, in deviations: here 0.
        return Posterior(factor, np.append(self.whitened, np.zeros(len(cross))))


def condition(factor: Floats, targets: Floats) -> Posterior:
    """Condition on targets, shape (n,), at the points whose covariance L factorises."""
    return Posterior(factor, _solve(factor, targets))


def factorise(covariance: Floats) -> Floats:
    """Return the lower Cholesky factor of a covariance; shape (n, n).

    If rounding leaves the matrix indefinite, a multiple of the identity is added, as small as it
    can be in powers of ten.
    """
    from scipy.linalg.lapack import dpotrf  # noqa: PLC0415 - slow to import, and only a model needs it

    jitter = 0.0
    while True:
        matrix = covariance + jitter * np.eye(len(covariance)) if jitter else covariance
        # LAPACK works on columns. The transpose of a symmetric matrix is the matrix, so neither
        # this nor the transposition of the result copies anything.
        factor, failed = dpotrf(matrix.T, lower=True, clean=True)
        if not failed:
            return np.asarray(factor)
        jitter = 10 * jitter or 1e-10 * float(np.diag(covariance).mean())


def extended(factor: Floats, cross: Floats, covariance: Floats) -> Floats:
    """Extend a Cholesky factor by j observations; shape (n + j, n + j).

    Parameters
    ----------
    factor : ndarray, shape (n, n)
    cross : ndarray, shape (j, n)
        Covariances of the j points with the n points.
    covariance : ndarray, shape (j, j)
        Covariance of the j observations, noise included.
    """
    n, j = len(factor), len(cross)
    whole = np.zeros((n + j, n + j), order="F")
    whole[:n, :n] = factor
    whole[n:, :n] = _solve(factor, cross.T).T
    whole[n:, n:] = factorise(covariance - whole[n:, :n] @ whole[n:, :n].T)
    return whole


def _solve(factor: Floats, right: Floats, *, transposed: bool = False) -> Floats:
    """Solve L x = right, or with the transpose of L."""
    from scipy.linalg import solve_triangular  # noqa: PLC0415 - slow to import, and only a model needs it

    trans = 1 if transposed else 0
    return np.asarray(solve_triangular(factor, right, trans=trans, lower=True, check_finite=False))
