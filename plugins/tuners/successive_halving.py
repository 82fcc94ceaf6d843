"""The tuner ``successive_halving``: many trials on a small budget, the best of them on more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sweepwright.contracts import Bracket, Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl

from .halving.checks import check_early_stopping_rate, check_eta, check_rounds
from .halving.schedule import ascending, halving
from .halving.tuner import HalvingTuner


@dataclass(frozen=True, slots=True)
class SuccessiveHalvingOptions:
    """Options of ``tuner=successive_halving``."""

    eta: int = 3
    """Reduction factor: one in so many trials of a rung goes on to the next."""
    trials: int | None = None
    """Trials of the first rung; `max_trials`, or as few as it takes that one gets to the last."""
    early_stopping_rate: int = 0
    """How many of the lowest rungs are left out."""
    rounds: int | None = 1
    """How many such brackets there are; null for no end."""
    sampler: str = "random"
    """The tuner that chooses the assignments."""
    sampler_options: dict[str, Any] = field(default_factory=dict)
    """Its options."""


def build(options: SuccessiveHalvingOptions, problem: Problem, sampler: Tuner) -> HalvingTuner:
    """Build the tuner."""
    (bracket,) = schedule(options, problem)

    def plan(number: int) -> Bracket | None:
        return None if number == options.rounds else bracket

    return HalvingTuner(plan, options.eta, problem, sampler, parallel=True)


def schedule(options: SuccessiveHalvingOptions, problem: Problem) -> Sequence[Bracket]:
    """List the one bracket."""
    assert problem.budget, "a sweep without a budget does not compile"
    trials = settle(options, problem).trials
    assert trials, "settled options have a number"
    return (halving(problem.budget, options.eta, options.early_stopping_rate, trials),)


def settle(options: SuccessiveHalvingOptions, problem: Problem) -> SuccessiveHalvingOptions:
    """Settle how many trials begin, so that it stays when a resume has more of them."""
    if options.trials is not None:
        return options
    own = problem.max_trials and problem.max_trials - len(problem.start)
    least = _least(options, problem)
    return replace(options, trials=least if own is None else max(own, 1))


def check(options: SuccessiveHalvingOptions, problem: Problem) -> Iterator[Finding]:
    """Find numbers out of bounds, and trials so few that those of a rung are not compared."""
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
        least = _least(options, problem)
        if trials < least:
            message = f"of {trials} trials none is left for the last rung: it takes {least}"
            way_out = f"give `trials={least}` or more, or raise `budget.minimum`"
            yield Finding(("trials",), message, way_out)


def ends_after(options: SuccessiveHalvingOptions, problem: Problem) -> int | None:
    """Count the trials of all rounds."""
    trials = settle(options, problem).trials
    return None if options.rounds is None else options.rounds * (trials or 0)


def _least(options: SuccessiveHalvingOptions, problem: Problem) -> int:
    """Count the trials of which one gets to the last rung."""
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
            "many trials on a small budget, the best of them on more",
            uses_budget=True,
            has_sampler=True,
            brackets=schedule,
            ends_after=ends_after,
            check=check,
            finalize_options=settle,
        )
    ]
