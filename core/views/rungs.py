"""The rungs of a sweep: how many trials came to each budget, and which were promoted.

In the terms of Hyperband (Li et al. 2018, JMLR 18/16-558) and ASHA (Li et al. 2020,
arXiv:1810.05934), a bracket is a ladder of rungs, and a rung is a budget at which trials are
compared and the best are promoted to the next. The plan holds the brackets, and the history the
budgets at which each trial was evaluated.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sweepwright.contracts import Bracket

from ..plan.trial_state import FAILED_STATES, UNFINISHED_STATES, TrialState
from ..store.history import Evaluation, History, TrialHistory
from .formatting import format_number


@dataclass(slots=True)
class RungSummary:
    """What happened to the trials that came to a rung of a bracket.

    Each of the `trials` is exactly one of unfinished, promoted, promotable, not promoted, failed
    and stopped.
    """

    budget: float
    planned: int
    """How many trials one bracket has here."""
    trials: int = 0
    unfinished: int = 0
    promoted: int = 0
    promotable: int = 0
    """Measured trials for which there is room above, while the sweep runs."""
    failed: int = 0
    stopped: int = 0
    best: float | None = None
    """The best measurement, minimised."""

    @property
    def not_promoted(self) -> int:
        """Count the measured trials that were not promoted and are not promotable."""
        others = self.unfinished + self.promoted + self.promotable + self.failed + self.stopped
        return self.trials - others


@dataclass(frozen=True, slots=True)
class Restarts:
    """Evaluations that did not continue from the checkpoint that they inherited."""

    count: int
    of: int
    """The number of evaluations that inherited a checkpoint."""
    budget: float
    """The budget that was spent a second time."""


def rung_table(history: History) -> list[tuple[str, ...]]:
    """List the rungs of each bracket, below a header; empty columns are left out."""
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
    """Tell what restarts cost, in one line; none where every evaluation continued."""
    restarts, budget = count_restarts(history), history.plan.budget
    if not (restarts.count and budget):
        return []
    which = f"{restarts.count} of {restarts.of} trials that inherited a checkpoint started over"
    return [f"{which}: {restarts.budget:g} {budget.unit} were spent twice"]


def summarise_rungs(history: History) -> list[list[RungSummary]]:
    """Count the trials on each rung of each bracket of the plan.

    Assignments given under ``start`` get the full budget at once, and belong to no bracket.
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
    """Find the bracket of a trial by its first budget, which differs between brackets."""
    first = trial.evaluations[0].budget
    for index, bracket in enumerate(brackets):
        budgets = [rung.budget for rung in bracket.rungs]
        if first == budgets[0] or (len(brackets) == 1 and first in budgets):
            return index
    return None


def _count_trial(
    trial: TrialHistory, rungs: Mapping[float | None, RungSummary], history: History
) -> None:
    for evaluation in trial.evaluations:
        # The brackets are what the tuner announced; it may evaluate at other budgets as well.
        if rung := rungs.get(evaluation.budget):
            rung.promoted += evaluation is not trial.evaluations[-1]
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
    """Count as promotable on each rung as many trials as the rung above has room for.

    The room is that of all brackets of this kind that were begun.
    """
    # Trials of the first rung by those that one bracket has there, rounded up.
    begun = -(-rungs[0].trials // max(1, rungs[0].planned))
    for below, above in pairwise(rungs):
        below.promotable = max(0, min(below.not_promoted, begun * above.planned - above.trials))


def count_restarts(history: History) -> Restarts:
    """Count the measured evaluations that repeated what their checkpoint had cost."""
    # An evaluation that failed or was stopped did not spend all of its budget: it is left out.
    heirs = [
        evaluation
        for trial in history.trials
        for evaluation in trial.evaluations
        if evaluation.inherited_budget and evaluation.state is TrialState.MEASURED
    ]
    restarts = [evaluation for evaluation in heirs if not evaluation.continued]
    budget = sum(evaluation.inherited_budget for evaluation in restarts)
    return Restarts(len(restarts), len(heirs), budget)
