"""The tuner ``hyperband``: successive halving from several smallest budgets, one after another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweepwright.contracts import Bracket, Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl

from .halving.checks import check_eta, check_rounds
from .halving.schedule import hyperband
from .halving.tuner import HalvingTuner


@dataclass(frozen=True, slots=True)
class HyperbandOptions:
    """Options of ``tuner=hyperband``."""

    eta: int = 3
    """Reduction factor: one in so many trials of a rung goes on to the next."""
    rounds: int | None = 1
    """How often all brackets are gone through; null for no end."""
    parallel: bool = True
    """Whether a bracket begins as soon as there are slots to spare, and not after the last."""
    sampler: str = "random"
    """The tuner that chooses the assignments."""
    sampler_options: dict[str, Any] = field(default_factory=dict)
    """Its options."""


def build(options: HyperbandOptions, problem: Problem, sampler: Tuner) -> HalvingTuner:
    """Build the tuner."""
    brackets = schedule(options, problem)

    def plan(number: int) -> Bracket | None:
        turn, place = divmod(number, len(brackets))
        return None if turn == options.rounds else brackets[place]

    return HalvingTuner(plan, options.eta, problem, sampler, parallel=options.parallel)


def schedule(options: HyperbandOptions, problem: Problem) -> Sequence[Bracket]:
    """List the brackets of one round."""
    assert problem.budget, "a sweep without a budget does not compile"
    return hyperband(problem.budget, options.eta)


def check(options: HyperbandOptions, _problem: Problem) -> Iterator[Finding]:
    """Find a factor that reduces nothing, and a number of rounds that is none."""
    yield from check_eta(options.eta)
    yield from check_rounds(options.rounds)


def ends_after(options: HyperbandOptions, problem: Problem) -> int | None:
    """Count the trials of all rounds."""
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
            "many trials on small budgets, the best of them on larger ones",
            uses_budget=True,
            has_sampler=True,
            brackets=schedule,
            ends_after=ends_after,
            check=check,
        )
    ]
