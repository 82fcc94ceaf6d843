"""The tuner ``pbt``: population-based training, which changes assignments while it trains."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from sweepwright.contracts import Bracket, Budget, Finding, Problem, Rung, TunerProvider
from sweepwright.hooks import hookimpl

from .population.explore import Explorer
from .population.tuner import PopulationTuner

LARGEST_SHARE = 0.5
"""Share of a population that can be replaced at once, at most."""

MOST_COMPARISONS = 1000
"""How often a population is compared, at most."""


@dataclass(frozen=True, slots=True)
class PbtOptions:
    """Options of ``tuner=pbt``."""

    population: int = 10
    """Members that train beside one another."""
    interval: float | None = None
    """Budget between two comparisons; the sweep's smallest budget."""
    fraction: float = 0.2
    """Share of the members, the worst, that is replaced by perturbed copies of as many best."""
    factor: float = 0.2
    """Share of its value by which a number is perturbed, up or down."""
    resample: float = 0.25
    """Probability that a parameter is drawn afresh instead."""


def build(options: PbtOptions, problem: Problem) -> PopulationTuner:
    """Build the tuner."""
    return PopulationTuner(
        problem,
        _budgets(options, problem),
        Explorer(problem.space, options.factor, options.resample, problem.structure),
        population=options.population,
        replaced=_replaced(options),
    )


def schedule(options: PbtOptions, problem: Problem) -> Sequence[Bracket]:
    """List the one ladder, which the whole population climbs."""
    budgets = _budgets(options, problem)
    return (Bracket(tuple(Rung(budget, options.population) for budget in budgets)),)


def ends_after(options: PbtOptions, problem: Problem) -> int:
    """Count the first members and those that take the place of others."""
    comparisons = len(_budgets(options, problem)) - 1
    return options.population + comparisons * _replaced(options)


def check(options: PbtOptions, problem: Problem) -> Iterator[Finding]:
    """Find numbers that are out of bounds."""
    if options.population < 2:  # noqa: PLR2004 - the least of which one can be worse
        message = f"`population` is {options.population}, below 2"
        yield Finding(("population",), message, "give 10 or more")
    if not 0 < options.fraction <= LARGEST_SHARE:
        message = f"`fraction` is {options.fraction:g}, not above 0 and at most {LARGEST_SHARE}"
        yield Finding(("fraction",), message, "give a small share, such as 0.2")
    if not 0 < options.factor < 1:
        message = f"`factor` is {options.factor:g}, not between 0 and 1"
        yield Finding(("factor",), message, "give 0.2 to multiply by 0.8 or 1.2")
    if not 0 <= options.resample <= 1:
        message = f"`resample` is {options.resample:g}, not from 0 to 1"
        yield Finding(("resample",), message, "it is a probability")
    yield from _check_interval(options, _budget(problem))


def _check_interval(options: PbtOptions, budget: Budget) -> Iterator[Finding]:
    given = options.interval
    interval = budget.minimum if given is None else given
    way_out = f"give a part of the budget of {budget.maximum:g} {budget.unit}"
    if interval <= 0:
        yield Finding(("interval",), f"`interval` is {interval:g}, not above 0", way_out)
    elif budget.whole and not float(interval).is_integer():
        message = f"`interval` is {interval:g}, and the budget is in whole {budget.unit}"
        yield Finding(("interval",), message, f"give `interval={max(1, round(interval))}`")
    elif (count := budget.maximum / interval) > MOST_COMPARISONS:
        message = f"there would be {count:,.0f} comparisons, one every {interval:g}"
        yield Finding(("interval",), f"{message} {budget.unit}", way_out)


def max_concurrency(options: PbtOptions, _problem: Problem) -> int:
    """Say how many members can train at once."""
    return options.population


def _budgets(options: PbtOptions, problem: Problem) -> tuple[float, ...]:
    """List the budgets at which members are compared, from the smallest to the largest."""
    budget = _budget(problem)
    least, most = _exact(budget.minimum), _exact(budget.maximum)
    interval = _exact(options.interval or budget.minimum)
    count = floor((most - least) / interval)
    exact = [most - interval * above for above in range(count, -1, -1)]
    return tuple(float(floor(each)) if budget.whole else float(each) for each in exact)


def _exact(number: float) -> Fraction:
    """Take a budget for the decimal fraction that it is written as."""
    return Fraction(repr(number))


def _budget(problem: Problem) -> Budget:
    assert problem.budget, "a sweep without a budget does not compile"
    return problem.budget


def _replaced(options: PbtOptions) -> int:
    return max(1, floor(options.fraction * options.population))


@hookimpl
def sweep_tuners() -> list[TunerProvider[PbtOptions]]:
    """Offer ``tuner=pbt``."""
    return [
        TunerProvider(
            "pbt",
            PbtOptions,
            build,
            "a population whose worst members go on from the best, perturbed",
            uses_budget=True,
            brackets=schedule,
            ends_after=ends_after,
            max_concurrency=max_concurrency,
            check=check,
        )
    ]
