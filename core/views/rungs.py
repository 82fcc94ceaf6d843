"""The rungs of a sweep: the number of trials at each budget, and what happened to the trials.

The terms are those of Hyperband (Li et al. 2018, JMLR 18/16-558) and ASHA (Li et al. 2020,
arXiv:1810.05934). A rung is a budget at which trials are compared; the best trials are promoted to
the next rung. A bracket is a ladder of rungs. The plan contains the brackets, and the history
contains the budgets at which each trial was evaluated.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sweepwright.contracts import Bracket

from ..plan.trial_state import FAILED_STATES, UNFINISHED_STATES, Evaluation, TrialState
from ..store.history import History
from ..store.trial_table import TrialHistory
from .formatting import format_number


@dataclass(slots=True)
class RungSummary:
    """Counts of the trials that reached a rung of a bracket, by what happened to them.

    Each of the `trials` is counted exactly once as unfinished, promoted, promotable, not promoted,
    failed or stopped.
    """

    budget: float
    planned: int
    """Number of trials that one bracket has on this rung."""
    trials: int = 0
    unfinished: int = 0
    promoted: int = 0
    promotable: int = 0
    """Number of measured trials for which the next rung has room. It is 0 after the sweep has
    ended."""
    failed: int = 0
    stopped: int = 0
    best: float | None = None
    """The best measurement, as a minimised value."""

    @property
    def not_promoted(self) -> int:
        """Number of measured trials that were not promoted and are not promotable."""
        others = self.unfinished + self.promoted + self.promotable + self.failed + self.stopped
        return self.trials - others


@dataclass(frozen=True, slots=True)
class Restarts:
    """Evaluations that inherited a checkpoint but did not continue from it."""

    count: int
    of: int
    """Number of evaluations that inherited a checkpoint."""
    budget: float
    """Budget that was spent a second time."""


def rung_table(history: History) -> list[tuple[str, ...]]:
    """List the rungs of each bracket, below a header. Empty columns are omitted."""
    brackets = summarise_rungs(history)
    if not any(rung.trials for rungs in brackets for rung in rungs):
        return []
    plan = history.plan
    unit = plan.budget.unit if plan.budget else "budget"
    header = ("bracket", unit, "trials", *_STATES, "best")
    rows = [
        (str(index) if rung is rungs[0] else "", *_cells(rung, history))
        for index, rungs in enumerate(brackets)
        for rung in rungs
    ]
    columns = list(zip(header, *rows, strict=True))
    filled = [column for column in columns if any(cell for cell in column[1:])]
    return list(zip(*filled, strict=True))


_STATES = ("unfinished", "promoted", "promotable", "not promoted", "failed", "stopped")


def _cells(rung: RungSummary, history: History) -> Iterator[str]:
    yield f"{rung.budget:g}"
    yield f"{rung.trials:,}"
    for state in _STATES:
        count: int = getattr(rung, state.replace(" ", "_"))
        yield f"{count:,}" if count else ""
    best = None if rung.best is None else history.plan.objective.minimised(rung.best)
    yield format_number(best)


def restart_lines(history: History) -> list[str]:
    """Describe the cost of restarts on one line; no line if no evaluation started over."""
    restarts, budget = count_restarts(history), history.plan.budget
    if not (restarts.count and budget):
        return []
    which = f"{restarts.count} of {restarts.of} trials that inherited a checkpoint started over"
    return [f"{which}: {restarts.budget:g} {budget.unit} were spent twice"]


def summarise_rungs(history: History) -> list[list[RungSummary]]:
    """Count the trials on each rung of each bracket of the plan.

    Assignments of ``start`` are not counted, because they get the full budget at once and belong
    to no bracket.
    """
    brackets = history.plan.brackets
    summaries = [[RungSummary(r.budget, r.trials) for r in bracket.rungs] for bracket in brackets]
    for trial in history.trials[len(history.plan.start) :]:
        index = _bracket_of(trial, brackets)
        if index is not None:
            _count_trial(trial, {rung.budget: rung for rung in summaries[index]}, history)
    if history.state == "running":
        for rungs in summaries:
            _count_promotable(rungs)
    return summaries


def _bracket_of(trial: TrialHistory, brackets: Sequence[Bracket]) -> int | None:
    """Find the bracket of a trial by the trial's first budget. No two brackets share it."""
    first = trial.evaluations[0].budget
    for index, bracket in enumerate(brackets):
        budgets = [rung.budget for rung in bracket.rungs]
        if first == budgets[0] or (len(brackets) == 1 and first in budgets):
            return index
    return None


def _count_trial(
    trial: TrialHistory, rungs: Mapping[float | None, RungSummary], history: History
) -> None:
    evaluations = trial.evaluations
    for evaluation in evaluations:
        # A tuner may also evaluate trials at budgets that are not in the brackets it announced.
        if rung := rungs.get(evaluation.budget):
            rung.promoted += evaluation is not evaluations[-1]
            _count_evaluation(evaluation, rung, history)


def _count_evaluation(evaluation: Evaluation, rung: RungSummary, history: History) -> None:
    rung.trials += 1
    rung.unfinished += evaluation.state in UNFINISHED_STATES
    rung.failed += evaluation.state in FAILED_STATES
    rung.stopped += evaluation.state is TrialState.STOPPED
    if evaluation.value is not None:
        value = history.plan.objective.minimised(evaluation.value)
        rung.best = value if rung.best is None else min(value, rung.best)


def _count_promotable(rungs: Sequence[RungSummary]) -> None:
    """Count the promotable trials on each rung, limited by the free places on the next rung.

    The number of places on a rung is the sum over all brackets of this kind that have begun.
    """
    # The number of begun brackets is n / m, rounded up. The first rungs have n trials in all, and
    # the first rung of a single bracket has m trials.
    begun = -(-rungs[0].trials // max(1, rungs[0].planned))
    for below, above in pairwise(rungs):
        below.promotable = max(0, min(below.not_promoted, begun * above.planned - above.trials))


def count_restarts(history: History) -> Restarts:
    """Count the measured evaluations that spent the budget of an inherited checkpoint again."""
    # Leave out failed and stopped evaluations, because they did not spend all of their budget.
    heirs = [
        evaluation
        for trial in history.trials
        for evaluation in trial.evaluations
        if evaluation.inherited_budget and evaluation.state is TrialState.MEASURED
    ]
    restarts = [evaluation for evaluation in heirs if not evaluation.continued]
    budget = sum(evaluation.inherited_budget for evaluation in restarts)
    return Restarts(len(restarts), len(heirs), budget)
