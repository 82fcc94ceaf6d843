"""The tuner ``bohb``: Hyperband, whose trials are chosen by a model of the largest budget."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweepwright.contracts import Bracket, Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl

from . import hyperband
from .halving.checks import check_eta, check_rounds
from .hyperband import HyperbandOptions


@dataclass(frozen=True, slots=True)
class BohbOptions:
    """Options of ``tuner=bohb``."""

    eta: int = 3
    """Reduction factor: one in so many trials of a rung goes on to the next."""
    rounds: int | None = 1
    """How often all brackets are gone through; null for no end."""
    parallel: bool = True
    """Whether a bracket begins as soon as there are slots to spare, and not after the last."""
    random_fraction: float = 1 / 3
    """Share of the assignments that are drawn from the prior whatever the model says."""
    points: int | None = None
    """Results at a budget before it has a model; 3 more than the space has parameters."""
    gamma: float = 0.15
    """Share of the results at a budget that count as good."""
    candidates: int = 64
    """Draws from the model of the good, of which the most promising is tried."""


def build(options: BohbOptions, problem: Problem) -> Tuner:
    """Build the tuner."""
    # Only here, for scipy takes longer to import than all the rest.
    from .parzen.build import build_budgeted  # noqa: PLC0415 - see above

    sampler = build_budgeted(
        problem,
        least=options.points or len(problem.space) + 3,
        random_fraction=options.random_fraction,
        candidates=options.candidates,
        gamma=options.gamma,
    )
    return hyperband.build(_ladders(options), problem, sampler)


def schedule(options: BohbOptions, problem: Problem) -> Sequence[Bracket]:
    """List the brackets of one round, which are Hyperband's."""
    return hyperband.schedule(_ladders(options), problem)


def check(options: BohbOptions, _problem: Problem) -> Iterator[Finding]:
    """Find numbers that are out of bounds."""
    yield from check_eta(options.eta)
    yield from check_rounds(options.rounds)
    if not 0 <= options.random_fraction <= 1:
        message = f"`random_fraction` is {options.random_fraction:g}, not from 0 to 1"
        yield Finding(("random_fraction",), message, "give 0 to trust the model alone")
    if not 0 < options.gamma <= 1:
        message = f"`gamma` is {options.gamma:g}, not above 0 and at most 1"
        yield Finding(("gamma",), message, "give a small share, such as 0.15")
    for name in ("points", "candidates"):
        count = getattr(options, name)
        if count is not None and count < 1:
            yield Finding((name,), f"`{name}` is {count}, below 1", "give 1 or more")


def ends_after(options: BohbOptions, problem: Problem) -> int | None:
    """Count the trials of all rounds."""
    return hyperband.ends_after(_ladders(options), problem)


def _ladders(options: BohbOptions) -> HyperbandOptions:
    return HyperbandOptions(options.eta, options.rounds, options.parallel)


@hookimpl
def sweep_tuners() -> list[TunerProvider[BohbOptions]]:
    """Offer ``tuner=bohb``."""
    return [
        TunerProvider(
            "bohb",
            BohbOptions,
            build,
            "hyperband with a model of what was good on the largest budget",
            uses_budget=True,
            brackets=schedule,
            ends_after=ends_after,
            check=check,
        )
    ]
