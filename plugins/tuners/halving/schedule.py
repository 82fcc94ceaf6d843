r"""Schedules of successive halving, in exact arithmetic.

With R the largest and r the smallest budget, :math:`\eta` the reduction factor, and
:math:`s_{max} = \lfloor \log_\eta(R / r) \rfloor`, the bracket s of Hyperband ([1]_, Algorithm 1,
with r as the unit of R) begins with

.. math:: n = \lceil \frac{s_{max} + 1}{s + 1} \eta^s \rceil

trials at :math:`R \eta^{-s}`, and :math:`n_i = \lfloor n \eta^{-i} \rfloor` of them get to
:math:`r_i = R \eta^{i - s}`. Logarithms of floats lose a rung where :math:`R / r` is a power of
:math:`\eta`; here budgets are fractions, and :math:`s_{max}` is found by multiplying up.

References
----------
.. [1] L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh, A. Talwalkar, "Hyperband: A Novel
   Bandit-Based Approach to Hyperparameter Optimization", JMLR 18, 2018.
"""

from fractions import Fraction
from math import ceil, floor

from sweepwright.contracts import Bracket, Budget, Rung


def most_halvings(budget: Budget, eta: int) -> int:
    r"""Count how often a budget can be reduced by eta, :math:`s_{max}`; at least 0."""
    most, reached = 0, _exact(budget.minimum) * eta
    while reached <= _exact(budget.maximum):
        most, reached = most + 1, reached * eta
    return most


def ladder(budget: Budget, eta: int, halvings: int) -> tuple[float, ...]:
    """List the budgets of a bracket's rungs, ascending to the largest, one more than halvings.

    Where budgets are whole numbers they are rounded down, and stay apart.
    """
    exact = [_exact(budget.maximum) / eta**i for i in range(halvings, -1, -1)]
    return tuple(float(floor(each)) if budget.whole else float(each) for each in exact)


def sizes(trials: int, eta: int, rungs: int) -> tuple[int, ...]:
    """List how many of so many trials get to each rung; where there are any, one at least."""
    return tuple(max(min(1, trials), trials // eta**i) for i in range(rungs))


def hyperband(budget: Budget, eta: int) -> tuple[Bracket, ...]:
    """List the brackets of one round of Hyperband, the one of most rungs first."""
    most = most_halvings(budget, eta)
    return tuple(
        halving(budget, eta, s, ceil(Fraction(most + 1, s + 1) * eta**s))
        for s in range(most, -1, -1)
    )


def halving(budget: Budget, eta: int, halvings: int, trials: int) -> Bracket:
    """Build the bracket of so many halvings that begins with so many trials."""
    budgets = ladder(budget, eta, halvings)
    counts = sizes(trials, eta, len(budgets))
    return Bracket(tuple(map(Rung, budgets, counts)))


def _exact(number: float) -> Fraction:
    """Take a budget for the decimal fraction that it is written as."""
    return Fraction(repr(number))
