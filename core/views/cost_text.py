"""The cost of a sweep in words."""

from collections.abc import Iterator, Sequence

from sweepwright.contracts import Bracket, Budget

from ..driver.cost_estimate import Cost, Spending
from ..plan.plan import Plan
from .formatting import format_duration, plural


def rung_rows(plan: Plan, brackets: Sequence[Bracket]) -> Iterator[tuple[str, ...]]:
    """List the rungs of each bracket, below a head."""
    if brackets:
        yield "bracket", plan.budget.unit if plan.budget else "budget", "trials", "spent", "anew"
    for number, bracket in enumerate(brackets):
        below = 0.0
        for place, rung in enumerate(bracket.rungs):
            yield (
                "" if place else str(number),
                f"{rung.budget:g}",
                f"{rung.trials:,}",
                f"{rung.trials * (rung.budget - below):,g}",
                f"{rung.trials * rung.budget:,g}",
            )
            below = rung.budget


def cost_rows(plan: Plan, cost: Cost, *, rungs: bool = False) -> Iterator[tuple[str, str]]:
    """Say what a sweep may cost, from trials to time; with rungs trials are promoted."""
    yield "trials", _trials(cost)
    if cost.attempts is not None and cost.attempts != cost.trials:
        promoted = ["promotions included"] if rungs else []
        yield "attempts", ", ".join([f"{cost.attempts:,}", *promoted, *_retries(plan)])
    if plan.budget and cost.budget:
        yield "budget", _budget(plan.budget, cost.budget, cost)
    if cost.idle is not None:
        slots = plural(plan.limits.concurrency, "slot")
        yield "idle", f"{cost.idle * 100:.2g} % of the time of {slots}, were all trials alike"
    if time := "; ".join(_time(plan, cost, rungs=rungs)):
        yield "time", time


def _trials(cost: Cost) -> str:
    if cost.trials is None:
        return "no end"
    if cost.ended_by == "tuner":
        return f"{cost.trials:,}, all that the tuner means to try"
    return f"{cost.trials:,}, by max_trials"


def _retries(plan: Plan) -> Iterator[str]:
    counts = plan.limits.retries.items()
    if said := [f"{kind.value} {count}" for kind, count in counts if count]:
        yield f"with every retry ({', '.join(said)})"


def _budget(budget: Budget, spending: Spending, cost: Cost) -> str:
    each = f"{plural(cost.trials or 0, 'trial')} of {budget.maximum:g}"
    if spending.afresh == spending.resumed == spending.full:
        return f"{spending.full:,g} {budget.unit}: {each}"
    return (
        f"{spending.afresh:,g} {budget.unit}, {spending.resumed:,g} where trials go on from"
        f" checkpoints; {each} come to {spending.full:,g}"
    )


def _time(plan: Plan, cost: Cost, *, rungs: bool) -> Iterator[str]:
    cap = plan.limits.max_duration
    if cost.seconds is None:
        yield from _unknown_time(plan, cost)
        return
    longest = cost.tries * cost.seconds
    yield f"{format_duration(cost.seconds)}: {_product(plan, cost, rungs=rungs)}"
    if cost.tries > 1:
        yield f"{format_duration(longest)} with every retry"
    if cap is not None and cap < longest:
        yield f"max_duration ends it after {format_duration(cap)}"


def _unknown_time(plan: Plan, cost: Cost) -> Iterator[str]:
    cap = plan.limits.max_duration
    if cap is not None:
        yield f"{format_duration(cap)} by max_duration"
        yield "what runs then may go on to its end"
    elif cost.trials is not None:
        yield "unknown"
        yield "for an estimate give trial_seconds=N"


def _product(plan: Plan, cost: Cost, *, rungs: bool) -> str:
    """Say what a time is the product of."""
    each = f"{format_duration(cost.attempt_seconds or 0)}"
    if cost.attempt_bound == "trial_timeout":
        each = f"up to {each} by trial_timeout"
    if rungs and plan.budget:
        each = f"{each} for {plan.budget.maximum:g} {plan.budget.unit}"
    else:
        each = f"{plural(cost.trials or 0, 'trial')} of {each}"
    return f"{each}, {plan.limits.concurrency} at once"
