"""The tuner of a population: its worst continue from the checkpoints of its best, perturbed."""

from collections.abc import Sequence

from sweepwright.contracts import Problem
from sweepwright.events import (
    CheckpointRef,
    Event,
    Failed,
    Lost,
    Measured,
    Opened,
    Promote,
    Start,
    Stopped,
    Suggestion,
)
from sweepwright.seeds import rng

from .._quasi_random import latin_hypercubes
from ..halving.rung import Rung
from .explore import Explorer, Floats


class PopulationTuner:
    """Population-based training by truncation selection (Jaderberg et al. [1]_, section 4.1).

    Members are compared at each budget with the others at the same one. A member goes on as
    soon as enough are known to be worse; once all have got there, the worst are replaced by
    trials that inherit from one of the best and have its assignment, perturbed. One that failed
    is the worst. Only a population of which not one got to its first budget is drawn again.

    Parameters
    ----------
    budgets
        Where members are compared, ascending; the last is where they end.
    population
        Members, p; at least 2.
    replaced
        How many of them are replaced each time, from 1 to p / 2.

    References
    ----------
    .. [1] M. Jaderberg et al., "Population Based Training of Neural Networks", 2017,
       arXiv:1711.09846.
    """

    def __init__(
        self,
        problem: Problem,
        budgets: Sequence[float],
        explorer: Explorer,
        *,
        population: int,
        replaced: int,
    ) -> None:
        self._problem = problem
        self._budgets = tuple(budgets)
        self._explorer = explorer
        self._population = population
        self._replaced = replaced
        self._rungs = [Rung() for _ in self._budgets]
        self._assignments: dict[int, Floats] = {}
        self._attempts: dict[tuple[int, int], int] = {}
        self._opened = self._started = 0
        self._first = latin_hypercubes(len(problem.space), problem.seed, population)

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Let those go on that may; then replace others, and draw what the population lacks."""
        kept, vacant = self._selection()
        rungs = zip(self._rungs, kept, self._budgets[1:], strict=False)
        promotions = [Promote(t, b) for rung, best, b in rungs for t in rung.promotable(best)]
        places = vacant[: max(count - len(promotions), 0)]
        numbers = range(self._opened, self._opened + len(places))
        starts = map(self._begin, places, numbers)
        return [*promotions[:count], *starts]

    def tell(self, event: Event) -> None:
        """Enter what happened at the budget where it happened."""
        trial = event.trial
        if isinstance(event, Opened):
            self._opened += 1
            self._started += isinstance(event.suggestion, Start)
        if trial.budget not in self._budgets:
            return
        place = self._budgets.index(trial.budget)
        match event:
            case Opened(suggestion=Start(assignment, parent=parent)) if place == 0 or parent:
                self._assignments[trial.number] = self._problem.space.encode([assignment])
                self._rungs[place].enter(trial.number)
            case Opened(suggestion=Promote()) if place and trial.number in self._assignments:
                self._rungs[place - 1].promote(trial.number)
                self._rungs[place].enter(trial.number)
            case Measured(value=value, attempt=attempt):
                self._attempts[trial.number, place] = attempt
                self._rungs[place].measure(trial.number, value)
            case Failed() | Lost() | Stopped():
                self._rungs[place].fail(trial.number)

    def _selection(self) -> tuple[list[int], list[int]]:
        """Say of each rung how many of its best go on, and at which rungs trials may begin.

        As long as results are missing at a rung, those go on to whom they make no difference.
        """
        kept = [rung.ended - self._replaced for rung in self._rungs]
        left = self._left
        coming = min(self._undrawn, left)
        vacant = [0] * coming
        for place, rung in enumerate(self._rungs[:-1]):
            if coming or rung.ended < rung.entered or not rung.measured:
                break
            best = rung.ended - min(self._replaced, rung.ended // 2)
            kept[place] = min(rung.measured, best)
            arrived = self._rungs[place + 1].entered - rung.promoted
            missing = min(self._population - kept[place] - arrived, left)
            vacant += [place + 1] * missing
            coming = kept[place] - rung.promoted + max(missing, 0)
        return kept, vacant

    @property
    def _left(self) -> int:
        """Count the trials that the sweep may still have."""
        most = self._problem.max_trials
        return self._population if most is None else max(most - self._started, 0)

    @property
    def _undrawn(self) -> int:
        """Count the members that the first rung lacks."""
        first = self._rungs[0]
        drawn = first.entered % self._population
        extinct = first.ended == first.entered and not first.measured
        return self._population - drawn if drawn or extinct else 0

    def _begin(self, place: int, number: int) -> Start:
        """Begin a trial at a rung: at the first a new one, else from one of the best below."""
        draws = rng(self._problem.seed, "tuner", number)
        space, budget = self._problem.space, self._budgets[place]
        if place == 0:
            member = self._rungs[0].entered + number - self._opened
            row = space.from_unit(self._first(member)[None, :])
            row = row if space.feasible(row)[0] else space.sample(draws, 1)
            return Start(space.decode(row)[0], budget)
        best = self._rungs[place - 1].best(self._replaced)
        parent = best[int(draws.integers(len(best)))]
        row = self._explorer.variant(self._assignments[parent], draws)
        source = CheckpointRef(parent, self._attempts[parent, place - 1])
        return Start(space.decode(row)[0], budget, source)
