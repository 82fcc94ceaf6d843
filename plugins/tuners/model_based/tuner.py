"""The tuner around a model: first a quasi-random start, then the proposals of the model."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from sweepwright.contracts import Assignment, Belief, Problem
from sweepwright.events import Event, Opened, Start, Suggestion
from sweepwright.seeds import rng

from .._quasi_random import latin_hypercubes
from .._untried_points import UntriedPoints
from .axes import Floats
from .trials import Trials

DRAWS = 64
"""Number of draws from the prior before the untried points of a finite space are enumerated."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Proposal to measure an assignment again."""

    first: int
    """Number of the first trial of the assignment."""
    reason: str
    """Why, in a few words for the user."""


class Model(Protocol):
    """Proposes assignments. A model receives the trials when it is created."""

    def propose(self, draws: np.random.Generator, proposed: Floats) -> Floats | Repeat:
        """Propose rows of values, best first, shape (m, d), or to repeat a measurement.

        The rows may violate constraints.

        Parameters
        ----------
        proposed : ndarray, shape (j, d)
            Values that the same ``ask`` has already proposed, repeats included. They count as
            pending trials.
        """
        ...


@runtime_checkable
class BelievingModel(Model, Protocol):
    """A model that can also say what it believes."""

    def belief(self) -> Belief | None:
        """Return what the model believes; None if it cannot say.

        It is asked only after the first `startup` trials have ended, as `propose` is. The result
        depends only on the trials, and the call changes no lasting state.
        """
        ...


class ModelBasedTuner:
    """Asks a model for each suggestion, once `startup` trials have ended.

    Until then, suggestions are points of a Latin hypercube. The random draws for the k-th
    suggestion depend only on the seed and on k.

    Parameters
    ----------
    repeats
        Whether the model may propose a `Repeat`. The tuner then keeps all assignments.
    """

    def __init__(
        self,
        problem: Problem,
        trials: Trials,
        model: Model,
        startup: int,
        *,
        repeats: bool = False,
    ) -> None:
        self._problem = problem
        self._space = problem.space
        self._trials = trials
        self._model = model
        self._startup = startup
        self._assignments: dict[int, Assignment] | None = {} if repeats else None
        size = max(startup, problem.concurrency)
        self._start = latin_hypercubes(len(self._space), problem.seed, size)
        self._untried = UntriedPoints(self._space, self._trials.tried)

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Suggest assignments that have not been tried, or repeats that the model proposes.

        For each suggestion, the previous suggestions of the same ``ask`` count as running trials.
        """
        proposed = np.empty((0, len(self._space)))
        repeats: dict[int, Start] = {}
        for number in range(len(self._trials), len(self._trials) + count):
            chosen = self._choose(number, proposed)
            if chosen is None:
                break
            if isinstance(chosen, Repeat):
                repeats[len(proposed)] = start = self._repetition(chosen)
                chosen = self._space.encode([start.assignment])[0]
            proposed = np.concatenate([proposed, chosen[None, :]])
        starts = [Start(assignment) for assignment in self._space.decode(proposed)]
        return [repeats.get(place, start) for place, start in enumerate(starts)]

    def tell(self, event: Event) -> None:
        """Record an event of a trial."""
        self._trials.tell(event)
        if self._assignments is not None and isinstance(event, Opened):
            self._assignments[event.trial.number] = event.trial.assignment

    def belief(self) -> Belief | None:
        """Return what the model believes; None if it has no beliefs or too few trials."""
        if len(self._trials.ranking) < self._startup:
            return None
        return self._model.belief() if isinstance(self._model, BelievingModel) else None

    def _repetition(self, repeat: Repeat) -> Start:
        assert self._assignments is not None, "the tuner was built for repeats"
        # A copy, since whoever receives the suggestion may change it.
        assignment = deepcopy(self._assignments[repeat.first])
        return Start(assignment, repeats=repeat.first, reason=repeat.reason)

    def _choose(self, number: int, proposed: Floats) -> Floats | Repeat | None:
        """Choose the values of a suggestion, or return None if the space has no untried values."""
        # The draws depend on the number alone, so that a replay repeats each suggestion.
        draws = rng(self._problem.seed, "tuner", number)
        reserved = {row.tobytes() for row in proposed}
        proposals = self._proposals(number, draws, proposed)
        if isinstance(proposals, Repeat):
            # A finite space is searched until it has been tried, and no longer.
            finished = self._space.size is not None and self._untried.first(reserved) is None
            return None if finished else proposals
        row = None
        for row in self._candidates(proposals, draws):
            key = row.tobytes()
            if key not in self._trials.tried and key not in reserved:
                return row
        if self._space.size is not None:
            return self._untried.first(reserved)
        # In floats, an infinite space may have only a few distinct values. Repeat the last
        # candidate, because the sweep must not end.
        return row

    def _proposals(
        self, number: int, draws: np.random.Generator, proposed: Floats
    ) -> Floats | Repeat:
        if len(self._trials.ranking) < self._startup:
            return self._space.from_unit(self._start(number)[None, :])
        return self._model.propose(draws, proposed)

    def _candidates(self, rows: Floats, draws: np.random.Generator) -> Iterator[Floats]:
        if self._space.constraints:
            rows = rows[self._space.feasible(rows)]
        yield from rows
        # Every proposal may have been tried before, or violate the constraints.
        for _ in range(DRAWS):
            yield from self._space.sample(draws, 1)
