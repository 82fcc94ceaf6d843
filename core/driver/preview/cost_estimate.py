"""The worst-case cost of a sweep in trials, attempts, budget and time.

Each figure comes from the first of these sources that is available:

- A simulation of a tuner with budgets, if the simulation finished. It gives exact numbers of
  trials and promotions.
- The brackets that the tuner announces. They are repeated and cut until they match the number of
  trials.
- ``max_trials``, or the number of trials after which the tuner ends. Every trial is assumed to use
  the full budget.

Time is estimated in waves. A rung of n trials at budget b on c slots runs in ceil(n / c) waves. A
trial at full budget R takes time t, so each of these waves takes time t b / R:

    T = t * sum over all rungs of ceil(n / c) * b / R    (1)

A retried trial keeps its slot. With retries, the time is therefore multiplied by the number of
attempts that a trial may have at one budget:

    T_max = (1 + sum of retries over all failure classes) * T    (2)

A platform that starts at most h attempts in an hour, possibly all at once, starts the last of n
attempts no earlier than after

    floor((n - 1) / h) hours    (3)

and the sweep lasts at least as long.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle, pairwise
from math import ceil

from sweepwright.contracts import Bracket, Rung

from ...plan.plan import Limits, Plan
from .tuner_simulation import Simulation


@dataclass(frozen=True, slots=True)
class Spending:
    """The largest total budget that the trials of a sweep may spend, in the sweep's unit."""

    with_checkpoints: float
    """Total budget if promoted trials continue from their checkpoints."""
    without_checkpoints: float
    """Total budget if promoted trials start over."""
    without_early_stopping: float
    """Total budget if the same number of trials each had the full budget, for comparison."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The largest cost that a sweep can have within its limits.

    None stands for a figure that is unlimited or unknown.
    """

    trials: int | None
    ended_by: str | None
    """The limit that determines the number of trials: ``max_trials`` or ``tuner``."""
    retry_factor: int
    """Number of attempts that a trial may have at one budget."""
    attempts: int | None
    """Number of launches. Attempts that are repeated after an interruption of the driver are not
    included."""
    budget: Spending | None
    """The largest total budget; None if it is unlimited, or if the tuner does not use budgets."""
    idle_share: float | None
    """Share of all slots' time in which a tuner with budgets has no trial to run."""
    attempt_seconds: float | None
    """Duration of an attempt at full budget."""
    attempt_bound: str | None
    """Source of `attempt_seconds`: the user's estimate ``trial_seconds``, or the limit
    ``trial_timeout``."""
    seconds: float | None
    """Duration of the sweep without retries."""
    max_seconds: float | None
    """Duration of the sweep if every permitted retry happens, but at most ``max_duration``."""
    launches_per_hour: float | None = None
    """Largest number of attempts that the platform starts in an hour; None without a limit."""
    launch_seconds: float | None = None
    """Time until the platform can have started every attempt, without retries (equation 3)."""


def worst_case(
    plan: Plan,
    trial_seconds: float | None = None,
    simulation: Simulation | None = None,
    launches_per_hour: float | None = None,
) -> Cost:
    """Estimate the worst-case cost of a plan.

    Parameters
    ----------
    trial_seconds
        The user's estimate of the duration of one trial at full budget.
    simulation
        Simulation of the sweep's tuner, which may be unfinished; None if the tuner does not use
        budgets.
    launches_per_hour
        Largest number of attempts that the platform starts in an hour; None without a limit.
    """
    limits, cap = plan.limits, plan.limits.max_duration
    brackets = _brackets(plan)
    trials, ended_by = plan.most_trials, _limit_reached(plan)
    rungs = _rungs(plan, brackets, trials)
    launches = None if rungs is None else sum(rung.trials for rung in rungs)
    # Only tuners with budgets are simulated. Other tuners spend no budget.
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
    launch_seconds = _launch_seconds(launches, launches_per_hour)
    if seconds is not None and launch_seconds is not None:
        seconds = max(seconds, launch_seconds)
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
        launches_per_hour=launches_per_hour,
        launch_seconds=launch_seconds,
        max_seconds=_least(None if seconds is None else retry_factor * seconds, cap),  # eq. 2
    )


def _full_budget(plan: Plan) -> float:
    """Return the full budget. In a sweep without budgets, a trial counts as one unit of work."""
    return plan.full_budget or 1.0


def _limit_reached(plan: Plan) -> str | None:
    if plan.most_trials is None:
        return None
    return "max_trials" if plan.most_trials == plan.limits.max_trials else "tuner"


def _brackets(plan: Plan) -> Sequence[Bracket]:
    """List the brackets that fit into the sweep, plus a bracket for the start assignments."""
    if not plan.brackets:
        return ()
    start = [Bracket((Rung(_full_budget(plan), len(plan.start)),))] if plan.start else []
    limit = plan.limits.max_trials
    room = None if limit is None else max(limit - len(plan.start), 0)
    return [*_cut(plan, room), *start]


def _cut(plan: Plan, room: int | None) -> Iterator[Bracket]:
    """Yield the tuner's brackets in rounds until `room` trials have begun.

    If the last bracket has more trials than may still begin, the sizes of all its rungs are
    reduced in the same proportion and rounded up.
    """
    a_round = sum(bracket.rungs[0].trials for bracket in plan.brackets)
    # A tuner such as `pbt` also begins trials above the first rung, so the total number of its
    # trials is not a multiple of the trials in a round. The number of rounds is then unknown.
    # Assume a single round.
    if room is None or (plan.ends_after and plan.ends_after % a_round):
        yield from plan.brackets
        return
    left = room if plan.ends_after is None else min(room, plan.ends_after)
    for bracket in cycle(plan.brackets):
        if left <= 0:
            return
        first = bracket.rungs[0].trials
        # In floats, a rung of 25 trials cut by 7/25 would have 8 trials instead of 7.
        share = Fraction(min(left, first), first)
        yield Bracket(tuple(Rung(r.budget, ceil(r.trials * share)) for r in bracket.rungs))
        left -= first


def _rungs(plan: Plan, brackets: Sequence[Bracket], trials: int | None) -> list[Rung] | None:
    """List all rungs; without brackets, one full-budget rung. None if trials are unlimited."""
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
    """Sum the budget that the trials of a bracket spend if they continue from checkpoints."""
    steps = pairwise([Rung(0.0, 0), *bracket.rungs])
    return sum(rung.trials * (rung.budget - below.budget) for below, rung in steps)


def _attempt_seconds(limits: Limits, estimate: float | None) -> tuple[float | None, str | None]:
    seconds = _least(estimate, limits.trial_timeout)
    if seconds is None:
        return None, None
    return seconds, "trial_seconds" if seconds == estimate else "trial_timeout"


def _waves(plan: Plan, rungs: Sequence[Rung], simulation: Simulation | None) -> float:
    """Return the duration of the sweep, in units of an attempt at full budget.

    Equation 1 ignores the time in which a tuner waits for results, but the simulation includes
    this time. The larger of the two durations is returned.
    """
    full, slots = _full_budget(plan), plan.limits.concurrency
    # Equation 1, divided by t.
    waves = sum(ceil(rung.trials / slots) * rung.budget / full for rung in rungs)
    return max(waves, simulation.makespan / full) if simulation else waves


def _launch_seconds(launches: int | None, per_hour: float | None) -> float | None:
    if not launches or not per_hour:
        return None
    return (launches - 1) // per_hour * 3600.0  # equation 3


def _least(*numbers: float | None) -> float | None:
    return min((number for number in numbers if number is not None), default=None)
