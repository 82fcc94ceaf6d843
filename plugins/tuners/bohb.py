"""The tuner ``bohb``: Hyperband whose assignments are chosen by a model (Falkner et al. 2018)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweepwright.contracts import Bracket, Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl

from . import hyperband
from .halving.schedule import check_eta, check_rounds
from .hyperband import HyperbandOptions


@dataclass(frozen=True, slots=True)
class BohbOptions:
    """Options of ``tuner=bohb``."""

    # The defaults 1/3, 15 % and 64 are those of the authors' implementation, HpBandSter. The
    # module `parzen.fidelity` explains the number of results.
    eta: int = 3
    """Reduction factor, 2 or more: one in `eta` trials of a rung is promoted to the next rung."""
    rounds: int | None = 1
    """Number of rounds, each of which runs every bracket once; null for rounds without end."""
    parallel: bool = True
    """Whether the next bracket begins as soon as a slot is free. If false, it begins after the
    current bracket ends."""
    random_fraction: float = 1 / 3
    """Share of the assignments that are drawn from the prior instead of the model, from 0 to 1."""
    points: int | None = None
    """Number of results that a budget needs before its model is used; null for the number of
    parameters plus 3."""
    gamma: float = 0.15
    """Share of the results at a budget that count as good, above 0 and at most 1."""
    candidates: int = 64
    """Number of draws from the density of the good trials, 1 or more. The most promising draw is
    suggested."""


def build(options: BohbOptions, problem: Problem) -> Tuner:
    """Build the tuner."""
    # Imported here because scipy takes longer to import than everything else together.
    from .parzen.build import build_budgeted  # noqa: PLC0415 - see above

    sampler = build_budgeted(
        problem,
        min_results=options.points or len(problem.space) + 3,
        random_fraction=options.random_fraction,
        candidates=options.candidates,
        gamma=options.gamma,
    )
    return hyperband.build(_hyperband_options(options), problem, sampler)


def schedule(options: BohbOptions, problem: Problem) -> Sequence[Bracket]:
    """List the brackets of one round, which are those of Hyperband."""
    return hyperband.schedule(_hyperband_options(options), problem)


def check(options: BohbOptions, _problem: Problem) -> Iterator[Finding]:
    """Report options that are out of range."""
    yield from check_eta(options.eta)
    yield from check_rounds(options.rounds)
    if not 0 <= options.random_fraction <= 1:
        message = f"`random_fraction` is {options.random_fraction:g}, not from 0 to 1"
        yield Finding(("random_fraction",), message, "give 0 to use only the model")
    if not 0 < options.gamma <= 1:
        message = f"`gamma` is {options.gamma:g}, not above 0 and at most 1"
        yield Finding(("gamma",), message, "give a small share, such as 0.15")
    for name in ("points", "candidates"):
        count = getattr(options, name)
        if count is not None and count < 1:
            yield Finding((name,), f"`{name}` is {count}, below 1", "give 1 or more")


def ends_after(options: BohbOptions, problem: Problem) -> int | None:
    """Count the trials of all rounds, or return None if there is no last round."""
    return hyperband.ends_after(_hyperband_options(options), problem)


def _hyperband_options(options: BohbOptions) -> HyperbandOptions:
    return HyperbandOptions(options.eta, options.rounds, options.parallel)


@hookimpl
def sweep_tuners() -> list[TunerProvider[BohbOptions]]:
    """Offer ``tuner=bohb``."""
    return [
        TunerProvider(
            "bohb",
            BohbOptions,
            build,
            "hyperband with a model of good trials at the largest budget",
            uses_budget=True,
            brackets=schedule,
            ends_after=ends_after,
            check=check,
        )
    ]
