"""How trials climbed: who is where on the ladders of a sweep, and who had to begin anew.

The ladders of a sweep as text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sweepwright.contracts import Bracket

from ..plan.trial_state import TrialState
from ..store.history import Evaluation, History, TrialRecord
from .formatting import format_number

UNDER_WAY = (TrialState.DUE, TrialState.RUNNING)
BAD = (TrialState.FAILED, TrialState.LOST)


@dataclass(slots=True)
class RungStats:
    """How many trials of a bracket came to a rung, and what became of them there."""

    budget: float
    planned: int
    """As many as one bracket is to have here."""
    begun: int = 0
    under_way: int = 0
    went_on: int = 0
    may_go_on: int = 0
    """Those that wait to be promoted, as far as there is room above and the sweep goes on."""
    failed: int = 0
    stopped: int = 0
    best: float | None = None
    """The best measurement, minimised."""

    @property
    def stayed(self) -> int:
        """Count those that ended well and are not going on."""
        known = self.under_way + self.went_on + self.may_go_on + self.failed + self.stopped
        return self.begun - known


@dataclass(frozen=True, slots=True)
class BegunAnew:
    """What it cost that trials did not take up the checkpoints that they inherited."""

    trials: int
    """How often one did not."""
    of: int
    """How often one was to."""
    budget: float
    """What was spent twice."""


def count_rungs(history: History) -> list[list[RungStats]]:
    """Count trials on each rung of each bracket of the plan; given assignments are on none."""
    brackets = history.plan.brackets
    counts = [[RungStats(r.budget, r.trials) for r in bracket.rungs] for bracket in brackets]
    for trial in history.trials[len(history.plan.start) :]:
        place = _bracket_of(trial, brackets)
        if place is not None:
            _count(trial, counts[place], history)
    if history.state == "running":
        for rungs in counts:
            _count_waiting(rungs)
    return counts


def begun_anew(history: History) -> BegunAnew:
    """Count what trials spent again that was spent on a checkpoint before."""
    heirs = [
        step
        for trial in history.trials
        for step in trial.evaluations
        if step.inherited_budget and step.state is TrialState.MEASURED
    ]
    anew = [step for step in heirs if not step.continued]
    return BegunAnew(len(anew), len(heirs), sum(step.inherited_budget for step in anew))


def _bracket_of(trial: TrialRecord, brackets: Sequence[Bracket]) -> int | None:
    """Find the bracket that a trial is on: by where it began, unless there is only one."""
    first = trial.evaluations[0].budget
    for place, bracket in enumerate(brackets):
        budgets = [rung.budget for rung in bracket.rungs]
        if first == budgets[0] or (len(brackets) == 1 and first in budgets):
            return place
    return None


def _count(trial: TrialRecord, rungs: Iterable[RungStats], history: History) -> None:
    at = {rung.budget: rung for rung in rungs}
    went_on = [True] * (len(trial.evaluations) - 1) + [False]
    for step, further in zip(trial.evaluations, went_on, strict=True):
        if step.budget in at:
            _count_step(step, at[step.budget], history, further=further)


def _count_step(step: Evaluation, rung: RungStats, history: History, *, further: bool) -> None:
    rung.begun += 1
    rung.went_on += further
    rung.under_way += step.state in UNDER_WAY
    rung.failed += step.state in BAD
    rung.stopped += step.state is TrialState.STOPPED
    if step.value is not None:
        value = history.plan.objective.minimised(step.value)
        rung.best = value if rung.best is None else min(value, rung.best)


def _count_waiting(rungs: Sequence[RungStats]) -> None:
    """Let as many wait below each rung as it has room for, in the brackets that were begun."""
    begun = -(-rungs[0].begun // max(1, rungs[0].planned))
    for below, above in pairwise(rungs):
        below.may_go_on = max(0, min(below.stayed, begun * above.planned - above.begun))


def rung_table(history: History) -> list[tuple[str, ...]]:
    """List the rungs of each bracket, below a head; columns that hold nothing are left out."""
    counted = count_rungs(history)
    if not any(rung.begun for rungs in counted for rung in rungs):
        return []
    plan = history.plan
    unit = plan.budget.unit if plan.budget else "budget"
    head = ("bracket", unit, "trials", *_STATES, "best")
    rows = [
        (str(place) if rung is rungs[0] else "", *_cells(rung, history))
        for place, rungs in enumerate(counted)
        for rung in rungs
    ]
    columns = list(zip(head, *rows, strict=True))
    told = [column for column in columns if any(cell for cell in column[1:])]
    return list(zip(*told, strict=True))


_STATES = ("under way", "went on", "may go on", "stayed", "failed", "stopped")


def _cells(rung: RungStats, history: History) -> Iterator[str]:
    yield f"{rung.budget:g}"
    yield f"{rung.begun:,}"
    for state in _STATES:
        count: int = getattr(rung, state.replace(" ", "_"))
        yield f"{count:,}" if count else ""
    yield format_number(None if rung.best is None else history.plan.objective.minimised(rung.best))


def anew_line(history: History) -> list[str]:
    """Say what it cost that trials began anew; nothing where none did."""
    anew, budget = begun_anew(history), history.plan.budget
    if not (anew.trials and budget):
        return []
    which = f"{anew.trials} of {anew.of} that inherited a checkpoint began anew"
    return [f"{which}: {anew.budget:g} {budget.unit} were spent twice"]
