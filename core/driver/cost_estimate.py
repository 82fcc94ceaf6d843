"""The worst-case cost of a sweep: trials, attempts, budget and time, as far as limits bound them.

The estimate rests on three sources, the best that is available for each figure:

- A simulation of a tuner with budgets, if it finished: exact numbers of trials and promotions.
- The brackets that the tuner announces, repeated and cut to the trials there is room for.
- Otherwise ``max_trials`` or the tuner's own end, with the full budget for every trial.

Time is estimated in waves. A rung of n trials at budget b, on c slots, runs in ceil(n / c) waves,
each of which takes b / R of the time t of a trial at full budget R:

    T = t * sum over all rungs of ceil(n / c) * b / R    (1)

A retried trial keeps its slot, so with retries the time is multiplied by the number of attempts
that a trial may have at one budget:

    T_max = (1 + sum of retries over all failure classes) * T    (2)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle, pairwise
from math import ceil

from sweepwright.contracts import Bracket, Rung

from ..plan.plan import Limits, Plan
from .tuner_simulation import Simulation


@dataclass(frozen=True, slots=True)
class Spending:
    """What all trials together may spend, in units of the sweep's budget."""

    with_checkpoints: float
    """If promoted trials continue from their checkpoints."""
    without_checkpoints: float
    """If promoted trials start over."""
    without_early_stopping: float
    """If as many trials each had the full budget, for comparison."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a sweep if everything goes as badly as its limits allow.

    None stands for a figure that is unlimited or unknown.
    """

    trials: int | None
    ended_by: str | None
    """The limit that sets the number of trials: ``max_trials`` or ``tuner``."""
    retry_factor: int
    """The number of attempts that a trial may have at one budget."""
    attempts: int | None
    """All launches, except those that repeat attempts cut off by an interruption."""
    budget: Spending | None
    """None also for a tuner that does not use budgets."""
    idle_share: float | None
    """Share of all slots' time in which a tuner with budgets has nothing to run."""
    attempt_seconds: float | None
    """Duration of an attempt at full budget."""
    attempt_bound: str | None
    """The setting that gives it: ``trial_seconds``, an estimate, or ``trial_timeout``."""
    seconds: float | None
    """Duration of the sweep without retries."""
    max_seconds: float | None
    """Duration of the sweep with every retry, or until ``max_duration`` is over."""


def worst_case(
    plan: Plan, trial_seconds: float | None = None, simulation: Simulation | None = None
) -> Cost:
    """Estimate the worst-case cost of a plan.

    Parameters
    ----------
    trial_seconds
        The user's estimate for one trial at full budget.
    simulation
        For a tuner that uses budgets: a simulation of it, finished or not.
    """
    limits, cap = plan.limits, plan.limits.max_duration
    brackets = _brackets(plan)
    trials, ended_by = plan.most_trials, _limit_reached(plan)
    rungs = _rungs(plan, brackets, trials)
    launches = None if rungs is None else sum(rung.trials for rung in rungs)
    budget = _spending(plan, brackets, trials) if simulation else None
    finished = simulation if simulation and simulation.finished else None
    if finished:
        trials, launches = finished.trials, finished.trials + finished.promotions
        ended_by = "max_trials" if trials == limits.max_trials else "tuner"
        budget = Spending(
            finished.with_checkpoints, finished.without_checkpoints, trials * _full_budget(plan)
        )
    attempt_seconds, attempt_bound = _attempt_seconds(limits, trial_seconds)
    seconds = None
    if attempt_seconds is not None and rungs is not None:
        seconds = attempt_seconds * _waves(plan, rungs, finished)
    retry_factor = 1 + sum(limits.retries.values())
    return Cost(
        trials=trials,
        ended_by=ended_by,
        retry_factor=retry_factor,
        attempts=None if launches is None else retry_factor * launches,
        budget=budget,
        idle_share=finished.idle_share if finished else None,
        attempt_seconds=attempt_seconds,
        attempt_bound=attempt_bound,
        seconds=seconds,
        max_seconds=_least(None if seconds is None else retry_factor * seconds, cap),  # eq. 2
    )


