"""Formulas: expressions bound to the columns of a space, computed for whole batches."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, Final, TypeAlias

import numpy as np

from ..domains import Domain
from .bounds import Boxes, Possible, enclosed, possible
from .check import check
from .functions import (
    ARITHMETIC,
    EXTREMES,
    FUNCTIONS,
    Floats,
    all_of,
    any_of,
    as_float,
    choose,
    compare,
    finite,
    power,
)
from .intervals import Interval
from .kinds import Kind, choices_of, equal_indices
from .names import references
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

Column: TypeAlias = Callable[[Floats], Floats]
"""Computes a value for each row of a matrix, shape (n, d) -> (n,) or ()."""


class _Absent:
    """Stands for a value that is not known, and is not delivered."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


class Formula:
    """An expression about the columns of a space.

    Parameters
    ----------
    columns
        For each name, its column.
    domains
        For each name, its domain.

    Raises
    ------
    ValueError
        When the expression is at fault; `check` says how.
    """

    def __init__(
        self, expression: Expression, columns: Mapping[str, int], domains: Mapping[str, Domain]
    ) -> None:
        kind, faults = check(expression, domains)
        if kind is None:
            raise ValueError("; ".join(fault.message for fault in faults))
        self.expression = expression
        self.kind = kind
        self.about = sorted({columns[reference.name] for reference in references(expression)})
        """The columns that it is about."""
        self._bound = columns, domains
        binder = _Binder(columns, domains)
        self._column = binder.column(expression)
        self._texts = binder.texts

    def __call__(self, matrix: Floats) -> Floats:
        """Compute for each row of (n, d) a number, or 1 and 0 for true and false; shape (n,).

        NaN is what is not known, for want of an active parameter or of a finite result. A text
        is a number of its own.
        """
        with np.errstate(all="ignore"):
            return np.broadcast_to(self._column(matrix), len(matrix))

    def possible(self, boxes: Boxes) -> Possible:
        """Tell of a condition what it can be in each box."""
        return possible(self.expression, *self._bound, boxes)

    def enclosed(self, boxes: Boxes) -> Interval:
        """Tell of a number between which others it lies in each box."""
        return enclosed(self.expression, *self._bound, boxes)

    def values(self, matrix: Floats, where: "Formula | None" = None) -> list[Any]:
        """Compute plain values for each row, `ABSENT` where they are not known.

        Where a condition is given, so are they unless it is true.
        """
        numbers = self(matrix)
        known = ~np.isnan(numbers)
        if where is not None:
            known &= where(matrix) == 1
        plain = self._plain(np.where(known, numbers, 0.0))
        if known.all():
            return plain
        return [v if k else ABSENT for v, k in zip(plain, known.tolist(), strict=True)]

    def _plain(self, numbers: Floats) -> list[Any]:
        match self.kind:
            case Kind.INTEGER:
                return list(map(int, numbers.tolist()))
            case Kind.BOOLEAN:
                return list(map(bool, numbers.tolist()))
            case Kind.TEXT:
                texts = list(self._texts)
                return [texts[number] for number in numbers.astype(int).tolist()]
        return list(numbers.tolist())


