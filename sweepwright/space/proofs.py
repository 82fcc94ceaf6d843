"""Prove that a condition is always or never true in a search space, by bisection over boxes.

The technique is branch and bound, as in interval constraint solvers. At first, one box contains
the whole space. `expressions.bounds` computes the set of truth values that the condition may take
in a box. A box is decided if the set contains only true, or does not contain true. Every other box
is split in two along one column, and the columns take turns. Choices and integers are split at
their indices, down to single values. So a condition that depends only on choices and integers is
decided if the limits on the work allow it.

**Soundness.** The computed sets over-approximate, so `ALWAYS` and `NEVER` are proofs. `UNPROVEN`
means that nothing is known. For example, ``x - x > 0.001`` is never true, but this is not proved.

**Termination.** At most `MOST_BOXES` boxes are evaluated, and each column is split at most
`MOST_HALVINGS` times. Both are checked in every round of the loop in `_decide`.

docs/decisions/0007 gives the reasons, and describes what can be proved in practice.
"""

import math
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..domains import Domain, Normal, Real
from ..expressions import Boxes, Expression, PossibleTruth
from .search_space import SearchSpace

Floats: TypeAlias = NDArray[np.float64]
Predicate: TypeAlias = Callable[[Boxes], PossibleTruth]

MOST_BOXES = 16_384
"""Largest number of boxes that a proof may evaluate (docs/decisions/0007)."""
MOST_HALVINGS = 64
"""Largest number of splits per column, on average over the columns.

Floats have 53 significant bits. So after 64 halvings the ends of an interval are adjacent floats,
unless the interval contains 0.
"""


class Verdict(Enum):
    """What is known about a condition over all assignments of a space."""

    ALWAYS = "always"
    NEVER = "never"
    SOMETIMES = "sometimes"
    UNPROVEN = "unproven"


def prove(space: SearchSpace, condition: Expression) -> Verdict:
    """Try to prove that a condition is always or never true in a space.

    Parameters
    ----------
    condition
        A condition that uses the full names of parameters. An unknown result counts as not true.
    """
    formula = space.formula(condition)
    return _decide(formula.possible_truth, space, formula.used_columns)


def prove_active(space: SearchSpace, name: str) -> Verdict:
    """Try to prove that a parameter is always or never active."""
    column = space.index[name]

    def predicate(boxes: Boxes) -> PossibleTruth:
        activity = boxes.activity[:, column]
        return PossibleTruth(activity > 0, activity < 1, np.zeros(len(boxes), dtype=bool))

    return _decide(predicate, space, [column])


def full_box(space: SearchSpace) -> Boxes:
    """Return the box that contains every assignment of a space."""
    low, high = _domain_bounds([parameter.domain for parameter in space.parameters])
    return Boxes(low, high, space.conditions.possible(low, high))


def _decide(predicate: Predicate, space: SearchSpace, about: Sequence[int]) -> Verdict:
    """Split boxes along the columns that a predicate depends on, until all boxes are decided."""
    domains = [parameter.domain for parameter in space.parameters]
    # Splitting other columns cannot change the result: `needs` returns the columns of the
    # predicate, and the columns that decide whether they are active.
    columns = space.conditions.needs(about)
    low, high = _domain_bounds(domains)
    can_hold = can_fail = False
    evaluated, turn = 0, 0
    while evaluated + len(low) <= MOST_BOXES and turn <= MOST_HALVINGS * len(columns):
        evaluated += len(low)
        found = predicate(Boxes(low, high, space.conditions.possible(low, high)))
        # "Not true" means false or unknown, since a condition activates a parameter only if it is
        # true.
        not_true = found.false | found.unknown
        can_hold |= bool((found.true & ~not_true).any())
        can_fail |= bool((not_true & ~found.true).any())
        undecided = found.true & not_true
        # Decided boxes need no splitting. If the condition is true in some box and not true in
        # another box, the remaining boxes cannot change the verdict.
        if (can_hold and can_fail) or not undecided.any():
            return _verdict(can_hold=can_hold, can_fail=can_fail)
        low, high = low[undecided], high[undecided]
        wide = [column for column in columns if (low[:, column] < high[:, column]).any()]
        # Every box is a single row and still undecided, so the computed sets are not exact there.
        if not wide:
            break
        # The columns take turns. Splitting the widest column instead would require comparable
        # widths, but columns have different units, and choices have no width.
        column, turn = wide[turn % len(wide)], turn + 1
        low, high = _split(low, high, column, domains[column])
    return Verdict.UNPROVEN


