"""Norms of a landscape: the median of random points, and the lowest loss that can be found."""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from sweepwright.seeds import rng

from .coco import open_problem
from .landscape import Landscape, row_values

STARTS = 10
"""Random points, the best of all, from which the search climbs down."""


def norms(landscape: Landscape, draws: int, steps: int) -> dict[str, float]:
    """Draw so many points, climb so many steps from each of the best, and note what was found."""
    space = landscape.space
    rows = space.sample(rng(0, "norms"), draws)
    losses = np.array([_loss(landscape, row) for row in rows])
    first = rows[np.argsort(losses, kind="stable")[:STARTS]]
    lowest = min(_climb(landscape, row, steps, i) for i, row in enumerate(first))
    best = min(known_best(landscape.name), lowest)
    return {"best": float(f"{best:.10g}"), "median": float(f"{np.median(losses):.10g}")}


def known_best(name: str) -> float:
    """Return the lowest loss that is known by construction; infinity where none is."""
    group, _, rest = name.partition("/")
    if group == "coco":
        return _optimum(*(int(part[1:]) for part in rest.split("-")))
    ends_at_zero = group in ("functions", "flat", "conditional") and rest != "words"
    return 0.0 if ends_at_zero else np.inf


def _climb(landscape: Landscape, row: Any, steps: int, start: int) -> float:
    """Go from neighbour to neighbour, wherever the loss is no higher."""
    source, lowest = rng(0, "climb", start), _loss(landscape, row)
    for _ in range(steps):
        near = landscape.space.neighbours(row, source, 1)[0]
        if (loss := _loss(landscape, near)) <= lowest:
            row, lowest = near, loss
    return lowest


def _loss(landscape: Landscape, row: Any) -> float:
    return landscape.loss(row_values(landscape.space, row.tolist()))


def _optimum(function: int, dimension: int) -> float:
    """Evaluate the point that COCO writes to a file of the working directory when asked for it."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            _suite, problem = open_problem(function, dimension)
            problem._best_parameter("print")  # noqa: SLF001 - there is no other way
            (text,) = (path.read_text() for path in Path(folder).iterdir())
        finally:
            os.chdir(before)
    return float(problem(np.array([float(word) for word in text.split()])))
