"""The tuner around a model: first a quasi-random start, then the proposals of the model."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from sweepwright.contracts import Problem
from sweepwright.events import Event, Start, Suggestion
from sweepwright.seeds import rng

from .._quasi_random import latin_hypercubes
from .._untried_points import UntriedPoints
from .axes import Floats
from .trials import Trials

DRAWS = 64
"""Number of draws from the prior before the untried points of a finite space are enumerated."""


class Model(Protocol):
    """Proposes assignments. A model receives the trials when it is created."""

    def propose(self, draws: np.random.Generator, proposed: Floats) -> Floats:
        """Propose rows of values, best first; shape (m, d). They may violate constraints.

        Parameters
        ----------
        proposed : ndarray, shape (j, d)
            Values that the same ``ask`` has already proposed, which count as pending trials.
        """
        ...


class ModelBasedTuner:
    """Asks a model for each suggestion, once `startup` trials have ended.

    Until then, suggestions are points of a Latin hypercube. The random draws for the k-th
    suggestion depend only on the seed and on k.
    """

    def __init__(self, problem: Problem, trials: Trials, model: Model, startup: int) -> None:
        self._problem = problem
        self._space = problem.space
        self._trials = trials
        self._model = model
        self._startup = startup
        size = max(startup, problem.concurrency)
        self._start = latin_hypercubes(len(self._space), problem.seed, size)
        self._untried = UntriedPoints(self._space, self._trials.tried)

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Suggest assignments that have not been tried.

        For each suggestion, the previous suggestions of the same ``ask`` count as running trials.
        """
        proposed = np.empty((0, len(self._space)))
        for number in range(len(self._trials), len(self._trials) + count):
            row = self._choose(number, proposed)
            if row is None:
                break
            proposed = np.concatenate([proposed, row[None, :]])
        return [Start(assignment) for assignment in self._space.decode(proposed)]

    def tell(self, event: Event) -> None:
        """Record an event of a trial."""
        self._trials.tell(event)

    def _choose(self, number: int, proposed: Floats) -> Floats | None:
        """Choose the values of a suggestion, or return None if the space has no untried values."""
        reserved = {row.tobytes() for row in proposed}
        row = None
        for row in self._candidates(number, proposed):
            key = row.tobytes()
            if key not in self._trials.tried and key not in reserved:
                return row
        if self._space.size is not None:
            return self._untried.first(reserved)
        # In floats, an infinite space may have only a few distinct values. Repeat the last
        # candidate, because the sweep must not end.
        return row

    def _candidates(self, number: int, proposed: Floats) -> Iterator[Floats]:
        # The draws depend on the number alone, so that a replay repeats each suggestion.
        draws = rng(self._problem.seed, "tuner", number)
        if len(self._trials.ranking) < self._startup:
            rows = self._space.from_unit(self._start(number)[None, :])
        else:
            rows = self._model.propose(draws, proposed)
        if self._space.constraints:
            rows = rows[self._space.feasible(rows)]
        yield from rows
        # Every proposal may have been tried before, or violate the constraints.
        for _ in range(DRAWS):
            yield from self._space.sample(draws, 1)
