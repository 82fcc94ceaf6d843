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

NEARLY = Fraction(9, 10)
r"""Share of a power of :math:`\eta` that is taken for it, since budgets are round numbers."""


def hyperband(budget: Budget, eta: int) -> tuple[Bracket, ...]:
    """List the brackets of one round of Hyperband, the one of most rungs first."""
    most = most_halvings(budget, eta)
    return tuple(
        _bracket(descending(budget, eta, s), eta, ceil(Fraction(most + 1, s + 1) * eta**s))
        for s in range(most, -1, -1)
    )


def halving(budget: Budget, eta: int, left_out: int, trials: int) -> Bracket:
    """Build the bracket of successive halving that begins with so many trials.

    Parameters
    ----------
    left_out
        How many of the lowest rungs are left out.
    """
    return _bracket(ascending(budget, eta)[left_out:], eta, trials)


def most_halvings(budget: Budget, eta: int) -> int:
    r"""Count how often a budget can be reduced by eta, :math:`s_{max}`; at least 0.

    From 52 to 2 epochs it is three times, although 52 is no more than nearly 27 times 2.
    """
    most, reached = 0, _exact(budget.minimum) * eta
    while reached * NEARLY <= _exact(budget.maximum):
        most, reached = most + 1, reached * eta
    return most


def descending(budget: Budget, eta: int, halvings: int) -> tuple[float, ...]:
    r"""List the budgets :math:`R \eta^{i - s}` of a bracket of Hyperband, in ascending order.

    Where budgets are whole numbers they are rounded down, and stay apart. Where R is taken for
    a power of eta times r, they are reduced from there, all but the last.
    """
    most = _exact(budget.maximum)
    power = max(most, _exact(budget.minimum) * eta ** most_halvings(budget, eta))
    exact = [*(power / eta**i for i in range(halvings, 0, -1)), most]
    return tuple(float(floor(each)) if budget.whole else float(each) for each in exact)


def ascending(budget: Budget, eta: int) -> tuple[float, ...]:
    r"""List the budgets :math:`r \eta^k` of successive halving, the last of which is R.

    Where :math:`R / r` is no power of eta, the last step alone is another one, from the root
    of eta to eta times that: the first rung is at r all the same, and the last at R.
    """
    rung, most = _exact(budget.minimum), _exact(budget.maximum)
    below = []
    while rung**2 * eta <= most**2:
        below.append(float(rung))
        rung *= eta
    return (*below, float(most))


def sizes(trials: int, eta: int, rungs: int) -> tuple[int, ...]:
    """List how many of so many trials get to each rung; where there are any, one at least."""
    return tuple(max(min(1, trials), trials // eta**i) for i in range(rungs))


def _bracket(budgets: tuple[float, ...], eta: int, trials: int) -> Bracket:
    return Bracket(tuple(map(Rung, budgets, sizes(trials, eta, len(budgets)))))


def _exact(number: float) -> Fraction:
    """Take a budget for the decimal fraction that it is written as."""
    return Fraction(repr(number))
