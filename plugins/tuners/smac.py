"""The tuner ``smac``: a random forest, its expected improvement and a local search."""

from collections.abc import Iterator
from dataclasses import dataclass

from sweepwright.contracts import Finding, Problem, Tuner, TunerProvider
from sweepwright.hooks import hookimpl


@dataclass(frozen=True, slots=True)
class SmacOptions:
    """Options of ``tuner=smac``."""

    startup: int = 10
    """Number of trials that must end before the model is used, 1 or more."""
    random_share: float = 0.1
    """Share of the later trials whose assignments are drawn at random, from 0 to 1."""
    max_measurements: int = 1
    """Largest number of measurements of an assignment, 1 or more. If it is above 1, the best
    assignment is measured again, and so are those that seem to be better."""


def build(options: SmacOptions, problem: Problem) -> Tuner:
    """Build the tuner."""
    # Imported here because scipy takes longer to import than everything else together.
    from .forest.build import build_smac  # noqa: PLC0415 - see above

    return build_smac(
        problem,
        startup=options.startup,
        random_share=options.random_share,
        most_measurements=options.max_measurements,
    )


def check(options: SmacOptions, _problem: Problem) -> Iterator[Finding]:
    """Report options that are out of range."""
    for name in ("startup", "max_measurements"):
        count = getattr(options, name)
        if count < 1:
            yield Finding((name,), f"`{name}` is {count}, below 1")
    if not 0 <= options.random_share <= 1:
        message = f"`random_share` is {options.random_share:g}, not from 0 to 1"
        yield Finding(("random_share",), message)


def ends_after(options: SmacOptions, problem: Problem) -> int | None:
    """Count the assignments, if they are finite and each is tried once; otherwise return None."""
    return problem.space.size if options.max_measurements == 1 else None


@hookimpl
def sweep_tuners() -> list[TunerProvider[SmacOptions]]:
    """Offer ``tuner=smac``."""
    summary = "a random forest and its expected improvement; for choices and conditions"
    return [
        TunerProvider(
            "smac",
            SmacOptions,
            build,
            summary,
            believes=True,
            preload=("scipy.linalg", "scipy.spatial", "scipy.special", "sklearn.tree"),
            ends_after=ends_after,
            check=check,
        )
    ]