def _full_budget(plan: Plan) -> float:
    """Return the full budget. Without one, each trial counts as one unit of work."""
    return plan.full_budget or 1.0


def _limit_reached(plan: Plan) -> str | None:
    if plan.most_trials is None:
        return None
    return "max_trials" if plan.most_trials == plan.limits.max_trials else "tuner"


def _brackets(plan: Plan) -> Sequence[Bracket]:
    """List the brackets that the sweep has room for, and the start assignments as one more."""
    if not plan.brackets:
        return ()
    start = [Bracket((Rung(_full_budget(plan), len(plan.start)),))] if plan.start else []
    limit = plan.limits.max_trials
    room = None if limit is None else max(limit - len(plan.start), 0)
    return [*_cut(plan, room), *start]


def _cut(plan: Plan, room: int | None) -> Iterator[Bracket]:
    """Yield brackets, round after round, until `room` trials have begun.

    The last bracket is cut in proportion, and its rungs are rounded up.
    """
    a_round = sum(bracket.rungs[0].trials for bracket in plan.brackets)
    # A tuner whose end is not a whole number of rounds, such as `pbt`, begins trials above the
    # first rung as well. Then trials do not tell how many rounds there are: take one.
    if room is None or (plan.ends_after and plan.ends_after % a_round):
        yield from plan.brackets
        return
    left = room if plan.ends_after is None else min(room, plan.ends_after)
    for bracket in cycle(plan.brackets):
        if left <= 0:
            return
        first = bracket.rungs[0].trials
        share = Fraction(min(left, first), first)
        yield Bracket(tuple(Rung(r.budget, ceil(r.trials * share)) for r in bracket.rungs))
        left -= first


def _rungs(plan: Plan, brackets: Sequence[Bracket], trials: int | None) -> list[Rung] | None:
    """List all rungs; without brackets, one rung of full budget. None for an unlimited sweep."""
    if trials is None:
        return None
    rungs = [rung for bracket in brackets for rung in bracket.rungs]
    return rungs or [Rung(_full_budget(plan), trials)]


def _spending(plan: Plan, brackets: Sequence[Bracket], trials: int | None) -> Spending | None:
    if plan.budget is None or trials is None:
        return None
    full = trials * plan.budget.maximum
    if not brackets:
        return Spending(full, full, full)
    return Spending(
        with_checkpoints=sum(map(_added_budget, brackets)),
        without_checkpoints=sum(r.trials * r.budget for b in brackets for r in b.rungs),
        without_early_stopping=full,
    )


def _added_budget(bracket: Bracket) -> float:
    """Sum what each rung adds to the budget of the rung below."""
    steps = pairwise([Rung(0.0, 0), *bracket.rungs])
    return sum(rung.trials * (rung.budget - below.budget) for below, rung in steps)


def _attempt_seconds(limits: Limits, estimate: float | None) -> tuple[float | None, str | None]:
    seconds = _least(estimate, limits.trial_timeout)
    if seconds is None:
        return None, None
    return seconds, "trial_seconds" if seconds == estimate else "trial_timeout"


def _waves(plan: Plan, rungs: Sequence[Rung], simulation: Simulation | None) -> float:
    """Count the waves in which trials fill all slots, in attempts at full budget.

    A tuner that waits for results takes longer than its rungs alone: the simulation tells.
    """
    full, slots = _full_budget(plan), plan.limits.concurrency
    # Equation 1, in units of t.
    waves = sum(ceil(rung.trials / slots) * rung.budget / full for rung in rungs)
    return max(waves, simulation.makespan / full) if simulation else waves


def _least(*numbers: float | None) -> float | None:
    return min((number for number in numbers if number is not None), default=None)
