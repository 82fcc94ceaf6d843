"""The tuner ``successive_halving``: many trials at a small budget, and the best at larger budgets.

Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization",
AISTATS 2016.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sweepwright.contracts import Bracket, Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl

from .halving.schedule import (
    ascending,
    check_early_stopping_rate,
    check_eta,
    check_rounds,
    halving,
)
from .halving.synchronous import SynchronousTuner


@dataclass(frozen=True, slots=True)
class SuccessiveHalvingOptions:
    """Options of ``tuner=successive_halving``."""

    eta: int = 3
    """Reduction factor, 2 or more: one in `eta` trials of a rung is promoted to the next rung."""
    trials: int | None = None
    """Number of trials on the first rung. Null stands for `max_trials`. If `max_trials` is also
    null, it stands for the smallest number that brings a trial to the last rung."""
    early_stopping_rate: int = 0
    """Number of rungs to omit, counted from the lowest rung."""
    rounds: int | None = 1
    """Number of brackets to run; null for brackets without end."""
    sampler: str = "random"
    """Name of the tuner that chooses the assignments. It must be a tuner that uses no budget."""
    sampler_options: dict[str, Any] = field(default_factory=dict)
    """Options of the tuner that `sampler` names."""


def build(options: SuccessiveHalvingOptions, problem: Problem, sampler: Tuner) -> SynchronousTuner:
    """Build the tuner."""
    (bracket,) = schedule(options, problem)

    def plan(number: int) -> Bracket | None:
        # For brackets without end, `options.rounds` is None, which no number equals.
        return None if number == options.rounds else bracket

    return SynchronousTuner(plan, options.eta, problem, sampler, parallel=True)


def schedule(options: SuccessiveHalvingOptions, problem: Problem) -> Sequence[Bracket]:
    """List the only bracket, which every round repeats."""
    assert problem.budget, "a sweep without a budget does not compile"
    trials = finalize_options(options, problem).trials
    assert trials, "settled options have a number"
    return (halving(problem.budget, options.eta, options.early_stopping_rate, trials),)


def finalize_options(
    options: SuccessiveHalvingOptions, problem: Problem
) -> SuccessiveHalvingOptions:
    """Fix the number of trials, because a resume with more trials must not change the bracket."""
    if options.trials is not None:
        return options
    # The start assignments count towards `max_trials`, but are not part of the bracket.
    own = problem.max_trials and problem.max_trials - len(problem.start)
    min_trials = _min_trials(options, problem)
    return replace(options, trials=min_trials if own is None else max(own, 1))


def check(options: SuccessiveHalvingOptions, problem: Problem) -> Iterator[Finding]:
    """Report options that are out of range, and too few trials to reach the last rung."""
    faults = [
        *check_eta(options.eta),
        *check_rounds(options.rounds),
        *check_early_stopping_rate(options.early_stopping_rate, options.eta, problem),
    ]
    yield from faults
    trials = options.trials
    if trials is not None and trials < 1:
        yield Finding(("trials",), f"`trials` is {trials}, below 1", "give 1 or more, or null")
    elif trials is not None and not faults:
        min_trials = _min_trials(options, problem)
        if trials < min_trials:
            message = f"`trials` is {trials}, but it takes {min_trials} to reach the last rung"
            way_out = f"give `trials={min_trials}` or more, or raise `budget.minimum`"
            yield Finding(("trials",), message, way_out)


def ends_after(options: SuccessiveHalvingOptions, problem: Problem) -> int | None:
    """Count the trials of all brackets, or return None if there is no last bracket."""
    trials = finalize_options(options, problem).trials
    return None if options.rounds is None else options.rounds * (trials or 0)


def _min_trials(options: SuccessiveHalvingOptions, problem: Problem) -> int:
    """Return the smallest number of trials that brings one trial to the last rung."""
    assert problem.budget, "a sweep without a budget does not compile"
    steps = len(ascending(problem.budget, options.eta)) - 1 - options.early_stopping_rate
    return int(options.eta**steps)


@hookimpl
def sweep_tuners() -> list[TunerProvider[SuccessiveHalvingOptions]]:
    """Offer ``tuner=successive_halving``."""
    return [
        TunerProvider(
            "successive_halving",
            SuccessiveHalvingOptions,
            build,
            "many trials at a small budget, the best of them at larger ones",
            uses_budget=True,
            has_sampler=True,
            brackets=schedule,
            ends_after=ends_after,
            check=check,
            finalize_options=finalize_options,
        )
    ]
