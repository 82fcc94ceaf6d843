r"""Densities of whole assignments: mixtures of products of kernels.

Each trial has one kernel. It is a product over the coordinates, whose factors are:

- for a number that is active in the trial, a normal density truncated to the unit interval;
- for an active choice, the trial's own option with probability :math:`1 - \lambda`, and
  otherwise a draw from the prior (an Aitchison-Aitken kernel whose base is the prior);
- for an inactive coordinate, the prior, so that the densities of assignments from different
  branches can be compared.

The prior itself is one more component of each mixture. All densities are relative to the
prior, which therefore has density 1 everywhere.
"""

from dataclasses import dataclass

import numpy as np

from ..model_based.axes import Axes, Floats

SQRT_2PI = float(np.sqrt(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Mixture:
    """A mixture of the kernels of k trials, with the prior as one more component."""

    centres: Floats
    """Points of the trials, shape (k, d)."""
    widths: Floats
    """Standard deviations of the normal densities before truncation, shape (k, d)."""
    weights: Floats
    """Weights of the k kernels, followed by the weight of the prior; shape (k + 1,). No weight is
    negative."""
    prior_share: float
    r"""Probability :math:`\lambda` that a kernel draws a choice from the prior."""


def log_densities(axes: Axes, points: Floats, *mixtures: Mixture) -> list[Floats]:
    """Compute the logarithms of the densities of mixtures at m points, relative to the prior.

    Parameters
    ----------
    points : ndarray, shape (m, d)

    Returns
    -------
    list of ndarray, shape (m,)
        One array for each mixture.
    """
    sizes = [len(mixture.centres) for mixture in mixtures]
    centres = np.concatenate([mixture.centres for mixture in mixtures])
    widths = np.concatenate([mixture.widths for mixture in mixtures])
    kernels = _of_numbers(axes, points, centres, widths)
    if len(axes.choices):
        prior_share = np.repeat([mixture.prior_share for mixture in mixtures], sizes)
        kernels += _of_choices(axes, points, centres, prior_share)
    parts = np.split(kernels, np.cumsum(sizes)[:-1], axis=1)
    return [_mixed(part, mixture) for part, mixture in zip(parts, mixtures, strict=True)]


def _mixed(kernels: Floats, mixture: Mixture) -> Floats:
    """Add up the components of a mixture by log-sum-exp. The log-density of the prior is 0."""
    prior = np.zeros((len(kernels), 1))
    with np.errstate(divide="ignore"):  # a weight of 0 leaves its component out
        terms = np.concatenate([kernels, prior], axis=1) + np.log(mixture.weights)
    highest = terms.max(axis=1, keepdims=True)
    total = np.exp(terms - highest).sum(axis=1) / mixture.weights.sum()
    return np.asarray(np.log(total) + highest[:, 0])


def _of_numbers(axes: Axes, points: Floats, centres: Floats, widths: Floats) -> Floats:
    """Sum the log-densities of truncated normal kernels over the coordinates, shape (m, k)."""
    from scipy.special import ndtr  # noqa: PLC0415 - slow to import, and only a model needs it

    x, mu, sigma = points[:, axes.numbers], centres[:, axes.numbers], widths[:, axes.numbers]
    in_points, in_kernels = ~np.isnan(x), ~np.isnan(mu)
    x, mu = np.where(in_points, x, 0.0), np.where(in_kernels, mu, 0.5)
    inside = ndtr((1 - mu) / sigma) - ndtr(-mu / sigma)
    constant = np.where(in_kernels, -np.log(SQRT_2PI * sigma * inside), 0.0)
    slope = np.where(in_kernels, mu / sigma**2, 0.0)
    curvature = np.where(in_kernels, -0.5 / sigma**2, 0.0)
    # log N(x) = c - (x - mu)^2 / (2 sigma^2) is linear in (x^2, x, 1). With the square
    # expanded, all pairs of points and kernels take a single product of matrices. The third
    # column is 0 for an inactive coordinate, whose factor is 1.
    of_points = np.concatenate([x * x, x, in_points], axis=1)
    of_kernels = np.concatenate([curvature, slope, constant - slope * mu / 2], axis=1)
    return np.asarray(of_points @ of_kernels.T)


def _of_choices(axes: Axes, points: Floats, centres: Floats, prior_share: Floats) -> Floats:
    r"""Sum the log-probabilities of options relative to the prior, shape (m, k).

    For a choice whose option is not the kernel's own option, the term is :math:`\log \lambda`. For
    the kernel's own option, whose prior probability is p, the term is :math:`\log(\lambda + (1 -
    \lambda) / p)`.
    """
    x, own = points[:, axes.choices], centres[:, axes.choices]
    active = (~np.isnan(x)).astype(float) @ (~np.isnan(own)).astype(float).T
    prior = axes.prior[np.arange(len(axes.choices)), np.nan_to_num(own).astype(int)]
    gain = np.log1p((1 - prior_share[:, None]) / (prior_share[:, None] * prior))
    same = x[:, None, :] == own[None, :, :]
    return np.asarray(active * np.log(prior_share) + np.einsum("mkc,kc->mk", same, gain))


def draw(axes: Axes, mixture: Mixture, rng: np.random.Generator, n: int) -> Floats:
    """Draw n points from a mixture as if every parameter was active; shape (n, d)."""
    points = axes.draw(rng, n)
    cumulative = np.cumsum(mixture.weights)
    component = np.searchsorted(cumulative, rng.random(n) * cumulative[-1], side="right")
    chosen = np.flatnonzero(component < len(mixture.centres))
    centres = np.full_like(points, np.nan)
    centres[chosen] = mixture.centres[component[chosen]]
    known = ~np.isnan(centres)
    kept = known & ~axes.is_number & (rng.random(points.shape) >= mixture.prior_share)
    points[kept] = centres[kept]
    moved = known & axes.is_number
    widths = mixture.widths[component[chosen]][moved[chosen]]
    points[moved] = truncated_normal(points[moved], centres[moved], widths)
    return points


def truncated_normal(quantiles: Floats, mu: Floats, sigma: Floats) -> Floats:
    """Compute quantiles of normal distributions that are truncated to the unit interval."""
    from scipy.special import ndtr, ndtri  # noqa: PLC0415 - slow to import, and only a model needs it

    low, high = ndtr(-mu / sigma), ndtr((1 - mu) / sigma)
    return np.asarray(np.clip(mu + sigma * ndtri(low + quantiles * (high - low)), 0, 1))
