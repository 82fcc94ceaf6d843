"""Cases: the trials that a model is fitted to, and held-out points with their losses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan
from pathlib import Path
from typing import Any

import numpy as np

from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.seeds import rng
from sweepwright.space import SearchSpace

from ..comparison.participants import participant
from ..comparison.regret import Floats
from ..comparison.simulation import problem_of
from ..problems.catalogue import landscape
from ..problems.landscape import Landscape, Values, row_values

SOURCES = ("tpe", "random")
"""Whose trials models are fitted to."""
TRIALS = (50, 100)
RANDOM, LOCAL = 150, 150
"""Numbers of held-out points: random ones, and ones near the best trials."""
BEST_SHARE, STEPS = 0.1, 3
"""A local point is so many steps from one of the best trials, of which there are so many."""


@dataclass(frozen=True)
class Case:
    """Data of one problem. Rows and points have the shape (number of rows, d)."""

    name: str
    space: SearchSpace
    rows: Floats
    losses: Floats
    held_out: Floats
    """Random points, and then the local ones."""
    held_out_losses: Floats

    @cached_property
    def axes(self) -> Axes:
        """The translation of rows to points."""
        return Axes(self.space)

    @cached_property
    def points(self) -> Floats:
        """Points of the trials."""
        return self.axes.points(self.rows)

    @cached_property
    def held_out_points(self) -> Floats:
        """Held-out points."""
        return self.axes.points(self.held_out)


def cases(problems: Sequence[str], surrogates: Path, seeds: range) -> Iterator[Case]:
    """Make a case of each problem, source, number of trials and seed."""
    for name in problems:
        where = landscape(name, surrogates)
        for source in SOURCES:
            for trials in TRIALS:
                for seed in seeds:
                    yield make_case(where, source, trials, seed)


def make_case(where: Landscape, source: str, trials: int, seed: int) -> Case:
    """Run a tuner, and draw the held-out points."""
    rows, losses = _played(where, source, trials, seed)
    draws = rng(seed, "held out", trials)
    best = rows[np.argsort(losses, kind="stable")[: max(1, int(BEST_SHARE * trials))]]
    local = [_near(where.space, best[draws.integers(len(best))], draws) for _ in range(LOCAL)]
    held_out = np.concatenate([where.space.sample(draws, RANDOM), local])
    tested = np.array([where.loss(row_values(where.space, row.tolist())) for row in held_out])
    return Case(
        f"{where.name}, {trials} trials of {source}", where.space, rows, losses, held_out, tested
    )


def _played(where: Landscape, source: str, trials: int, seed: int) -> tuple[Floats, Floats]:
    """Return the rows and the observed losses of a run."""
    solver = participant(source).build(problem_of(where, seed, trials))
    rows, losses = [], []
    unrest = rng(seed, "unrest")
    for _ in range(trials):
        ((number, values),) = solver.ask(1)
        losses.append(where.loss(values) + where.noise * unrest.standard_normal())
        solver.tell(number, losses[-1])
        rows.append(_row(where.space, values))
    return np.array(rows), np.array(losses)


def _row(space: SearchSpace, values: Values) -> list[float]:
    def number(value: Any, domain: Any) -> float:
        return float(domain.number(value))

    return [
        number(values[p.name], p.domain) if p.name in values else nan for p in space.parameters
    ]


def _near(space: SearchSpace, row: Floats, draws: np.random.Generator) -> Floats:
    for _ in range(STEPS):
        row = space.neighbours(row, draws, 1)[0]
    return row
