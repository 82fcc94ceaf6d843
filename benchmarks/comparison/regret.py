"""Normalised regret: how far the best so far is from the best there is, by trial."""

from collections.abc import Sequence
from statistics import median as median_of
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
    firsts: Sequence[int] | None = None,
) -> Floats:
    """Return the normalised regret after 1, 2, … `trials` trials.

    It is (t - best) / (median - best), cut off at 0 and 1, where t is the true loss of the
    incumbent, and the incumbent is the trial of the lowest loss that was *observed*: a user
    knows no other. Where there is no noise both are the same. If a trial is measured again, as
    `firsts` tells, its loss is the median of its measurements. A tuner that ended early keeps its
    incumbent.
    """
    seen = np.asarray(observed, dtype=float)
    known = seen if truths is None else np.asarray(truths, dtype=float)
    places = _incumbents(seen) if firsts is None else _incumbents_of_medians(seen, firsts)
    return np.pad(normalised(known[places], best, median), (0, trials - len(seen)), mode="edge")


def normalised(losses: Floats, best: float, median: float) -> Floats:
    """Return where losses are between the best, 0, and the median, 1; cut off there."""
    return np.clip((losses - best) / (median - best), 0, 1)


def _incumbents(values: Floats) -> npt.NDArray[np.intp]:
    """Return after each trial which of them was the lowest, the first of equals."""
    lowest = np.minimum.accumulate(values)
    is_new = np.r_[True, values[1:] < lowest[:-1]]
    return np.maximum.accumulate(np.where(is_new, np.arange(len(values)), 0))


def _incumbents_of_medians(values: Floats, firsts: Sequence[int]) -> npt.NDArray[np.intp]:
    """Return after each trial a trial of the assignment whose median measurement was lowest."""
    measured: dict[int, list[float]] = {}
    places: dict[int, int] = {}
    incumbents = []
    for place, (value, first) in enumerate(zip(values.tolist(), firsts, strict=True)):
        measured.setdefault(first, []).append(value)
        places.setdefault(first, place)
        incumbents.append(places[min(measured, key=lambda it: median_of(measured[it]))])
    return np.array(incumbents, dtype=np.intp)
