"""The tuner around a model: an even start, then what the model proposes, none of it twice."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from sweepwright.contracts import Problem
from sweepwright.events import Event, Start, Suggestion
from sweepwright.seeds import rng

from .._quasi_random import latin_hypercubes
from .._untried_points import Remainder
from .axes import Floats
from .trials import Trials

DRAWS = 64
"""Draws from the prior before those left of a finite space are gone through."""


class Model(Protocol):
    """Proposes assignments, from the trials that it was made with."""

    def propose(self, draws: np.random.Generator, ahead: Floats) -> Floats:
        """Propose rows of values, which may break constraints, best first; shape (m, d).

        Parameters
        ----------
        ahead : ndarray, shape (j, d)
            Values that will be pending beside those of the trials that are.
        """
        ...


class ParzenTuner:
    """Asks a model for each suggestion, once `startup` trials have ended.

    Until then suggestions are points of a Latin hypercube. The k-th draws on the seed and k.
    """

    def __init__(self, problem: Problem, trials: Trials, model: Model, startup: int) -> None:
        self._problem = problem
        self._space = problem.space
        self._trials = trials
        self._model = model
        self._startup = startup
        size = max(startup, problem.concurrency)
        self._start = latin_hypercubes(len(self._space), problem.seed, size)
        self._remainder = Remainder(self._space, self._trials.tried)

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Suggest assignments that no trial had, each as if those before it were running."""
        ahead = np.empty((0, len(self._space)))
        for number in range(len(self._trials), len(self._trials) + count):
            row = self._choose(number, ahead)
            if row is None:
                break
            ahead = np.concatenate([ahead, row[None, :]])
        return [Start(assignment) for assignment in self._space.decode(ahead)]

    def tell(self, event: Event) -> None:
        """Take in what happened to a trial."""
        self._trials.tell(event)

    def _choose(self, number: int, ahead: Floats) -> Floats | None:
        """Choose the values of a suggestion; None when nothing is left."""
        taken = {row.tobytes() for row in ahead}
        row = None
        for row in self._candidates(number, ahead):
            key = row.tobytes()
            if key not in self._trials.tried and key not in taken:
                return row
        if self._space.size is not None:
            return self._remainder.first(taken)
        # What is endless by its domains alone may come to a few values when they are rounded.
        return row

    def _candidates(self, number: int, ahead: Floats) -> Iterator[Floats]:
        draws = rng(self._problem.seed, "tuner", number)
        if len(self._trials.ranking) < self._startup:
            rows = self._space.from_unit(self._start(number)[None, :])
        else:
            rows = self._model.propose(draws, ahead)
        if self._space.constraints:
            rows = rows[self._space.feasible(rows)]
        yield from rows
        for _ in range(DRAWS):
            yield from self._space.sample(draws, 1)
