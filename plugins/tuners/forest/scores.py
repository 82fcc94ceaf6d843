r"""Transforms losses to the targets of the trees, and back.

The target of a loss is its normal score :math:`\Phi^{-1}((r - 1/2) / n)`, where r is its rank
among n losses, scaled to the variance 1. The order of the losses decides alone, so the scale of
the losses and outliers make no difference.

SMAC takes the logarithm of the losses instead, for the same reason: the trees of a forest disagree
most next to bad trials, and the expected improvement takes this for a chance to improve. The less
the targets of bad trials differ, the smaller is this effect (see ``docs/decisions/0024``). The
logarithm needs losses above 0.
"""

from dataclasses import dataclass

import numpy as np

from ..model_based.axes import Floats


@dataclass(frozen=True, slots=True)
class Scores:
    """The targets of some losses, and the increasing map from targets back to losses."""

    values: Floats
    """Targets in the order of the losses, with mean 0, and variance 1 unless all are equal."""
    _scale: float
    """Largest absolute loss. The known losses are divided by it, so that nothing overflows."""
    _known_losses: Floats
    _known_targets: Floats
    """Distinct losses, ascending, and their targets."""

    def losses_at(self, targets: Floats) -> Floats:
        """Map targets to losses, by linear interpolation between the known losses."""
        scaled = np.interp(targets, self._known_targets, self._known_losses)
        return np.asarray(scaled * self._scale)


def normal_scores(losses: Floats) -> Scores:
    """Transform losses, shape (n,), to targets. Infinite losses count as the worst finite loss.

    Equal losses have equal targets.
    """
    from scipy.special import ndtri  # noqa: PLC0415 - slow to import, and only a model needs it

    finite = losses[np.isfinite(losses)]
    losses = np.where(np.isfinite(losses), losses, finite.max() if len(finite) else 0.0)
    ordered = np.sort(losses)
    # The mean rank of equal losses, less 1/2.
    ranks = (np.searchsorted(ordered, losses) + np.searchsorted(ordered, losses, "right")) / 2
    scores = ndtri(ranks / len(losses))
    values = (scores - scores.mean()) / (scores.std() or 1.0)
    scale = float(np.abs(losses).max(initial=0.0)) or 1.0
    known, places = np.unique(losses / scale, return_index=True)
    return Scores(values, scale, known, values[places])
