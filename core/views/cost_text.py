"""The cost estimate of a plan as text: the rungs of its brackets, and the cost of the sweep."""

from collections.abc import Iterator

from sweepwright.contracts import Budget
from sweepwright.diagnostics import plural

from ..driver.preview.cost_estimate import Cost, Spending
from ..plan.plan import Plan
from .formatting import format_duration


def rung_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield a header and one row per rung of each bracket; nothing if there are no brackets."""
    if plan.brackets:
        unit = plan.budget.unit if plan.budget else "budget"
        yield "bracket", unit, "trials", "with checkpoints", "without"
    for number, bracket in enumerate(plan.brackets):
        below = 0.0
        for index, rung in enumerate(bracket.rungs):
            yield (
                "" if index else str(number),
                f"{rung.budget:g}",
                f"{rung.trials:,}",
                f"{rung.trials * (rung.budget - below):,g}",
                f"{rung.trials * rung.budget:,g}",
            )
            below = rung.budget


def cost_rows(plan: Plan, cost: Cost) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each figure of a cost estimate, from trials to time."""
    yield "trials", _trials(cost)
    if cost.attempts is not None and cost.attempts != cost.trials:
        yield "attempts", f"{cost.attempts:,}{_attempts_include(plan)}"
    if plan.budget and cost.budget:
        yield "budget", _budget(plan.budget, cost.budget, cost)
    if cost.idle_share is not None:
        share = f"{cost.idle_share * 100:.2g} %"
        yield "idle time", f"{share} expected (if all trials take equally long)"
    if cost.launches_per_hour is not None:
        yield "submissions", _submissions(plan, cost)
    if time := "; ".join(_time(plan, cost)):
        yield "time", time


def _trials(cost: Cost) -> str:
    if cost.trials is None:
        return "unlimited"
    limit = "the tuner suggests no more" if cost.ended_by == "tuner" else "limited by max_trials"
    return f"{cost.trials:,}, {limit}"


def _attempts_include(plan: Plan) -> str:
    promotions = ["promotions"] if plan.brackets else []
    counts = [f"{kind.value} {count}" for kind, count in plan.limits.retries.items() if count]
    retries = [f"every retry ({', '.join(counts)})"] if counts else []
    included = " and ".join([*promotions, *retries])
    return f", including {included}" if included else ""


def _budget(budget: Budget, spending: Spending, cost: Cost) -> str:
    resumed, restarted = spending.with_checkpoints, spending.without_checkpoints
    full = spending.without_early_stopping
    if resumed == restarted == full:
        trials = plural(cost.trials or 0, "trial")
        return f"{full:,g} {budget.unit}: {trials} of {budget.maximum:g}"
    return (
        f"{resumed:,g} {budget.unit} with checkpoints, {restarted:,g} without;"
        f" {full:,g} without early stopping"
    )


def _submissions(plan: Plan, cost: Cost) -> str:
    limit = f"at most {cost.launches_per_hour:g} an hour ({plan.platform.name})"
    if cost.launch_seconds is None:
        return limit
    if cost.launch_seconds == 0:
        return f"{limit}: enough for all attempts at once"
    return f"{limit}: the last attempt starts after {format_duration(cost.launch_seconds)} or more"


def _time(plan: Plan, cost: Cost) -> Iterator[str]:
    limit = plan.limits.max_duration
    if cost.seconds is None:
        yield from _unknown_time(plan, cost)
        return
    longest = cost.retry_factor * cost.seconds
    yield f"{format_duration(cost.seconds)}: {_factors(plan, cost)}"
    if cost.retry_factor > 1:
        yield f"{format_duration(longest)} with every retry"
    if limit is not None and limit < longest:
        yield f"max_duration ends the sweep after {format_duration(limit)}"


def _unknown_time(plan: Plan, cost: Cost) -> Iterator[str]:
    limit = plan.limits.max_duration
    if limit is not None:
        yield f"{format_duration(limit)}, limited by max_duration"
        yield "trials that are running then may finish"
    elif cost.trials is not None:
        yield "unknown"
        yield "give trial_seconds=N for an estimate"


def _factors(plan: Plan, cost: Cost) -> str:
    """Describe the factors of a duration: the time per trial, and the number of slots."""
    each = format_duration(cost.attempt_seconds or 0)
    if cost.attempt_bound == "trial_timeout":
        each = f"up to {each} (trial_timeout)"
    if plan.brackets and plan.budget:
        each = f"{each} for {plan.budget.maximum:g} {plan.budget.unit}"
    else:
        each = f"{plural(cost.trials or 0, 'trial')} of {each}"
    return f"{each}, {plan.limits.concurrency} at once"
