"""The tuner of a population, whose worst members are replaced by copies of the best members."""

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
from ..halving.rung_results import RungResults
from .perturbation import Floats, Perturbation


class PopulationTuner:
    """Population-based training by truncation selection (Jaderberg et al. [1]_, section 4.1).

    Members are compared with other members at the same budget. A member is promoted as soon as
    enough other members are known to be worse. Once all results at a budget are known, the worst
    members are replaced by new trials. Such a trial inherits the checkpoint of one of the best
    members ("exploit") and its perturbed assignment ("explore"). A member that failed counts as
    the worst. A new population is drawn only if every member fails before the first comparison.

    Invariants: `_rungs[i]` has the results at `_budgets[i]`; `_assignments` has an entry for each
    member and for no other trial; `_attempts` has the attempt that wrote a member's checkpoint.

    Parameters
    ----------
    budgets
        Budgets at which members are compared, in ascending order. Members end at the last budget.
    population
        Number of members, p; at least 2.
    replaced
        Number of members that are replaced at each comparison, from 1 to p / 2.

    References
    ----------
    .. [1] M. Jaderberg et al., "Population Based Training of Neural Networks", 2017,
       arXiv:1711.09846.
    """

    def __init__(
        self,
        problem: Problem,
        budgets: Sequence[float],
        explorer: Perturbation,
        *,
        population: int,
        replaced: int,
    ) -> None:
        self._problem = problem
        self._budgets = tuple(budgets)
        self._perturbation = explorer
        self._population = population
        self._replaced = replaced
        self._rungs = [RungResults() for _ in self._budgets]
        self._assignments: dict[int, Floats] = {}
        self._attempts: dict[tuple[int, int], int] = {}
        self._opened = self._started = 0
        self._first = latin_hypercubes(len(problem.space), problem.seed, population)

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Suggest promotions first, then replacements, then members to complete the population."""
        promotable_counts, openings = self._select()
        rungs = zip(self._rungs, promotable_counts, self._budgets[1:], strict=False)
        promotions = [Promote(t, b) for rung, best, b in rungs for t in rung.promotable(best)]
        places = openings[: max(count - len(promotions), 0)]
        numbers = range(self._opened, self._opened + len(places))
        starts = map(self._start, places, numbers)
        return [*promotions[:count], *starts]

    def tell(self, event: Event) -> None:
        """Record an event on the rung that has the trial's budget."""
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

    def _select(self) -> tuple[list[int], list[int]]:
        """Return how many members of each rung may be promoted, and a list of vacant rungs.

        The list names a rung once for each of its vacancies. While results are missing on a rung,
        a member is promoted only if it remains among the best whatever these results are.
        """
        promotable_counts = [rung.ended - self._replaced for rung in self._rungs]
        remaining = self._trials_left
        arriving = min(self._missing_members, remaining)
        openings = [0] * arriving
        for place, rung in enumerate(self._rungs[:-1]):
            if arriving or rung.ended < rung.entered or not rung.measured:
                break
            # At most half of the members are replaced, so that a population that has shrunk
            # still has parents.
            best = rung.ended - min(self._replaced, rung.ended // 2)
            promotable_counts[place] = min(rung.measured, best)
            arrived = self._rungs[place + 1].entered - rung.promoted
            missing = min(self._population - promotable_counts[place] - arrived, remaining)
            openings += [place + 1] * missing
            arriving = promotable_counts[place] - rung.promoted + max(missing, 0)
        return promotable_counts, openings

    @property
    def _trials_left(self) -> int:
        """Number of trials that the sweep may still begin."""
        most = self._problem.max_trials
        return self._population if most is None else max(most - self._started, 0)

    @property
    def _missing_members(self) -> int:
        """Number of members that the first rung still needs."""
        first = self._rungs[0]
        drawn = first.entered % self._population
        extinct = first.ended == first.entered and not first.measured
        return self._population - drawn if drawn or extinct else 0

    def _start(self, place: int, number: int) -> Start:
        """Begin a trial on a rung.

        On the first rung, the trial is a new member. On other rungs, it is a copy of one of the
        best members.
        """
        draws = rng(self._problem.seed, "tuner", number)
        space, budget = self._problem.space, self._budgets[place]
        if place == 0:
            member = self._rungs[0].entered + number - self._opened
            row = space.from_unit(self._first(member)[None, :])
            row = row if space.feasible(row)[0] else space.sample(draws, 1)
            return Start(space.decode(row)[0], budget)
        # Exploit: draw one of the best members uniformly ("truncation selection" in the paper).
        best = self._rungs[place - 1].best(self._replaced)
        parent = best[int(draws.integers(len(best)))]
        # Explore: perturb the assignment of this member.
        row = self._perturbation.variant(self._assignments[parent], draws)
        source = CheckpointRef(parent, self._attempts[parent, place - 1])
        return Start(space.decode(row)[0], budget, source)
