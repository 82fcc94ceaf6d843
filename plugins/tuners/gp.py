"""The tuner ``gp``: Bayesian optimisation with a Gaussian process."""

from collections.abc import Iterator
from dataclasses import dataclass

from sweepwright.contracts import Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl


@dataclass(frozen=True, slots=True)
class GpOptions:
    """Options of ``tuner=gp``."""

    startup: int | None = None
    """Number of trials that must end before the model is used, 1 or more. Null stands for 5, or
    for 10 if the space has conditions."""


def build(options: GpOptions, problem: Problem) -> Tuner:
    """Build the tuner."""
    # Imported here because scipy takes longer to import than everything else together.
    from .gaussian_process.build import build_gp  # noqa: PLC0415 - see above

    return build_gp(problem, startup=options.startup)


def check(options: GpOptions, _problem: Problem) -> Iterator[Finding]:
    """Report a start without trials."""
    if options.startup is not None and options.startup < 1:
        yield Finding(("startup",), f"`startup` is {options.startup}, below 1")


def ends_after(_options: GpOptions, problem: Problem) -> int | None:
    """Count the assignments, each of which is tried once, or return None for an infinite space."""
    return problem.space.size


@hookimpl
def sweep_tuners() -> list[TunerProvider[GpOptions]]:
    """Offer ``tuner=gp``."""
    summary = "a Gaussian process and its expected improvement; best for few, costly trials"
    return [
        TunerProvider(
            "gp",
            GpOptions,
            build,
            summary,
            believes=True,
            preload=("scipy.linalg", "scipy.optimize", "scipy.special"),
            ends_after=ends_after,
            check=check,
        )
    ]
