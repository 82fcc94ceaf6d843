"""The tuner ``asha``: asynchronous successive halving, in which nobody waits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweepwright.contracts import Bracket, Finding, Problem, Rung, Tuner, TunerProvider
from sweepwright.hooks import hookimpl

from .halving.asynchronous import AsynchronousTuner
from .halving.checks import check_early_stopping_rate, check_eta
from .halving.schedule import ascending


@dataclass(frozen=True, slots=True)
class AshaOptions:
    """Options of ``tuner=asha``."""

    eta: int = 3
    """Reduction factor: whatever is among the best one in so many of its rung goes on."""
    early_stopping_rate: int = 0
    """How many of the lowest rungs are left out."""
    sampler: str = "random"
    """The tuner that chooses the assignments."""
    sampler_options: dict[str, Any] = field(default_factory=dict)
    """Its options."""


def build(options: AshaOptions, problem: Problem, sampler: Tuner) -> AsynchronousTuner:
    """Build the tuner."""
    return AsynchronousTuner(_ladder(options, problem), options.eta, problem, sampler)


def schedule(options: AshaOptions, problem: Problem) -> Sequence[Bracket]:
    """List the one ladder, with as many trials a rung as `max_trials` comes to.

    Without an end it is shown for as few trials as it takes that one gets to the last rung.
    """
    budgets = _ladder(options, problem)
    trials = problem.max_trials or options.eta ** (len(budgets) - 1)
    counts = (trials // options.eta**place for place in range(len(budgets)))
    return (Bracket(tuple(map(Rung, budgets, counts))),)


def check(options: AshaOptions, problem: Problem) -> Iterator[Finding]:
    """Find a factor that reduces nothing, and a ladder without rungs."""
    yield from check_eta(options.eta)
    yield from check_early_stopping_rate(options.early_stopping_rate, options.eta, problem)


def _ladder(options: AshaOptions, problem: Problem) -> tuple[float, ...]:
    assert problem.budget, "a sweep without a budget does not compile"
    return ascending(problem.budget, options.eta)[options.early_stopping_rate :]


@hookimpl
def sweep_tuners() -> list[TunerProvider[AshaOptions]]:
    """Offer ``tuner=asha``."""
    return [
        TunerProvider(
            "asha",
            AshaOptions,
            build,
            "successive halving in which nobody waits",
            uses_budget=True,
            has_sampler=True,
            brackets=schedule,
            check=check,
        )
    ]
