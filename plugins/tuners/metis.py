"""The tuner ``metis``: a Gaussian process that also measures doubtful assignments again."""

from collections.abc import Iterator
from dataclasses import dataclass

from sweepwright.contracts import Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl


@dataclass(frozen=True, slots=True)
class MetisOptions:
    """Options of ``tuner=metis``."""

    startup: int | None = None
    """Number of trials that must end before the model is used, 1 or more. Null stands for 5, or
    for 10 if the space has conditions."""
    exploration: float = 0.9
    """Probability, from 0 to 1, that the next trial is the one with the largest information gain.
    Otherwise it is the one that is predicted to be best."""
    resample: bool = True
    """Whether assignments are measured again, up to three times, if their measurement is far from
    what the model predicts."""


def build(options: MetisOptions, problem: Problem) -> Tuner:
    """Build the tuner."""
    # Imported here because scipy takes longer to import than everything else together.
    from .information_gain.build import build_metis  # noqa: PLC0415 - see above

    return build_metis(
        problem,
        startup=options.startup,
        exploration=options.exploration,
        resample=options.resample,
    )


def check(options: MetisOptions, _problem: Problem) -> Iterator[Finding]:
    """Report options that are out of range."""
    if options.startup is not None and options.startup < 1:
        yield Finding(("startup",), f"`startup` is {options.startup}, below 1")
    if not 0 <= options.exploration <= 1:
        message = f"`exploration` is {options.exploration:g}, not from 0 to 1"
        yield Finding(("exploration",), message)


def ends_after(options: MetisOptions, problem: Problem) -> int | None:
    """Count the assignments of a finite space; return None if repeats may come on top."""
    return None if options.resample else problem.space.size


@hookimpl
def sweep_tuners() -> list[TunerProvider[MetisOptions]]:
    """Offer ``tuner=metis``."""
    summary = "a Gaussian process that measures doubtful assignments again"
    return [
        TunerProvider(
            "metis",
            MetisOptions,
            build,
            summary,
            believes=True,
            preload=("scipy.linalg", "scipy.optimize", "scipy.special"),
            ends_after=ends_after,
            check=check,
        )
    ]
