"""The tuner ``tpe``: tree-structured Parzen estimators, multivariate or classic."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sweepwright.contracts import Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl


@dataclass(frozen=True, slots=True)
class TpeOptions:
    """Options of ``tuner=tpe``; an option that is null has the default of the chosen form."""

    multivariate: bool = True
    """Whether to model whole assignments; if false, each parameter separately, as in hyperopt."""
    classic: Literal["hyperopt", "nni"] | None = None
    """Whose form models each parameter separately; implies `multivariate=false`."""
    startup: int | None = None
    """Trials that end before the model is used, 1 or more; null for 6, or 20 in a classic form."""
    candidates: int = 24
    """Draws from the density of the good trials, 1 or more; the most promising one is tried."""
    gamma: float | None = None
    """Above 0, at most 1. The best `gamma` n of n trials, 25 at most, are good; null for 0.07.
    In a classic form these are the best `gamma` √n, and null stands for 0.25."""
    prior_weight: float | None = None
    """Weight of the prior, above 0, relative to all good trials together; null for 0.1.
    In a classic form it is relative to one trial, and null stands for 1."""
    liar: Literal["best", "worst", "mean", "ignore"] | None = None
    """Value that NNI's form assumes for running trials, among those measured; null for `best`."""


def build(options: TpeOptions, problem: Problem) -> Tuner:
    """Build the tuner."""
    # Imported here because scipy takes longer to import than everything else together.
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
        nni_form=options.classic == "nni",
        liar=None if options.liar == "ignore" else options.liar or "best",
    )


def check(options: TpeOptions, _problem: Problem) -> Iterator[Finding]:
    """Find numbers that are out of range, and a `liar` in a form that has none."""
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
    """Count the assignments of a finite space, each of which is tried once."""
    return problem.space.size


@hookimpl
def sweep_tuners() -> list[TunerProvider[TpeOptions]]:
    """Offer ``tuner=tpe``."""
    summary = "a model of where good trials are likelier than others"
    return [TunerProvider("tpe", TpeOptions, build, summary, ends_after=ends_after, check=check)]
