"""The tuner ``asha``: asynchronous successive halving (Li et al. 2020, Algorithm 2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweepwright.contracts import Bracket, Finding, Problem, Rung, Tuner, TunerProvider
from sweepwright.hooks import hookimpl

from .halving.asynchronous import AsynchronousTuner
from .halving.schedule import ascending, check_early_stopping_rate, check_eta


@dataclass(frozen=True, slots=True)
class AshaOptions:
    """Options of ``tuner=asha``."""

    eta: int = 3
    """Reduction factor, 2 or more: a trial is promoted if it is among the best 1/`eta` of its rung
    so far."""
    early_stopping_rate: int = 0
    """Number of rungs to omit, counted from the lowest rung."""
    sampler: str = "random"
    """Name of the tuner that chooses the assignments. It must be a tuner that uses no budget."""
    sampler_options: dict[str, Any] = field(default_factory=dict)
    """Options of the tuner that `sampler` names."""


def build(options: AshaOptions, problem: Problem, sampler: Tuner) -> AsynchronousTuner:
    """Build the tuner."""
    return AsynchronousTuner(_budgets(options, problem), options.eta, problem, sampler)


def schedule(options: AshaOptions, problem: Problem) -> Sequence[Bracket]:
    """List the only bracket, with the expected number of trials on each rung.

    Without `max_trials`, the first rung has the smallest number of trials that guarantees a trial
    on the last rung.
    """
    budgets = _budgets(options, problem)
    trials = problem.max_trials or options.eta ** (len(budgets) - 1)
    # Each rung promotes one in eta of its trials, so n / eta**k of n trials reach rung k.
    counts = (trials // options.eta**place for place in range(len(budgets)))
    return (Bracket(tuple(map(Rung, budgets, counts))),)


def check(options: AshaOptions, problem: Problem) -> Iterator[Finding]:
    """Report a reduction factor that is out of range, and a bracket without rungs."""
    yield from check_eta(options.eta)
    yield from check_early_stopping_rate(options.early_stopping_rate, options.eta, problem)


def _budgets(options: AshaOptions, problem: Problem) -> tuple[float, ...]:
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
            "asynchronous successive halving: no trial waits for its rung",
            uses_budget=True,
            has_sampler=True,
            brackets=schedule,
            check=check,
        )
    ]
