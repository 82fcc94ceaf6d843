"""The tuner ``tpe``: tree-structured Parzen estimators, of whole assignments or classic."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sweepwright.contracts import Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl


@dataclass(frozen=True, slots=True)
class TpeOptions:
    """Options of ``tuner=tpe``; what is null has the default of its form."""

    multivariate: bool = True
    """Whether whole assignments are modelled; if not, parameters one by one, as by hyperopt."""
    classic: Literal["hyperopt", "nni"] | None = None
    """Whose form that models parameters one by one."""
    startup: int | None = None
    """Trials that have to end before the first model; 6, in a classic form 20."""
    candidates: int = 24
    """Draws from the model of the good trials, of which the most promising is tried."""
    gamma: float | None = None
    """The good are 0.07 of n trials, at most 25; in a classic form 0.25 of the root of n."""
    prior_weight: float | None = None
    """Weight of the prior, beside all good trials together 0.1; in a classic form beside one 1."""
    liar: Literal["best", "worst", "mean", "ignore"] | None = None
    """As good as which of the others NNI's form takes trials to be that still run; the best."""


def build(options: TpeOptions, problem: Problem) -> Tuner:
    """Build the tuner."""
    # Only here, for scipy takes longer to import than all the rest.
    from .parzen.build import PRIOR_WEIGHT, build_classic, build_joint  # noqa: PLC0415 - see above

    if options.multivariate and options.classic is None:
        return build_joint(
            problem,
            startup=options.startup or 6,
            candidates=options.candidates,
            gamma=options.gamma or 0.07,
            prior_weight=options.prior_weight or PRIOR_WEIGHT,
        )
    return build_classic(
        problem,
        startup=options.startup or 20,
        candidates=options.candidates,
        gamma=options.gamma or 0.25,
        prior_weight=options.prior_weight or 1.0,
        of_nni=options.classic == "nni",
        liar=None if options.liar == "ignore" else options.liar or "best",
    )


def check(options: TpeOptions, _problem: Problem) -> Iterator[Finding]:
    """Find numbers that are out of bounds, and a lie that nobody would tell."""
    for name in ("startup", "candidates"):
        count = getattr(options, name)
        if count is not None and count < 1:
            yield Finding((name,), f"`{name}` is {count}, below 1")
    if options.gamma is not None and not 0 < options.gamma <= 1:
        yield Finding(("gamma",), f"`gamma` is {options.gamma:g}, not above 0 and at most 1")
    weight = options.prior_weight
    if weight is not None and weight <= 0:
        yield Finding(("prior_weight",), f"`prior_weight` is {weight:g}, not above 0")
    if options.liar is not None and options.classic != "nni":
        yield Finding(("liar",), "only NNI's form has a `liar`", "give `classic=nni` as well")


def ends_after(_options: TpeOptions, problem: Problem) -> int | None:
    """Count the assignments of a finite space, each of which is tried once."""
    return problem.space.size


@hookimpl
def sweep_tuners() -> list[TunerProvider[TpeOptions]]:
    """Offer ``tuner=tpe``."""
    summary = "where trials were good and others were not"
    return [TunerProvider("tpe", TpeOptions, build, summary, ends_after=ends_after, check=check)]
