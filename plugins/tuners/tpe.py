"""The tuner ``tpe``: tree-structured Parzen estimators, multivariate or classic."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sweepwright.contracts import Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl


@dataclass(frozen=True, slots=True)
class TpeOptions:
    """Options of ``tuner=tpe``. The meaning of null depends on the form of the model."""

    multivariate: bool = True
    """Whether to model whole assignments. If false, each parameter is modelled separately, as in
    hyperopt."""
    classic: Literal["hyperopt", "nni"] | None = None
    """Which classic form of the model to use: that of hyperopt or that of NNI. Both model each
    parameter separately, so this option implies `multivariate=false`."""
    startup: int | None = None
    """Number of trials that must end before the model is used, 1 or more. Null stands for 6, or
    for 20 in a classic form."""
    candidates: int = 24
    """Number of draws from the density of the good trials, 1 or more. The most promising draw is
    suggested."""
    gamma: float | None = None
    """Factor, above 0 and at most 1, that determines how many of n trials count as good: the best
    `gamma` n, but at most 25. Null stands for 0.07. In a classic form the best `gamma` √n trials
    count as good, and null stands for 0.25."""
    prior_weight: float | None = None
    """Weight of the prior, above 0. It is relative to the total weight of the good trials, and
    null stands for 0.1. In a classic form it is relative to the weight of a single trial, and null
    stands for 1."""
    liar: Literal["best", "worst", "mean", "ignore"] | None = None
    """Value that `classic: nni` assumes for running trials: the best, worst or mean of the
    measured values. With `ignore`, running trials are left out of the model. Null stands for
    `best`."""


def build(options: TpeOptions, problem: Problem) -> Tuner:
    """Build the tuner."""
    # Imported here because scipy takes longer to import than everything else together.
    from .parzen.build import PRIOR_WEIGHT, build_classic, build_joint  # noqa: PLC0415 - see above

    if options.multivariate and options.classic is None:
        # Decision 0008 has the measurements from which 6, 0.07 and the weight were chosen.
        return build_joint(
            problem,
            startup=options.startup or 6,
            candidates=options.candidates,
            gamma=options.gamma or 0.07,
            prior_weight=options.prior_weight or PRIOR_WEIGHT,
        )
    # hyperopt and NNI have the same defaults: 20, 24, 0.25 and 1. NNI's liar is the best value.
    return build_classic(
        problem,
        startup=options.startup or 20,
        candidates=options.candidates,
        gamma=options.gamma or 0.25,
        prior_weight=options.prior_weight or 1.0,
        nni_form=options.classic == "nni",
        liar=None if options.liar == "ignore" else options.liar or "best",
    )


def check(options: TpeOptions, _problem: Problem) -> Iterator[Finding]:
    """Report options that are out of range, and a `liar` for a form that does not use it."""
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
        message = "`liar` has an effect only with `classic=nni`"
        yield Finding(("liar",), message, "give `classic=nni` as well, or remove `liar`")


def ends_after(_options: TpeOptions, problem: Problem) -> int | None:
    """Count the assignments, each of which is tried once, or return None for an infinite space."""
    return problem.space.size


@hookimpl
def sweep_tuners() -> list[TunerProvider[TpeOptions]]:
    """Offer ``tuner=tpe``."""
    summary = "a model of where good trials are likelier than others"
    return [TunerProvider("tpe", TpeOptions, build, summary, ends_after=ends_after, check=check)]
