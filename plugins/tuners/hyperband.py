"""The tuner ``hyperband``: brackets of successive halving that begin at different budgets.

Li et al., "Hyperband", JMLR 18, 2018, Algorithm 1. The module `halving.schedule` has the
equations.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweepwright.contracts import Bracket, Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl

from .halving.schedule import check_eta, check_rounds, hyperband
from .halving.synchronous import SynchronousTuner


@dataclass(frozen=True, slots=True)
class HyperbandOptions:
    """Options of ``tuner=hyperband``."""

    # Li et al. recommend 3 or 4. Their bounds are best for eta = e, about 2.7.
    eta: int = 3
    """Reduction factor, 2 or more: one in `eta` trials of a rung is promoted to the next rung."""
    rounds: int | None = 1
    """Number of rounds, each of which runs every bracket once; null for rounds without end."""
    parallel: bool = True
    """Whether the next bracket begins as soon as a slot is free. If false, it begins after the
    current bracket ends."""
    sampler: str = "random"
    """Name of the tuner that chooses the assignments. It must be a tuner that uses no budget."""
    sampler_options: dict[str, Any] = field(default_factory=dict)
    """Options of the tuner that `sampler` names."""


def build(options: HyperbandOptions, problem: Problem, sampler: Tuner) -> SynchronousTuner:
    """Build the tuner."""
    brackets = schedule(options, problem)

    def plan(number: int) -> Bracket | None:
        turn, place = divmod(number, len(brackets))
        # For rounds without end, `options.rounds` is None, which no number equals.
        return None if turn == options.rounds else brackets[place]

    return SynchronousTuner(plan, options.eta, problem, sampler, parallel=options.parallel)


def schedule(options: HyperbandOptions, problem: Problem) -> Sequence[Bracket]:
    """List the brackets of one round."""
    assert problem.budget, "a sweep without a budget does not compile"
    return hyperband(problem.budget, options.eta)


def check(options: HyperbandOptions, _problem: Problem) -> Iterator[Finding]:
    """Report a reduction factor or a number of rounds that is out of range."""
    yield from check_eta(options.eta)
    yield from check_rounds(options.rounds)


def ends_after(options: HyperbandOptions, problem: Problem) -> int | None:
    """Count the trials of all rounds, or return None if there is no last round."""
    if options.rounds is None:
        return None
    return options.rounds * sum(b.rungs[0].trials for b in schedule(options, problem))


@hookimpl
def sweep_tuners() -> list[TunerProvider[HyperbandOptions]]:
    """Offer ``tuner=hyperband``."""
    return [
        TunerProvider(
            "hyperband",
            HyperbandOptions,
            build,
            "many trials at small budgets, the best of them at larger ones",
            uses_budget=True,
            has_sampler=True,
            brackets=schedule,
            ends_after=ends_after,
            check=check,
        )
    ]
