"""The tuner ``pbt``: population-based training, which changes assignments while it trains."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor

from sweepwright.contracts import Bracket, Budget, Finding, Problem, Rung, TunerProvider
from sweepwright.hooks import hookimpl

from .halving.schedule import exact
from .population.perturbation import Perturbation
from .population.tuner import PopulationTuner

MAX_REPLACED_SHARE = 0.5
"""Largest share of a population that can be replaced at once, because an equal number of members
must survive as parents."""

MAX_COMPARISONS = 1000
"""Largest number of comparisons in the life of one population."""


@dataclass(frozen=True, slots=True)
class PbtOptions:
    """Options of ``tuner=pbt``."""

    # The defaults are those of NNI's PBT tuner. The share that is replaced and the factors 0.8
    # and 1.2 go back to Jaderberg et al. 2017.
    population: int = 10
    """Number of members that train side by side, 2 or more."""
    interval: float | None = None
    """Budget between two consecutive comparisons, in the unit of the budget; null for the smallest
    budget of the sweep."""
    fraction: float = 0.2
    """Share of the members that are replaced at each comparison, at most 0.5. The worst members
    are replaced by perturbed copies of the best."""
    factor: float = 0.2
    """Relative change of a numeric parameter when it is perturbed, between 0 and 1. With 0.2, its
    value is multiplied by 0.8 or 1.2."""
    resample: float = 0.25
    """Probability, from 0 to 1, that a parameter is drawn from the prior instead of being
    perturbed."""


def build(options: PbtOptions, problem: Problem) -> PopulationTuner:
    """Build the tuner."""
    return PopulationTuner(
        problem,
        _budgets(options, problem),
        Perturbation(problem.space, options.factor, options.resample, problem.structure),
        population=options.population,
        replaced=_count_replaced(options),
    )


def schedule(options: PbtOptions, problem: Problem) -> Sequence[Bracket]:
    """List the only bracket, which has the whole population on each rung."""
    budgets = _budgets(options, problem)
    return (Bracket(tuple(Rung(budget, options.population) for budget in budgets)),)


def ends_after(options: PbtOptions, problem: Problem) -> int:
    """Count the members of the first population and all their replacements."""
    comparisons = len(_budgets(options, problem)) - 1
    return options.population + comparisons * _count_replaced(options)


def check(options: PbtOptions, problem: Problem) -> Iterator[Finding]:
    """Report options that are out of range."""
    if options.population < 2:  # noqa: PLR2004 - two can be compared
        message = f"`population` is {options.population}, below 2"
        yield Finding(("population",), message, "give 10 or more")
    if not 0 < options.fraction <= MAX_REPLACED_SHARE:
        limit = f"not above 0 and at most {MAX_REPLACED_SHARE}"
        message = f"`fraction` is {options.fraction:g}, {limit}"
        yield Finding(("fraction",), message, "give a small share, such as 0.2")
    if not 0 < options.factor < 1:
        message = f"`factor` is {options.factor:g}, not between 0 and 1"
        yield Finding(("factor",), message, "give 0.2 to multiply by 0.8 or 1.2")
    if not 0 <= options.resample <= 1:
        message = f"`resample` is {options.resample:g}, not from 0 to 1"
        yield Finding(("resample",), message, "give a probability, such as 0.25")
    yield from _check_interval(options, _budget(problem))


def _check_interval(options: PbtOptions, budget: Budget) -> Iterator[Finding]:
    given = options.interval
    interval = budget.minimum if given is None else given
    way_out = f"give a part of the largest budget, which is {budget.maximum:g} {budget.unit}"
    if interval <= 0:
        yield Finding(("interval",), f"`interval` is {interval:g}, not above 0", way_out)
    elif budget.whole and not float(interval).is_integer():
        message = f"`interval` is {interval:g}, but the budget counts whole {budget.unit}"
        yield Finding(("interval",), message, f"give `interval={max(1, round(interval))}`")
    elif (count := budget.maximum / interval) > MAX_COMPARISONS:
        message = f"`interval` is {interval:g}, which makes {count:,.0f} comparisons"
        limit = f"{message}, more than {MAX_COMPARISONS:,}"
        yield Finding(("interval",), limit, way_out)


def max_concurrency(options: PbtOptions, _problem: Problem) -> int:
    """Return the number of members that can train at the same time."""
    return options.population


def _budgets(options: PbtOptions, problem: Problem) -> tuple[float, ...]:
    """List the budgets at which members are compared, in ascending order."""
    budget = _budget(problem)
    least, most = exact(budget.minimum), exact(budget.maximum)
    interval = exact(options.interval or budget.minimum)
    # Count down from the largest budget, which must be among them: from 1 to 10 with an interval
    # of 4, the budgets are 2, 6 and 10.
    count = floor((most - least) / interval)
    fractions = [most - interval * above for above in range(count, -1, -1)]
    return tuple(float(floor(each)) if budget.whole else float(each) for each in fractions)


def _budget(problem: Problem) -> Budget:
    assert problem.budget, "a sweep without a budget does not compile"
    return problem.budget


def _count_replaced(options: PbtOptions) -> int:
    return max(1, floor(options.fraction * options.population))


@hookimpl
def sweep_tuners() -> list[TunerProvider[PbtOptions]]:
    """Offer ``tuner=pbt``."""
    return [
        TunerProvider(
            "pbt",
            PbtOptions,
            build,
            "a population whose worst members become perturbed copies of the best",
            uses_budget=True,
            brackets=schedule,
            ends_after=ends_after,
            max_concurrency=max_concurrency,
            check=check,
        )
    ]
