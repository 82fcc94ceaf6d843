"""Proofs about a space: that a condition is true of none of its assignments, or of all.

Boxes of assignments are halved until each is decided, so that choices are gone through one by
one and numbers as far as it takes.
"""

import math
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .domains import Domain, Normal, Real
from .expressions import Boxes, Expression, Possible
from .space import SearchSpace

Floats: TypeAlias = NDArray[np.float64]
Judge: TypeAlias = Callable[[Boxes], Possible]

MOST_BOXES = 16_384
"""Boxes that are looked at before a proof is given up."""
MOST_HALVINGS = 64
"""Times that a column is halved, after which floats are as near as they can be."""


class Verdict(Enum):
    """How often something is true."""

    ALWAYS = "always"
    NEVER = "never"
    SOMETIMES = "sometimes"
    UNPROVEN = "unproven"


def prove(space: SearchSpace, condition: Expression) -> Verdict:
    """Prove, where that is possible, that a condition is always or never true in a space.

    Parameters
    ----------
    condition
        About parameters by their full names; where it is unknown it is not true.
    """
    formula = space.formula(condition)
    return _decide(formula.possible, space, formula.about)


def prove_active(space: SearchSpace, name: str) -> Verdict:
    """Prove, where that is possible, that a parameter is always or never active."""
    column = space.index[name]

    def judge(boxes: Boxes) -> Possible:
        activity = boxes.activity[:, column]
        return Possible(activity > 0, activity < 1, np.zeros(len(boxes), dtype=bool))

    return _decide(judge, space, [column])


def whole_box(space: SearchSpace) -> Boxes:
    """Return the one box that holds the whole space."""
    low, high = _ends([parameter.domain for parameter in space.parameters])
    return Boxes(low, high, space.conditions.possible(low, high))


def _decide(judge: Judge, space: SearchSpace, about: Sequence[int]) -> Verdict:
    """Halve boxes along what something depends on, until all are decided."""
    domains = [parameter.domain for parameter in space.parameters]
    columns = space.conditions.needs(about)
    low, high = _ends(domains)
    some = other = False
    looked_at, turn = 0, 0
    while looked_at + len(low) <= MOST_BOXES and turn <= MOST_HALVINGS * len(columns):
        looked_at += len(low)
        found = judge(Boxes(low, high, space.conditions.possible(low, high)))
        not_true = found.false | found.unknown
        some |= bool((found.true & ~not_true).any())
        other |= bool((not_true & ~found.true).any())
        open_ = found.true & not_true
        if (some and other) or not open_.any():
            return _verdict(some=some, other=other)
        low, high = low[open_], high[open_]
        wide = [column for column in columns if (low[:, column] < high[:, column]).any()]
        if not wide:
            break
        column, turn = wide[turn % len(wide)], turn + 1
        low, high = _halved(low, high, column, domains[column])
    return Verdict.UNPROVEN


def _verdict(*, some: bool, other: bool) -> Verdict:
    if some and other:
        return Verdict.SOMETIMES
    return Verdict.ALWAYS if some else Verdict.NEVER


def _ends(domains: Sequence[Domain]) -> tuple[Floats, Floats]:
    """Return the least and the greatest value of each column, two arrays of shape (1, d)."""
    pairs = np.array([_end(domain) for domain in domains], dtype=float).reshape(1, -1, 2)
    return pairs[:, :, 0], pairs[:, :, 1]


def _end(domain: Domain) -> tuple[float, float]:
    match domain:
        case Normal(log=log):
            return (0.0 if log else -math.inf, math.inf)
        case Real(low, high):
            cut = domain.grid
            return (cut.value(cut.first), cut.value(cut.last)) if cut else (low, high)
    cut = domain.grid
    return cut.value(cut.first), cut.value(cut.last)


def _halved(low: Floats, high: Floats, column: int, domain: Domain) -> tuple[Floats, Floats]:
    """Cut boxes in two at the middle of one column; what is a point there stays as it is."""
    wide = low[:, column] < high[:, column]
    below, above = _middle(low[wide, column], high[wide, column], domain)
    lower_high, upper_low = high[wide].copy(), low[wide].copy()
    lower_high[:, column], upper_low[:, column] = below, above
    lows = np.concatenate([low[~wide], low[wide], upper_low])
    return lows, np.concatenate([high[~wide], lower_high, high[wide]])


def _middle(low: Floats, high: Floats, domain: Domain) -> tuple[Floats, Floats]:
    """Return where the lower halves end and where the upper ones begin."""
    cut = domain.grid
    if cut is not None and not isinstance(domain, Normal):
        first = np.rint(low / float(cut.step)) + np.rint(high / float(cut.step))
        places = [int(place) for place in np.floor(first / 2).tolist()]
        ends = [(cut.value(place), cut.value(place + 1)) for place in places]
        return np.array([end for end, _ in ends]), np.array([begin for _, begin in ends])
    assert isinstance(domain, Real | Normal), "everything else has a grid"
    middle = _between(low, high, domain)
    return middle, middle


def _between(low: Floats, high: Floats, domain: Real | Normal) -> Floats:
    if isinstance(domain, Normal):
        return _between_tails(low, high, domain)
    if domain.log:
        return np.asarray(np.sqrt(low) * np.sqrt(high))
    return np.asarray(low / 2 + high / 2)


def _between_tails(low: Floats, high: Floats, domain: Normal) -> Floats:
    """Halve an interval that may have no end: at the mean, then ever further out."""
    mean, std = domain.mean, domain.std
    if domain.log:
        mean = std = math.exp(min(mean, 600))
    with np.errstate(invalid="ignore"):
        out = np.where(np.isfinite(low), low + np.maximum(std, np.abs(low - mean)), mean)
        back = np.where(np.isfinite(high), high - np.maximum(std, np.abs(high - mean)), mean)
        inner = low / 2 + high / 2
    endless = np.where(np.isfinite(low), out, back)
    return np.asarray(np.where(np.isfinite(low) & np.isfinite(high), inner, endless))
