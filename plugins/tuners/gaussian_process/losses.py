r"""Transforms losses to targets of a Gaussian process, and back.

The half-rank transform is that of Vizier (Song et al. [1]_, appendix B). It keeps the losses at or
below the median m, because their distances tell how much there is to gain. A loss above becomes

.. math:: m + c \, \Phi^{-1}((rank - 1/2) / n),

where c is the root mean square of :math:`y - m` over the good half, so that no huge loss flattens
the differences between good ones. Then the targets are standardised.

References
----------
.. [1] X. Song et al., "The Vizier Gaussian Process Bandit Algorithm", 2024, arXiv:2408.11527.
"""

from dataclasses import dataclass

import numpy as np

from .kernels import Floats


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets of some losses, and the increasing map between losses and targets."""

    values: Floats
    """Targets in the order of the losses, with mean 0 and variance 1; shape (n,)."""
    _scale: float
    """Largest absolute loss. The known losses and the slope are divided by it, so that nothing
    overflows."""
    _slope: float
    """Difference of losses, in the good half, for a difference of 1 between targets; 0 if the good
    half has a single value."""
    _known_losses: Floats
    _known_targets: Floats
    """Distinct losses, ascending, and their targets."""

    def losses_at(self, targets: Floats) -> Floats:
        """Map targets to losses, by linear interpolation between the known losses.

        Targets below the lowest continue the line of the good half, and targets above the highest
        are mapped to the highest loss.
        """
        inside = np.interp(targets, self._known_targets, self._known_losses)
        below = np.minimum(targets - self._known_targets[0], 0.0) * self._slope
        # Far below the lowest of huge losses, the line leaves the range of floats.
        most = (1 - 1e-12) * np.finfo(np.float64).max / max(self._scale, 1.0)
        return np.asarray(np.clip(inside + below, -most, most) * self._scale)


def half_rank(losses: Floats) -> Targets:
    """Transform losses, shape (n,), to targets. Infinite losses count as the worst finite loss."""
    finite = losses[np.isfinite(losses)]
    losses = np.where(np.isfinite(losses), losses, finite.max() if len(finite) else 0.0)
    scale = float(np.abs(losses).max(initial=0.0)) or 1.0
    scaled = losses / scale
    warped, spread = _warped(scaled)
    deviation = float(warped.std())
    values = (warped - warped.mean()) / (deviation or 1.0)
    known, places = np.unique(scaled, return_index=True)
    slope = deviation if spread > 0 else 0.0
    return Targets(values, scale, slope, known, values[places])


def _warped(losses: Floats) -> tuple[Floats, float]:
    """Return the losses with those above the median replaced, and c."""
    from scipy.special import ndtri  # noqa: PLC0415 - slow to import, and only a model needs it

    median = np.median(losses)
    good = losses <= median
    spread = float(np.sqrt(np.mean((losses[good] - median) ** 2)))
    ordered = np.sort(losses)
    # The mean rank of equal losses, less 1/2.
    ranks = (np.searchsorted(ordered, losses) + np.searchsorted(ordered, losses, "right")) / 2
    # If the good half has a single value, only the order of the others is known.
    above = median + (spread or 1.0) * ndtri(ranks / len(losses))
    return np.where(good, losses, above), spread