class _Binder:
    """Makes a function of columns of each node of an expression that is known to be sound."""

    def __init__(self, columns: Mapping[str, int], domains: Mapping[str, Domain]) -> None:
        self.texts: dict[str, float] = {}
        self._columns = columns
        self._domains = domains

    def column(self, node: Expression) -> Column:  # noqa: C901, PLR0911 - a case for each node
        match node:
            case Literal(value):
                constant = np.asarray(self._number(value))
                return lambda _: constant
            case Name(name):
                return self._parameter(name)
            case Unary(operator, operand):
                inner = self.column(operand)
                if operator == "not":
                    return lambda matrix: 1 - inner(matrix)
                return lambda matrix: -inner(matrix)
            case Chain():
                return self._chain(node)
            case Power(base, exponent):
                return _binary(power, self.column(base), self.column(exponent))
            case Comparison(left, operator, right):
                return self._comparison(left, operator, right)
            case Membership(item, choices, negated):
                return self._membership(item, choices, negated=negated)
            case Call(function, arguments):
                return self._call(function, arguments)
            case Conditional(then, test, otherwise):
                parts = [self.column(test), self.column(then), self.column(otherwise)]
                return lambda matrix: choose(*(part(matrix) for part in parts))

    def _number(self, value: Any) -> float:
        """Give a text a number, in the order in which texts are met; a number is itself."""
        if isinstance(value, str):
            return self.texts.setdefault(value, float(len(self.texts)))
        return np.nan if value is None else as_float(value)

    def _parameter(self, name: str) -> Column:
        column = self._columns[name]
        choices = choices_of(self._domains[name])
        if choices is None:
            return lambda matrix: matrix[:, column]
        if not all(isinstance(choice, bool | int | float | str) for choice in choices):
            return lambda matrix: matrix[:, column]  # only ever compared by its index
        return _table(column, [self._number(choice) for choice in choices])

    def _chain(self, node: Chain) -> Column:
        parts = [self.column(child) for child in children(node)]
        operators = [operator for operator, _ in node.rest]
        if operators[0] in ("and", "or"):
            combine = all_of if operators[0] == "and" else any_of
            return lambda matrix: combine([part(matrix) for part in parts])
        column = parts[0]
        for operator, part in zip(operators, parts[1:], strict=True):
            column = _binary(ARITHMETIC[operator], column, part)
        return column

    def _comparison(self, left: Expression, operator: str, right: Expression) -> Column:
        for node, literal in ((left, right), (right, left)):
            if operator in ("==", "!=") and _is_choice(node, literal, self._domains):
                assert isinstance(literal, Literal)
                return self._membership(node, (literal,), negated=operator == "!=")
        one, other = self.column(left), self.column(right)
        return lambda matrix: compare(operator, one(matrix), other(matrix))

    def _membership(
        self, item: Expression, choices: Sequence[Literal], *, negated: bool
    ) -> Column:
        found = self._any_equal(item, choices)
        return (lambda matrix: 1 - found(matrix)) if negated else found

    def _any_equal(self, item: Expression, choices: Sequence[Literal]) -> Column:
        if isinstance(item, Name) and choices_of(self._domains[item.name]) is not None:
            domain = self._domains[item.name]
            equal = np.zeros(domain.size or 0)
            for literal in choices:
                equal[equal_indices(domain, literal)] = 1.0
            return _table(self._columns[item.name], equal)
        column = self.column(item)
        numbers = [self._number(literal.value) for literal in choices]

        def found(matrix: Floats) -> Floats:
            values = column(matrix)
            return np.where(np.isnan(values), np.nan, np.isin(values, numbers))

        return found

    def _call(self, function: str, arguments: Sequence[Expression]) -> Column:
        parts = [self.column(argument) for argument in arguments]
        if function == "active":
            return lambda matrix: (~np.isnan(parts[0](matrix))).astype(float)
        if function in EXTREMES:
            extreme = EXTREMES[function]
            return lambda matrix: reduce(extreme, [part(matrix) for part in parts])
        apply, inner = FUNCTIONS[function], parts[0]
        return lambda matrix: finite(apply(inner(matrix)))


def _is_choice(node: Expression, literal: Expression, domains: Mapping[str, Domain]) -> bool:
    named = isinstance(node, Name) and isinstance(literal, Literal)
    return named and isinstance(node, Name) and choices_of(domains[node.name]) is not None


def _table(column: int, values: Sequence[float] | Floats) -> Column:
    """Look the values of a column's indices up."""
    table = np.asarray(values, dtype=float)

    def look_up(matrix: Floats) -> Floats:
        index = matrix[:, column]
        unknown = np.isnan(index)
        found = table[np.where(unknown, 0, index).astype(np.intp)]
        return np.where(unknown, np.nan, found)

    return look_up


def _binary(operate: Callable[[Floats, Floats], Floats], left: Column, right: Column) -> Column:
    return lambda matrix: finite(operate(left(matrix), right(matrix)))
