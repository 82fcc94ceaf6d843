"""The cost of a sweep at worst: trials, attempts, budget and time, as far as limits tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle, pairwise
from math import ceil

from sweepwright.contracts import Bracket, Budget, Rung

from ..plan.plan import Limits, Plan
from .tuner_simulation import DryRun


@dataclass(frozen=True, slots=True)
class TunerForecast:
    """What a tuner knows of its sweep beforehand, and a person guesses."""

    uses_budget: bool = False
    brackets: tuple[Bracket, ...] = ()
    """What a tuner with budgets means to do, in the order it begins."""
    ends_after: int | None = None
    """How many trials the tuner has in it; None without end."""
    trial_seconds: float | None = None
    """What one trial takes at full budget, as a person estimates."""
    dry_run: DryRun | None = None
    """How a tuner with budgets goes on, were all trials alike."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What all trials together may spend, in units of the sweep's budget."""

    afresh: float
    """When a promoted trial begins again from nothing."""
    resumed: float
    """When it goes on from its checkpoint."""
    full: float
    """When as many trials had the largest budget each."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a sweep comes to when everything is as bad as its limits allow; None for no end."""

    trials: int | None
    ended_by: str | None
    """Which sets the number of trials: ``max_trials`` or the ``tuner``."""
    tries: int
    """Attempts that one trial may have at one budget."""
    attempts: int | None
    """All launches, apart from those that an interruption cuts off."""
    budget: Spending | None
    """None for a tuner that uses no budget, too."""
    idle: float | None
    """Share of all slots' time in which a tuner with budgets has nothing to run."""
    attempt_seconds: float | None
    """What an attempt at full budget takes; None where nobody said."""
    attempt_bound: str | None
    """Who said so: ``trial_seconds``, the estimate, or ``trial_timeout``."""
    seconds: float | None
    """What the sweep takes when no trial is tried again."""
    most_seconds: float | None
    """What it takes with every retry, or until ``max_duration`` is over."""


def worst_case(plan: Plan, known: TunerForecast) -> Cost:
    """Work out what a plan may cost.

    How many trials a tuner with budgets begins and promotes is told by its dry run, if that
    came to an end, and by its brackets otherwise.
    """
    limits = plan.limits
    brackets = _brackets(plan, known)
    played = known.dry_run if known.dry_run and known.dry_run.ended else None
    trials, ended_by = _last_trial(plan, known)
    rungs = _rungs(plan, brackets, trials)
    launches = None if rungs is None else sum(rung.trials for rung in rungs)
    budget = _spending(plan.budget, brackets, trials) if known.uses_budget else None
    if played:
        trials, launches = played.trials, played.trials + played.promotions
        ended_by = "max_trials" if trials == limits.max_trials else "tuner"
        budget = Spending(played.afresh, played.resumed, trials * _full(plan))
    each, bound = _attempt(limits, known.trial_seconds)
    tries = 1 + sum(limits.retries.values())
    seconds = None if each is None or rungs is None else each * _span(plan, rungs, played)
    return Cost(
        trials=trials,
        ended_by=ended_by,
        tries=tries,
        attempts=None if launches is None else tries * launches,
        budget=budget,
        idle=played.idle if played else None,
        attempt_seconds=each,
        attempt_bound=bound,
        seconds=seconds,
        # A trial that is tried again keeps its slot, so that its attempts follow one another.
        most_seconds=_least(None if seconds is None else tries * seconds, limits.max_duration),
    )


def _brackets(plan: Plan, known: TunerForecast) -> Sequence[Bracket]:
    """List what the sweep has room for, and what is tried before it with the whole budget."""
    if not known.brackets:
        return ()
    given = [Bracket((Rung(_full(plan), len(plan.start)),))] if plan.start else []
    most = plan.limits.max_trials
    room = None if most is None else max(most - len(plan.start), 0)
    return [*_clipped(known, room), *given]


def _clipped(known: TunerForecast, room: int | None) -> Iterator[Bracket]:
    """Go through the brackets, over and over where the tuner does, until there is no room."""
    each = sum(bracket.rungs[0].trials for bracket in known.brackets)
    if room is None or (known.ends_after and known.ends_after % each):
        yield from known.brackets
        return
    left = room if known.ends_after is None else min(room, known.ends_after)
    for bracket in cycle(known.brackets):
        if left <= 0:
            return
        first = bracket.rungs[0].trials
        share = Fraction(min(left, first), first)
        yield Bracket(tuple(Rung(r.budget, ceil(r.trials * share)) for r in bracket.rungs))
        left -= first


def _full(plan: Plan) -> float:
    return plan.budget.maximum if plan.budget else 1.0


def _last_trial(plan: Plan, known: TunerForecast) -> tuple[int | None, str | None]:
    own = None if known.ends_after is None else known.ends_after + len(plan.start)
    ends = {"max_trials": plan.limits.max_trials, "tuner": own}
    counts = {name: count for name, count in ends.items() if count is not None}
    first = min(counts, key=counts.__getitem__, default=None)
    return (None, None) if first is None else (counts[first], first)


def _attempt(limits: Limits, estimate: float | None) -> tuple[float | None, str | None]:
    """Say how long an attempt takes; without an estimate, how long it may."""
    seconds = _least(estimate, limits.trial_timeout)
    if seconds is None:
        return None, None
    return seconds, "trial_seconds" if seconds == estimate else "trial_timeout"


def _rungs(plan: Plan, brackets: Sequence[Bracket], trials: int | None) -> list[Rung] | None:
    """List what is launched at which budget; one rung of the largest where nobody plans more."""
    if trials is None:
        return None
    planned = [rung for bracket in brackets for rung in bracket.rungs]
    return planned or [Rung(_full(plan), trials)]


def _span(plan: Plan, rungs: Sequence[Rung], played: DryRun | None) -> float:
    """Count how often all slots are filled one after the other, in attempts at full budget."""
    full = _full(plan)
    waves = sum(ceil(rung.trials / plan.limits.concurrency) * rung.budget / full for rung in rungs)
    return max(waves, played.span / full) if played else waves


def _spending(
    budget: Budget | None, brackets: Sequence[Bracket], trials: int | None
) -> Spending | None:
    if budget is None or trials is None:
        return None
    full = trials * budget.maximum
    if not brackets:
        return Spending(full, full, full)
    return Spending(
        sum(rung.trials * rung.budget for bracket in brackets for rung in bracket.rungs),
        sum(map(_climb, brackets)),
        full,
    )


def _climb(bracket: Bracket) -> float:
    """Add up what each rung costs beyond the one below."""
    steps = pairwise([Rung(0.0, 0), *bracket.rungs])
    return sum(rung.trials * (rung.budget - below.budget) for below, rung in steps)


def _least(*numbers: float | None) -> float | None:
    return min((number for number in numbers if number is not None), default=None)
