"""Variants of assignments: numbers take random steps, and choices are redrawn."""

import numpy as np

from .axes import Axes, Floats, reflected

LEAST_STEP = 0.7
"""Smallest standard deviation of a step, in bins. A step with a smaller standard deviation would
rarely leave the bin."""


def draw_variants(
    axes: Axes,
    base: Floats,
    bins: Floats,
    rng: np.random.Generator,
    *,
    step: float | Floats,
    move: float | Floats,
    redraw: float,
) -> Floats:
    """Vary each of m points in at least one coordinate; shape (m, d).

    Variants are not rounded to values. If a variant activates a parameter that is inactive in its
    base, the parameter is drawn from the prior.

    Parameters
    ----------
    base : ndarray, shape (m, d)
        Points, with NaN for inactive coordinates.
    bins : ndarray, shape (m, d)
        Widths of their values' bins.
    step
        Standard deviation of a step, as a share of the axis, below 1/2; a number, or an array of
        shape (m, 1).
    move, redraw
        Probabilities that a number takes a step, and that a choice is redrawn from its prior.
        `move` is a number, or an array of shape (m, 1).
    """
    steps = np.maximum(step, LEAST_STEP * bins)
    moved = rng.random(base.shape) < move
    # Every variant changes at least one coordinate; otherwise it would repeat a trial.
    moved[np.arange(len(base)), rng.integers(0, len(axes), len(base))] = True
    numbers = reflected(base + steps * rng.standard_normal(base.shape))
    points = np.where(moved & axes.is_number, numbers, base)
    # Inactive coordinates of the base have no value, but a redrawn choice may activate them.
    redrawn = ~axes.is_number & (rng.random(base.shape) < redraw)
    return np.where(redrawn | np.isnan(base), axes.draw(rng, len(base)), points)
