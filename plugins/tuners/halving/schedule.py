r"""Schedules of successive halving, in exact arithmetic, and the checks of their options.

Let R be the largest and r the smallest budget, :math:`\eta` the reduction factor, and
:math:`s_{max} = \lfloor \log_\eta(R / r) \rfloor`. Bracket s of Hyperband ([1]_, Algorithm 1,
where r is the unit of R) begins with

.. math:: n = \left\lceil \frac{s_{max} + 1}{s + 1} \eta^s \right\rceil

trials at the budget :math:`R \eta^{-s}`. Of these, :math:`n_i = \lfloor n \eta^{-i} \rfloor` are
trained up to :math:`r_i = R \eta^{i - s}`. In floats, the logarithm loses a rung if
:math:`R / r` is a power of :math:`\eta`. Here budgets are fractions, and :math:`s_{max}` is found
by multiplication. Decision 0009 says how this module departs from the papers and why.

References
----------
.. [1] L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh, A. Talwalkar, "Hyperband: A Novel
   Bandit-Based Approach to Hyperparameter Optimization", JMLR 18, 2018.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

from sweepwright.contracts import Bracket, Budget, Finding, Problem, Rung

NEAR_POWER = Fraction(9, 10)
r"""If R / r is at least this share of a power of :math:`\eta`, it counts as this power, because
users choose round budgets: 52 / 2 is nearly 27. Decision 0009 has the measurement."""


def hyperband(budget: Budget, eta: int) -> tuple[Bracket, ...]:
    """List the brackets of a round of Hyperband. The first bracket has the most rungs."""
    s_max = max_reductions(budget, eta)
    return tuple(
        _bracket(descending(budget, eta, s), eta, ceil(Fraction(s_max + 1, s + 1) * eta**s))
        for s in range(s_max, -1, -1)
    )


def halving(budget: Budget, eta: int, skipped_rungs: int, trials: int) -> Bracket:
    """Build the bracket of successive halving that begins with the given number of trials.

    Parameters
    ----------
    skipped_rungs
        Number of rungs to omit, counted from the lowest rung.
    """
    return _bracket(ascending(budget, eta)[skipped_rungs:], eta, trials)


def max_reductions(budget: Budget, eta: int) -> int:
    """Return :math:`s_{max}`: how often R can be divided by eta before it falls below r.

    For budgets from 2 to 52 and eta = 3, the result is 3, because 52 / 2 is close enough to 27.
    """
    # Multiply fractions, because floor(log(R / r) / log(eta)) of floats loses a rung.
    count, power = 0, exact(budget.minimum) * eta
    while power * NEAR_POWER <= exact(budget.maximum):
        count, power = count + 1, power * eta
    return count


def descending(budget: Budget, eta: int, halvings: int) -> tuple[float, ...]:
    r"""List the budgets :math:`R \eta^{i - s}` of a bracket of Hyperband, in ascending order.

    Whole budgets are rounded down, and remain distinct. If R is slightly less than r times a power
    of eta, all budgets except the last are computed from this multiple of r instead of R.
    """
    largest = exact(budget.maximum)
    power = max(largest, exact(budget.minimum) * eta ** max_reductions(budget, eta))
    fractions = [*(power / eta**i for i in range(halvings, 0, -1)), largest]
    return tuple(float(floor(each)) if budget.whole else float(each) for each in fractions)


def ascending(budget: Budget, eta: int) -> tuple[float, ...]:
    r"""List the budgets :math:`r \eta^k` of successive halving, the last of which is R.

    The first rung is always r, and the last rung is always R. If :math:`R / r` is not a power of
    eta, only the ratio of the last two budgets differs from eta. It lies between :math:`\sqrt\eta`
    and :math:`\eta \sqrt\eta`.
    """
    rung, largest = exact(budget.minimum), exact(budget.maximum)
    below = []
    # The last factor is at least sqrt(eta). Both sides are squared, so the comparison is exact.
    while rung**2 * eta <= largest**2:
        below.append(float(rung))
        rung *= eta
    return (*below, float(largest))


def sizes(trials: int, eta: int, rungs: int) -> tuple[int, ...]:
    """List how many trials reach each rung. If there are any trials, this is at least one."""
    return tuple(max(min(1, trials), trials // eta**i) for i in range(rungs))


def _bracket(budgets: tuple[float, ...], eta: int, trials: int) -> Bracket:
    return Bracket(tuple(map(Rung, budgets, sizes(trials, eta, len(budgets)))))


def exact(number: float) -> Fraction:
    """Convert a budget to the fraction that its decimal notation means, such as 1/10 for 0.1."""
    return Fraction(repr(number))


def check_eta(eta: int) -> Iterator[Finding]:
    """Report a reduction factor that does not reduce."""
    if eta < 2:  # noqa: PLR2004 - the smallest factor that reduces
        message = f"`eta` is {eta}, below 2, so every trial of a rung would be promoted"
        yield Finding(("eta",), message, "give `eta=3`, or another whole number of at least 2")


def check_rounds(rounds: int | None) -> Iterator[Finding]:
    """Report a number of rounds below 1."""
    if rounds is not None and rounds < 1:
        way_out = "give 1 or more, or null for no end"
        yield Finding(("rounds",), f"`rounds` is {rounds}, below 1", way_out)


def check_early_stopping_rate(rate: int, eta: int, problem: Problem) -> Iterator[Finding]:
    """Report a number of omitted rungs that is negative or leaves no rung."""
    assert problem.budget, "a sweep without a budget does not compile"
    if eta <= 1:
        return  # `check_eta` reports it, and there would be infinitely many rungs
    largest = len(ascending(problem.budget, eta)) - 1
    if not 0 <= rate <= largest:
        message = f"`early_stopping_rate` is {rate}, not from 0 to {largest}"
        way_out = "give the number of rungs to omit, counted from the lowest rung"
        yield Finding(("early_stopping_rate",), message, way_out)
