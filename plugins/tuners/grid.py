"""The tuner ``grid``: enumerates a space in order, and refines the grid of an infinite space.

If every numeric parameter has `levels` or a `step`, the grid is plain: the Cartesian product of a
few values of each parameter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sweepwright.contracts import Finding, Problem, TunerProvider
from sweepwright.diagnostics import did_you_mean
from sweepwright.hooks import hookimpl
from sweepwright.space import Domain, Integer, Normal, Parameter, Real, SearchSpace
from sweepwright.space.grid_levels import count_multiples, multiples, spread

from ._dyadic_grid import grid_points
from ._fixed_order import FixedOrder

MAX_LEVELS = 100_000
"""Largest number of values of a numeric parameter, because all values are held in memory."""


@dataclass(frozen=True, slots=True)
class GridOptions:
    """Options of ``tuner=grid``."""

    levels: int | Mapping[str, int] | None = None
    """Number of values of a numeric parameter, including both bounds. Give one integer for all
    numeric parameters, or a mapping from parameter names to integers."""
    step: Mapping[str, float] = field(default_factory=dict)
    """Mapping from names of numeric parameters to steps, in units of the parameters. The values of
    a parameter are the multiples of its step. A parameter must not appear in both `step` and
    `levels`."""


def build(options: GridOptions, problem: Problem) -> FixedOrder:
    """Build a tuner that enumerates the points of the grid, and ends after the last point."""
    # A parameter with `levels` or a `step` becomes an `Ordinal`, whose values are all on level 0.
    # If every parameter does, the refining grid is a plain Cartesian product.
    return FixedOrder(grid_points(with_levels(problem.space, options)))


def ends_after(options: GridOptions, problem: Problem) -> int | None:
    """Count the points, or return None if the grid is infinite."""
    return with_levels(problem.space, options).size


def with_levels(space: SearchSpace, options: GridOptions) -> SearchSpace:
    """Restrict each numeric parameter that has `levels` or a `step` to its grid values."""
    parameters = [replace(p, domain=_levels(p, options)) for p in space.parameters]
    return SearchSpace(parameters, space.constraints, space.derived)


def _levels(parameter: Parameter, options: GridOptions) -> Domain:
    name, domain = parameter.name, parameter.domain
    if name in options.step and isinstance(domain, Real | Integer):
        return multiples(domain, options.step[name])
    count = options.levels.get(name) if isinstance(options.levels, Mapping) else options.levels
    if count is not None and isinstance(domain, Real | Integer | Normal):
        return spread(domain, count)
    return domain


def check(options: GridOptions, problem: Problem) -> list[Finding]:
    """Report `levels` and steps that are unusable or out of range, and a grid without points."""
    found = list(_check_each(options, {p.name: p.domain for p in problem.space.parameters}))
    # The points can only be counted if all `levels` and steps are usable.
    if not found and ends_after(options, problem) == 0:
        at = ("step",) if options.levels is None else ("levels",)
        found = [Finding(at, "no point of the grid satisfies the constraints")]
    return found


def _check_each(options: GridOptions, domains: Mapping[str, Domain]) -> Iterator[Finding]:
    if isinstance(options.levels, int):
        yield from _check_count(("levels",), "`levels`", options.levels)
    elif options.levels is not None:
        for name, count in options.levels.items():
            yield from _check_levels(name, count, options, domains)
    for name, step in options.step.items():
        yield from _check_step(name, step, domains)


def _check_levels(
    name: str, count: int, options: GridOptions, domains: Mapping[str, Domain]
) -> Iterator[Finding]:
    at = ("levels", name)
    yield from _check_name(at, domains)
    yield from _check_count(at, f"`levels` of `{name}`", count)
    if name in options.step:
        yield Finding(at, f"`{name}` has both `levels` and a `step`", "keep one of the two")


def _check_count(at: tuple[str, ...], said: str, count: int) -> Iterator[Finding]:
    if not 1 <= count <= MAX_LEVELS:
        yield Finding(at, f"{said} is {count:,}, not from 1 to {MAX_LEVELS:,}")


def _check_name(at: tuple[str, str], domains: Mapping[str, Domain]) -> Iterator[Finding]:
    """Report a name that does not belong to a numeric parameter."""
    name = at[1]
    if name not in domains:
        numbers = [key for key, of in domains.items() if isinstance(of, _NUMBERS)]
        yield Finding(at, f"no parameter is called `{name}`", did_you_mean(name, numbers))
    elif not isinstance(domains[name], _NUMBERS):
        message = f"`{name}` is a choice, whose options are all on the grid"
        yield Finding(at, message, f"remove `{name}` here")


_NUMBERS = Real | Integer | Normal


def _check_step(name: str, step: float, domains: Mapping[str, Domain]) -> Iterator[Finding]:
    at, domain = ("step", name), domains.get(name)
    yield from _check_name(at, domains)
    if step <= 0:
        yield Finding(at, f"the step of `{name}` is {step:g}, not above 0")
    elif isinstance(domain, Normal):
        message = f"`{name}` is unbounded, so a `step` yields infinitely many values"
        yield Finding(at, message, "give it `levels` instead")
    elif isinstance(domain, Real | Integer):
        yield from _check_multiples(name, step, domain)


def _check_multiples(name: str, step: float, domain: Real | Integer) -> Iterator[Finding]:
    at, count = ("step", name), count_multiples(domain, step)
    if count == 0:
        yield Finding(at, f"no multiple of {step:g} lies between the bounds of `{name}`")
    elif count > MAX_LEVELS:
        message = f"`{name}` has {count:,} multiples of {step:g}, more than {MAX_LEVELS:,}"
        yield Finding(at, message)
    else:
        # Treat an integer domain as real, to find multiples that it does not contain: a step of
        # 0.5 gives 1.5.
        values = multiples(Real(domain.low, domain.high), step).choices
        strange = next((value for value in values if domain.number(value) is None), None)
        if strange is not None:
            yield Finding(at, f"{strange:g}, a multiple of {step:g}, is not a value of `{name}`")


@hookimpl
def sweep_tuners() -> list[TunerProvider[GridOptions]]:
    """Offer ``tuner=grid``."""
    summary = "every point of a grid, plain or refined step by step"
    return [
        TunerProvider(
            "grid",
            GridOptions,
            build,
            summary,
            check=check,
            ends_after=ends_after,
            enumerates=True,
        )
    ]
