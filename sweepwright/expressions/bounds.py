"""Evaluate expressions over boxes of assignments: interval arithmetic and three-valued logic.

A box is a set of assignments. For each column, it has the lowest value, the highest value, and the
activity of the parameter. The activity is 1 if the parameter is active in every row of the box, 0
if the parameter is not active in any row, and 0.5 if it may be active in some rows.
`_IntervalEvaluator` walks the syntax tree once, for m boxes at a time. As an abstract interpreter
does, it computes an abstract value for each node:

- for a number, an `Interval`: bounds of the number, and whether it may be known or unknown;
- for a condition, a `PossibleTruth`: which of Kleene's three truth values it may take.

**Soundness.** Both abstract values over-approximate: they include every value that occurs in some
row of the box. So if an abstract value excludes true, the condition is not true in any row of the
box. In a box that consists of a single row, the result is exact. So `sweepwright.space.proofs` can
decide discrete parameters by enumeration.

**Loss.** Each occurrence of a parameter is enclosed separately (the dependency problem of interval
arithmetic). For example, ``x - x`` over [0, 1] is enclosed by [-1, 1].

**Termination.** There is no loop and no fixpoint. The recursion follows the tree, whose depth the
parser limits (`parser.DEEPEST`). `sweepwright.space.proofs` limits how often boxes are split.

docs/decisions/0007 explains why conditions are proved in this way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from ..domains import Domain
from .functions import EXTREMES, Floats, as_float
from .intervals import Interval, Mask, apply_function, arithmetic, extreme, negate, power
from .kinds import Kind, choices_of, equal_indices, kind_of
from .syntax import (
    Call,
    Chain,
    Comparison,
    Conditional,
    Expression,
    Literal,
    Membership,
    Name,
    Power,
    Unary,
    children,
)


@dataclass(frozen=True, slots=True)
class Boxes:
    """A batch of m boxes of assignments: `low`, `high` and `activity` have the shape (m, d).

    `low` and `high` bound the values of a parameter in the rows in which it is active. If the
    parameter is inactive in the whole box, the bounds have no meaning.
    """

    low: Floats
    high: Floats
    activity: Floats

    def __len__(self) -> int:
        """Return the number of boxes."""
        return len(self.low)


@dataclass(frozen=True, slots=True)
class PossibleTruth:
    """The truth values that a condition may take in each of m boxes, as three masks.

    For each box, at least one mask is set. Negation and conjunction apply Kleene's strong logic to
    sets of truth values. Disjunction is computed from negation and conjunction by De Morgan's law.
    """

    true: Mask
    false: Mask
    unknown: Mask

    def __invert__(self) -> "PossibleTruth":
        """Negate the condition; an unknown condition stays unknown."""
        return PossibleTruth(self.false, self.true, self.unknown)

    def __and__(self, other: "PossibleTruth") -> "PossibleTruth":
        """Combine two conditions by "and".

        The result may be true if both conditions may be true, and false if at least one may be
        false.
        """
        # In Kleene's logic, unknown & true and unknown & unknown are unknown, but unknown & false
        # is false.
        unknown = (self.unknown & (other.true | other.unknown)) | (other.unknown & self.true)
        return PossibleTruth(self.true & other.true, self.false | other.false, unknown)


def possible_truth(
    expression: Expression, columns: Mapping[str, int], domains: Mapping[str, Domain], boxes: Boxes
) -> PossibleTruth:
    """Return the truth values that a condition may take in each box.

    The condition must have passed `check`.
    """
    with np.errstate(all="ignore"):
        return _IntervalEvaluator(columns, domains, boxes).truth(expression)


def enclosure(
    expression: Expression, columns: Mapping[str, int], domains: Mapping[str, Domain], boxes: Boxes
) -> Interval:
    """Return, for each box, an interval that contains all values of a numeric expression."""
    with np.errstate(all="ignore"):
        return _IntervalEvaluator(columns, domains, boxes).number(expression)


class _IntervalEvaluator:
    """Evaluates the nodes of one expression for all boxes at once."""

    def __init__(
        self, columns: Mapping[str, int], domains: Mapping[str, Domain], boxes: Boxes
    ) -> None:
        self._columns = columns
        self._domains = domains
        self._boxes = boxes
        self._texts: dict[str, float] = {}
        self._never = np.zeros(len(boxes), dtype=bool)

    def truth(self, node: Expression) -> PossibleTruth:
        match node:
            case Unary("not", operand):
                return ~self.truth(operand)
            case Chain(rest=((("and" | "or") as operator, _), *_)):
                parts = [self.truth(child) for child in children(node)]
                if operator == "and":
                    return reduce(PossibleTruth.__and__, parts)
                return ~reduce(PossibleTruth.__and__, [~part for part in parts])
            case Comparison(left, operator, right):
                return self._comparison(left, operator, right)
            case Membership(item, choices, negated):
                found = self._any_equal(item, choices)
                return ~found if negated else found
            case Call("active", (asked,)):
                number = self.number(asked)
                return PossibleTruth(number.known, number.unknown, self._never)
            case Conditional(then, test, otherwise):
                return _select_truth(*map(self.truth, (test, then, otherwise)))
        # Any other node is a number by construction. As a condition, 1 is true and 0 is false.
        held = self.number(node)
        return PossibleTruth(
            held.known & (held.high >= 1), held.known & (held.low < 1), held.unknown
        )

    def number(self, node: Expression) -> Interval:
        match node:
            case Literal(value):
                return self._constant(value)
            case Name(name):
                return self._parameter(name)
            case Unary("-", operand):
                return negate(self.number(operand))
            case Chain(first, rest) if rest[0][0] not in ("and", "or"):
                found = self.number(first)
                for operator, part in rest:
                    found = arithmetic(operator, found, self.number(part))
                return found
            case Power(base, exponent):
                return power(self.number(base), self.number(exponent))
            case Call(("min" | "max") as function, arguments):
                return extreme(EXTREMES[function], [*map(self.number, arguments)])
            case Call(function, (argument,)) if function != "active":
                return apply_function(function, self.number(argument))
            case Conditional(then, test, otherwise):
                return _select(self.truth(test), self.number(then), self.number(otherwise))
        # This is a condition used as a number: true is 1 and false is 0. If the condition can be
        # neither true nor false, the bounds cross (low 1, high 0), which represents the empty
        # interval.
        held = self.truth(node)
        low, high = np.where(held.false, 0.0, 1.0), np.where(held.true, 1.0, 0.0)
        return Interval(low, high, held.unknown, held.true | held.false)

    def _constant(self, value: Any) -> Interval:
        number = self._number(value)
        bound = np.full(len(self._boxes), number)
        return Interval(bound, bound, self._never, ~self._never)

    def _number(self, value: Any) -> float:
        """Encode a value as a number; each new text gets the next free number."""
        if isinstance(value, str):
            return self._texts.setdefault(value, float(len(self._texts)))
        return np.nan if value is None else as_float(value)

    def _parameter(self, name: str) -> Interval:
        column = self._columns[name]
        low, high = self._boxes.low[:, column], self._boxes.high[:, column]
        choices = choices_of(self._domains[name])
        # The column of a choice holds indices. Enclose the values whose indices are in the box by
        # their hull. A mixed choice has no numeric values, but `check` ensures that it is only
        # compared with literals, and such comparisons use its indices.
        if choices is not None and kind_of(self._domains[name]) is not Kind.MIXED:
            table = np.array([self._number(choice) for choice in choices])
            inside = self._contained_indices(low, high, len(table))
            low = np.where(inside, table, np.inf).min(axis=1)
            high = np.where(inside, table, -np.inf).max(axis=1)
        activity = self._boxes.activity[:, column]
        return Interval(low, high, activity < 1, activity > 0)

    def _contained_indices(self, low: Floats, high: Floats, count: int) -> Mask:
        """Return a mask of the indices of a choice that each box contains, shape (m, count)."""
        index = np.arange(count)
        return np.asarray((index >= low[:, None]) & (index <= high[:, None]))

    def _comparison(self, left: Expression, operator: str, right: Expression) -> PossibleTruth:
        # Compare a choice with a literal by the indices of the choice. A hull of its values would
        # also contain numbers between the values, and would be less exact.
        for node, literal in ((left, right), (right, left)):
            if operator in ("==", "!=") and self._is_choice(node) and isinstance(literal, Literal):
                found = self._any_equal(node, (literal,))
                return found if operator == "==" else ~found
        return _compare(self.number(left), operator, self.number(right))

    def _is_choice(self, node: Expression) -> bool:
        return isinstance(node, Name) and choices_of(self._domains[node.name]) is not None

    def _any_equal(self, item: Expression, literals: tuple[Literal, ...]) -> PossibleTruth:
        if not (isinstance(item, Name) and self._is_choice(item)):
            number = self.number(item)
            parts = [_compare(number, "!=", self._constant(one.value)) for one in literals]
            return ~reduce(PossibleTruth.__and__, parts)
        column, domain = self._columns[item.name], self._domains[item.name]
        equal = np.zeros(domain.size or 0, dtype=bool)
        for literal in literals:
            equal[equal_indices(domain, literal)] = True
        low, high = self._boxes.low[:, column], self._boxes.high[:, column]
        inside = self._contained_indices(low, high, len(equal))
        activity = self._boxes.activity[:, column]
        true, false = (inside & equal).any(axis=1), (inside & ~equal).any(axis=1)
        return PossibleTruth(true & (activity > 0), false & (activity > 0), activity < 1)


def _compare(left: Interval, operator: str, right: Interval) -> PossibleTruth:
    match operator:
        case "<":
            true, false = left.low < right.high, left.high >= right.low
        case "<=":
            true, false = left.low <= right.high, left.high > right.low
        case ">" | ">=":
            return _compare(right, {">": "<", ">=": "<="}[operator], left)
        case "!=":
            return ~_compare(left, "==", right)
        case _:
            true = (left.low <= right.high) & (right.low <= left.high)
            # Two numbers are certainly equal only if both intervals are the same single point.
            points = (left.low == left.high) & (right.low == right.high)
            false = ~(points & (left.low == right.low))
    known = left.known & right.known
    return PossibleTruth(true & known, false & known, left.unknown | right.unknown)


def _select(test: PossibleTruth, then: Interval, otherwise: Interval) -> Interval:
    """Enclose a conditional by the hull of the branches that its test may select."""
    unreachable_then, unreachable_else = ~test.true, ~test.false
    # A branch that cannot be selected contributes the empty interval (inf, -inf) to the hull.
    low = np.minimum(
        np.where(unreachable_then, np.inf, then.low),
        np.where(unreachable_else, np.inf, otherwise.low),
    )
    high = np.maximum(
        np.where(unreachable_then, -np.inf, then.high),
        np.where(unreachable_else, -np.inf, otherwise.high),
    )
    unknown = test.unknown | (test.true & then.unknown) | (test.false & otherwise.unknown)
    known = (test.true & then.known) | (test.false & otherwise.known)
    return Interval(low, high, unknown, known)


def _select_truth(
    test: PossibleTruth, then: PossibleTruth, otherwise: PossibleTruth
) -> PossibleTruth:
    return PossibleTruth(
        (test.true & then.true) | (test.false & otherwise.true),
        (test.true & then.false) | (test.false & otherwise.false),
        test.unknown | (test.true & then.unknown) | (test.false & otherwise.unknown),
    )
