"""The tuner ``grid``: goes through a space in order, finer and finer where it has no end."""

from dataclasses import dataclass

from sweepwright.contracts import Problem, Provider, Tuner
from sweepwright.hooks import hookimpl

from ._procession import Procession
from ._refinement import points


@dataclass(frozen=True, slots=True)
class GridOptions:
    """Options of ``tuner=grid``."""


def build(_options: GridOptions, problem: Problem) -> Procession:
    """Set the points of the space in order; a finite one ends by itself, each point tried once."""
    return Procession(points(problem.space))


def ends_after(_options: GridOptions, problem: Problem) -> int | None:
    """Count the points; there is no end of them in a continuous space."""
    return problem.space.size


@hookimpl
def sweep_tuners() -> list[Provider[Tuner, GridOptions]]:
    """Offer ``tuner=grid``."""
    summary = "every point of a grid that grows finer"
    return [Provider("grid", GridOptions, build, summary, ends_after=ends_after)]