def _verdict(*, can_hold: bool, can_fail: bool) -> Verdict:
    if can_hold and can_fail:
        return Verdict.SOMETIMES
    return Verdict.ALWAYS if can_hold else Verdict.NEVER


def _domain_bounds(domains: Sequence[Domain]) -> tuple[Floats, Floats]:
    """Return the lower and upper bounds of all columns, as two arrays of shape (1, d)."""
    pairs = np.array([_bounds(domain) for domain in domains], dtype=float).reshape(1, -1, 2)
    return pairs[:, :, 0], pairs[:, :, 1]


def _bounds(domain: Domain) -> tuple[float, float]:
    match domain:
        case Normal(log=log):
            return (0.0 if log else -math.inf, math.inf)
        case Real(low, high):
            grid = domain.grid
            return (grid.value(grid.first), grid.value(grid.last)) if grid else (low, high)
    grid = domain.grid
    return grid.value(grid.first), grid.value(grid.last)


def _split(low: Floats, high: Floats, column: int, domain: Domain) -> tuple[Floats, Floats]:
    """Split boxes in two at the middle of one column.

    A box with a single value in this column is not split.
    """
    wide = low[:, column] < high[:, column]
    below, above = _split_points(low[wide, column], high[wide, column], domain)
    lower_high, upper_low = high[wide].copy(), low[wide].copy()
    lower_high[:, column], upper_low[:, column] = below, above
    lows = np.concatenate([low[~wide], low[wide], upper_low])
    return lows, np.concatenate([high[~wide], lower_high, high[wide]])


def _split_points(low: Floats, high: Floats, domain: Domain) -> tuple[Floats, Floats]:
    """Return the upper ends of the lower halves, and the lower ends of the upper halves.

    On a grid, the two ends are neighbouring multiples. On a continuous domain, they are the same
    point.
    """
    grid = domain.grid
    if grid is not None and not isinstance(domain, Normal):
        first = np.rint(low / float(grid.step)) + np.rint(high / float(grid.step))
        places = [int(place) for place in np.floor(first / 2).tolist()]
        ends = [(grid.value(place), grid.value(place + 1)) for place in places]
        return np.array([end for end, _ in ends]), np.array([begin for _, begin in ends])
    assert isinstance(domain, Real | Normal), "everything else has a grid"
    middle = _midpoint(low, high, domain)
    return middle, middle


def _midpoint(low: Floats, high: Floats, domain: Real | Normal) -> Floats:
    if isinstance(domain, Normal):
        return _midpoint_of_normal(low, high, domain)
    if domain.log:
        return np.asarray(np.sqrt(low) * np.sqrt(high))  # low * high may overflow
    return np.asarray(low / 2 + high / 2)  # low + high may overflow


def _midpoint_of_normal(low: Floats, high: Floats, domain: Normal) -> Floats:
    """Return the midpoint of an interval that may be unbounded.

    The whole line is split at the mean. A half-line is split at twice the distance of its end from
    the mean, and at least one standard deviation beyond its end, so that the distance at least
    doubles with each split. A bounded interval is split in the middle.
    """
    mean, std = domain.mean, domain.std
    if domain.log:
        # Use the median of the log-normal distribution as both mean and standard deviation. The
        # limit of 600 keeps exp, which overflows beyond 709, finite.
        mean = std = math.exp(min(mean, 600))
    with np.errstate(invalid="ignore"):
        out = np.where(np.isfinite(low), low + np.maximum(std, np.abs(low - mean)), mean)
        back = np.where(np.isfinite(high), high - np.maximum(std, np.abs(high - mean)), mean)
        inner = low / 2 + high / 2
    endless = np.where(np.isfinite(low), out, back)
    return np.asarray(np.where(np.isfinite(low) & np.isfinite(high), inner, endless))
