"""Scores of predictions, and their table.

All models are fitted to the same targets and predict them, so their likelihoods can be compared.
There are two kinds of targets: the losses, standardised; and the losses, with those above the
median replaced by normal quantiles of their ranks, standardised as well. Held-out losses are
mapped in the same way, by interpolation between the losses of the trials.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ..comparison.regret import Floats
from ..comparison.tables import head, row
from .cases import RANDOM, Case
from .models import Model

LEAST_DEVIATION = 0.01
"""Smallest deviation that counts as predicted, in units of targets, for all models."""
LEAST_DENSITY = -10.0
"""A logarithm of a density below counts as this, so that no single point decides."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one model on one case; larger is better."""

    density: float
    """Mean logarithm of the predicted density of the held-out targets."""
    rank: float
    """Spearman's rank correlation of predicted means and losses at the random points."""
    local_rank: float
    """The same at the local points."""


def targets_of(case: Case, kind: str) -> tuple[Floats, Floats]:
    """Map losses to targets, of the trials and of the held-out points."""
    known, places = np.unique(case.losses, return_inverse=True)
    targets = _half_ranked(known, case.losses) if kind == "half-rank" else known
    mean, deviation = targets[places].mean(), targets[places].std() or 1.0
    targets = (targets - mean) / deviation
    held_out = np.interp(case.held_out_losses, known, targets)
    # Below the best trial, and for plain losses above the worst, the scale is that of the losses.
    below = np.minimum(case.held_out_losses - known[0], 0) / deviation
    above = np.maximum(case.held_out_losses - known[-1], 0) / deviation
    return targets[places], held_out + below + (above if kind == "plain" else 0)


def _half_ranked(known: Floats, losses: Floats) -> Floats:
    """Replace losses above the median (Song et al. 2024, appendix B)."""
    median = np.median(losses)
    spread = np.sqrt(np.mean((losses[losses <= median] - median) ** 2)) or 1.0
    ordered = np.sort(losses)
    sides = [np.searchsorted(ordered, known, side) for side in ("left", "right")]
    quantiles = stats.norm.ppf((sides[0] + sides[1]) / 2 / len(losses))
    return np.where(known <= median, known, median + spread * quantiles)


def score(model: Model, case: Case, kind: str) -> Scores:
    """Fit a model to the trials of a case, and score its predictions."""
    targets, held_out = targets_of(case, kind)
    mean, deviation = model(case, targets)
    densities = stats.norm.logpdf(held_out, mean, np.maximum(deviation, LEAST_DEVIATION))
    return Scores(
        float(np.maximum(densities, LEAST_DENSITY).mean()),
        _correlation(mean[:RANDOM], case.held_out_losses[:RANDOM]),
        _correlation(mean[RANDOM:], case.held_out_losses[RANDOM:]),
    )


def _correlation(predicted: Floats, losses: Floats) -> float:
    """Return Spearman's correlation; 0 if all predictions are equal."""
    if np.ptp(predicted) == 0 or np.ptp(losses) == 0:
        return 0.0
    return float(stats.spearmanr(predicted, losses).statistic)


def score_table(kind: str, found: Mapping[str, Sequence[Scores]], base: str) -> Iterator[str]:
    """Write means over cases, and paired differences to one model, two errors each way."""
    yield ""
    yield f"Targets: {kind} losses; {len(found[base])} cases; in brackets the paired difference to"
    yield f"`{base}`, with two standard errors"
    yield from head(["model", "log density", "rank correlation, random", "local"])
    others = _table(found[base])
    for name, scores in found.items():
        mine = _table(scores)
        columns = zip(mine.T, (mine - others).T, strict=True)
        yield row([f"`{name}`", *(f"{x.mean():.3f}{_difference(y)}" for x, y in columns)])


def _table(scores: Sequence[Scores]) -> Floats:
    """Return the scores as rows, shape (number of cases, 3)."""
    return np.array([(each.density, each.rank, each.local_rank) for each in scores])


def _difference(differences: Floats) -> str:
    if not differences.any():
        return ""
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return f" ({differences.mean():+.3f} ± {2 * error:.3f})"
