"""Bounds: what an expression can come to in a box of parameters, to prove what it never does.

A box holds, for each column, the lowest and the highest value, and whether the parameter is
active: 1 for yes, 0 for no, 0.5 for either. What is said of a box is safe: a condition that
cannot be true there is true for no row in it. In a box that is one row it is exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from ..domains import Domain
from .functions import EXTREMES, Floats, as_float
from .intervals import Interval, Mask, applied, arithmetic, extreme, negated, power
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
    """Boxes of parameters, m of them: `low`, `high` and `activity`, each of shape (m, d)."""

    low: Floats
    high: Floats
    activity: Floats

    def __len__(self) -> int:
        """Count the boxes."""
        return len(self.low)


@dataclass(frozen=True, slots=True)
class Possible:
    """What a condition can be in each of m boxes."""

    true: Mask
    false: Mask
    unknown: Mask

    def __invert__(self) -> "Possible":
        """Deny the condition."""
        return Possible(self.false, self.true, self.unknown)

    def __and__(self, other: "Possible") -> "Possible":
        """Join two conditions, both of which are to hold."""
        unknown = (self.unknown & (other.true | other.unknown)) | (other.unknown & self.true)
        return Possible(self.true & other.true, self.false | other.false, unknown)


def possible(
    expression: Expression, columns: Mapping[str, int], domains: Mapping[str, Domain], boxes: Boxes
) -> Possible:
    """Tell what a condition, which `check` found sound, can be in each box."""
    with np.errstate(all="ignore"):
        return _Encloser(columns, domains, boxes).truth(expression)


def enclosed(
    expression: Expression, columns: Mapping[str, int], domains: Mapping[str, Domain], boxes: Boxes
) -> Interval:
    """Tell between which numbers an expression lies in each box."""
    with np.errstate(all="ignore"):
        return _Encloser(columns, domains, boxes).number(expression)


class _Encloser:
    """Encloses the nodes of one expression, for all boxes at once."""

    def __init__(
        self, columns: Mapping[str, int], domains: Mapping[str, Domain], boxes: Boxes
    ) -> None:
        self._columns = columns
        self._domains = domains
        self._boxes = boxes
        self._texts: dict[str, float] = {}
        self._never = np.zeros(len(boxes), dtype=bool)

    def truth(self, node: Expression) -> Possible:
        match node:
            case Unary("not", operand):
                return ~self.truth(operand)
            case Chain(rest=((("and" | "or") as operator, _), *_)):
                parts = [self.truth(child) for child in children(node)]
                if operator == "and":
                    return reduce(Possible.__and__, parts)
                return ~reduce(Possible.__and__, [~part for part in parts])
            case Comparison(left, operator, right):
                return self._comparison(left, operator, right)
            case Membership(item, choices, negated):
                found = self._any_equal(item, choices)
                return ~found if negated else found
            case Call("active", (asked,)):
                number = self.number(asked)
                return Possible(number.known, number.unknown, self._never)
            case Conditional(then, test, otherwise):
                return _choose_truth(*map(self.truth, (test, then, otherwise)))
        held = self.number(node)
        return Possible(held.known & (held.high >= 1), held.known & (held.low < 1), held.unknown)

    def number(self, node: Expression) -> Interval:
        match node:
            case Literal(value):
                return self._constant(value)
            case Name(name):
                return self._parameter(name)
            case Unary("-", operand):
                return negated(self.number(operand))
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
                return applied(function, self.number(argument))
            case Conditional(then, test, otherwise):
                return _choose(self.truth(test), self.number(then), self.number(otherwise))
        held = self.truth(node)
        low, high = np.where(held.false, 0.0, 1.0), np.where(held.true, 1.0, 0.0)
        return Interval(low, high, held.unknown, held.true | held.false)

    def _constant(self, value: Any) -> Interval:
        number = self._number(value)
        bound = np.full(len(self._boxes), number)
        return Interval(bound, bound, self._never, ~self._never)

    def _number(self, value: Any) -> float:
        if isinstance(value, str):
            return self._texts.setdefault(value, float(len(self._texts)))
        return np.nan if value is None else as_float(value)

    def _parameter(self, name: str) -> Interval:
        column = self._columns[name]
        low, high = self._boxes.low[:, column], self._boxes.high[:, column]
        choices = choices_of(self._domains[name])
        if choices is not None and kind_of(self._domains[name]) is not Kind.MIXED:
            table = np.array([self._number(choice) for choice in choices])
            inside = self._indices(low, high, len(table))
            low = np.where(inside, table, np.inf).min(axis=1)
            high = np.where(inside, table, -np.inf).max(axis=1)
        activity = self._boxes.activity[:, column]
        return Interval(low, high, activity < 1, activity > 0)

    def _indices(self, low: Floats, high: Floats, count: int) -> Mask:
        """Tell which indices of a choice each box holds, shape (m, count)."""
        index = np.arange(count)
        return np.asarray((index >= low[:, None]) & (index <= high[:, None]))

    def _comparison(self, left: Expression, operator: str, right: Expression) -> Possible:
        for node, literal in ((left, right), (right, left)):
            if operator in ("==", "!=") and self._is_choice(node) and isinstance(literal, Literal):
                found = self._any_equal(node, (literal,))
                return found if operator == "==" else ~found
        return _compared(self.number(left), operator, self.number(right))

    def _is_choice(self, node: Expression) -> bool:
        return isinstance(node, Name) and choices_of(self._domains[node.name]) is not None

    def _any_equal(self, item: Expression, literals: tuple[Literal, ...]) -> Possible:
        if not (isinstance(item, Name) and self._is_choice(item)):
            number = self.number(item)
            parts = [_compared(number, "!=", self._constant(one.value)) for one in literals]
            return ~reduce(Possible.__and__, parts)
        column, domain = self._columns[item.name], self._domains[item.name]
        equal = np.zeros(domain.size or 0, dtype=bool)
        for literal in literals:
            equal[equal_indices(domain, literal)] = True
        low, high = self._boxes.low[:, column], self._boxes.high[:, column]
        inside = self._indices(low, high, len(equal))
        activity = self._boxes.activity[:, column]
        true, false = (inside & equal).any(axis=1), (inside & ~equal).any(axis=1)
        return Possible(true & (activity > 0), false & (activity > 0), activity < 1)


def _compared(left: Interval, operator: str, right: Interval) -> Possible:
    match operator:
        case "<":
            true, false = left.low < right.high, left.high >= right.low
        case "<=":
            true, false = left.low <= right.high, left.high > right.low
        case ">" | ">=":
            return _compared(right, {">": "<", ">=": "<="}[operator], left)
        case "!=":
            return ~_compared(left, "==", right)
        case _:
            true = (left.low <= right.high) & (right.low <= left.high)
            points = (left.low == left.high) & (right.low == right.high)
            false = ~(points & (left.low == right.low))
    known = left.known & right.known
    return Possible(true & known, false & known, left.unknown | right.unknown)


def _choose(test: Possible, then: Interval, otherwise: Interval) -> Interval:
    """Enclose what a conditional comes to: of one side, of the other, or of both."""
    unreachable_then, unreachable_else = ~test.true, ~test.false
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


def _choose_truth(test: Possible, then: Possible, otherwise: Possible) -> Possible:
    return Possible(
        (test.true & then.true) | (test.false & otherwise.true),
        (test.true & then.false) | (test.false & otherwise.false),
        test.unknown | (test.true & then.unknown) | (test.false & otherwise.unknown),
    )
