"""Normalised regret: how far the best so far is from the best there is, by trial."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]


def regret_curve(
    observed: Sequence[float],
    truths: Sequence[float] | None,
    best: float,
    median: float,
    trials: int,
) -> Floats:
    """Return the normalised regret after 1, 2, … `trials` trials.

    It is (t - best) / (median - best), cut off at 0 and 1, where t is the true loss of the
    incumbent, and the incumbent is the trial of the lowest loss that was *observed*: a user
    knows no other. Where there is no noise both are the same. A tuner that ended early keeps
    its incumbent.
    """
    seen = np.asarray(observed, dtype=float)
    known = seen if truths is None else np.asarray(truths, dtype=float)
    normalised = np.clip((known[_incumbents(seen)] - best) / (median - best), 0, 1)
    return np.pad(normalised, (0, trials - len(seen)), mode="edge")


def _incumbents(values: Floats) -> npt.NDArray[np.intp]:
    """Return after each trial which of them was the lowest, the first of equals."""
    lowest = np.minimum.accumulate(values)
    is_new = np.r_[True, values[1:] < lowest[:-1]]
    return np.maximum.accumulate(np.where(is_new, np.arange(len(values)), 0))
