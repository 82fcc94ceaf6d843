"""Compile expressions to functions over the columns of a space, computed for whole batches.

A matrix of assignments, shape (n, d), holds NaN for a parameter that is not active. The compiled
function returns one number a row, where NaN means "unknown": for want of an active parameter, or
of a finite result. Truth values are 1 and 0, and `functions` combines them by Kleene's strong
three-valued logic. Compilation makes a closure for each node, so that names, literals and
choices are looked up once and not for every batch.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, Final, TypeAlias

import numpy as np

from ..domains import Domain
from .bounds import Boxes, PossibleTruth, enclosure, possible_truth
from .check import check
from .functions import (
    ARITHMETIC,
    EXTREMES,
    FUNCTIONS,
    Floats,
    all_of,
    any_of,
    as_float,
    compare,
    finite,
    power,
    select,
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

ColumnFunction: TypeAlias = Callable[[Floats], Floats]
"""Computes a value for each row of a matrix: shape (n, d) -> (n,), or () for a constant."""


class _Absent:
    """Marks a derived value that is unknown, and so is not delivered to the trial."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


class Formula:
    """An expression, compiled for the columns of a space.

    Parameters
    ----------
    columns
        The column of each name.
    domains
        The domain of each name.

    Raises
    ------
    ValueError
        If `check` finds a fault in the expression.
    """

    def __init__(
        self, expression: Expression, columns: Mapping[str, int], domains: Mapping[str, Domain]
    ) -> None:
        kind, faults = check(expression, domains)
        if kind is None:
            raise ValueError("; ".join(fault.message for fault in faults))
        self.expression = expression
        self.kind = kind
        self.used_columns = sorted(
            {columns[reference.name] for reference in references(expression)}
        )
        """The columns that the expression refers to, in order."""
        self._bound = columns, domains
        compiler = _Compiler(columns, domains)
        self._function = compiler.compile(expression)
        self._texts = compiler.texts

    def __call__(self, matrix: Floats) -> Floats:
        """Compute a number for each row of (n, d), shape (n,); NaN is an unknown result.

        True is 1, false is 0, and each text has a number of its own.
        """
        with np.errstate(all="ignore"):
            return np.broadcast_to(self._function(matrix), len(matrix))

    def possible_truth(self, boxes: Boxes) -> PossibleTruth:
        """Return the truth values that a condition may take in each box."""
        return possible_truth(self.expression, *self._bound, boxes)

    def enclosure(self, boxes: Boxes) -> Interval:
        """Return an interval that contains a numeric expression in each box."""
        return enclosure(self.expression, *self._bound, boxes)

    def values(self, matrix: Floats, where: "Formula | None" = None) -> list[Any]:
        """Compute a plain value for each row, or `ABSENT` where it is unknown.

        Parameters
        ----------
        where
            A condition; the value is absent unless it is true.
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


class _Compiler:
    """Compiles each node of an expression that passed `check` to a function of the matrix."""

    def __init__(self, columns: Mapping[str, int], domains: Mapping[str, Domain]) -> None:
        self.texts: dict[str, float] = {}
        self._columns = columns
        self._domains = domains

    def compile(self, node: Expression) -> ColumnFunction:  # noqa: C901, PLR0911 - a case for each node
        match node:
            case Literal(value):
                constant = np.asarray(self._number(value))
                return lambda _: constant
            case Name(name):
                return self._parameter(name)
            case Unary(operator, operand):
                inner = self.compile(operand)
                # In the encoding 1, 0, NaN, negation is 1 - x: NaN stays NaN.
                if operator == "not":
                    return lambda matrix: 1 - inner(matrix)
                return lambda matrix: -inner(matrix)
            case Chain():
                return self._chain(node)
            case Power(base, exponent):
                return _binary(power, self.compile(base), self.compile(exponent))
            case Comparison(left, operator, right):
                return self._comparison(left, operator, right)
            case Membership(item, choices, negated):
                return self._membership(item, choices, negated=negated)
            case Call(function, arguments):
                return self._call(function, arguments)
            case Conditional(then, test, otherwise):
                parts = [self.compile(test), self.compile(then), self.compile(otherwise)]
                return lambda matrix: select(*(part(matrix) for part in parts))

    def _number(self, value: Any) -> float:
        """Encode a value as a number; each text gets the next free number."""
        if isinstance(value, str):
            return self.texts.setdefault(value, float(len(self.texts)))
        return np.nan if value is None else as_float(value)

    def _parameter(self, name: str) -> ColumnFunction:
        column = self._columns[name]
        choices = choices_of(self._domains[name])
        if choices is None:
            return lambda matrix: matrix[:, column]
        # Lists, mappings and null have no number; `check` lets such a choice only be compared with
        # literals, which works on its indices.
        if not all(isinstance(choice, bool | int | float | str) for choice in choices):
            return lambda matrix: matrix[:, column]
        return _table(column, [self._number(choice) for choice in choices])

    def _chain(self, node: Chain) -> ColumnFunction:
        parts = [self.compile(child) for child in children(node)]
        operators = [operator for operator, _ in node.rest]
        if operators[0] in ("and", "or"):
            combine = all_of if operators[0] == "and" else any_of
            return lambda matrix: combine([part(matrix) for part in parts])
        combined = parts[0]
        for operator, part in zip(operators, parts[1:], strict=True):
            combined = _binary(ARITHMETIC[operator], combined, part)
        return combined

    def _comparison(self, left: Expression, operator: str, right: Expression) -> ColumnFunction:
        for node, literal in ((left, right), (right, left)):
            if operator in ("==", "!=") and _is_choice(node, literal, self._domains):
                assert isinstance(literal, Literal)
                return self._membership(node, (literal,), negated=operator == "!=")
        one, other = self.compile(left), self.compile(right)
        return lambda matrix: compare(operator, one(matrix), other(matrix))

    def _membership(
        self, item: Expression, choices: Sequence[Literal], *, negated: bool
    ) -> ColumnFunction:
        found = self._any_equal(item, choices)
        return (lambda matrix: 1 - found(matrix)) if negated else found

    def _any_equal(self, item: Expression, choices: Sequence[Literal]) -> ColumnFunction:
        if isinstance(item, Name) and choices_of(self._domains[item.name]) is not None:
            domain = self._domains[item.name]
            # Decide each choice against the literals once; a row then is one look-up.
            equal = np.zeros(domain.size or 0)
            for literal in choices:
                equal[equal_indices(domain, literal)] = 1.0
            return _table(self._columns[item.name], equal)
        value = self.compile(item)
        numbers = [self._number(literal.value) for literal in choices]

        def found(matrix: Floats) -> Floats:
            values = value(matrix)
            return np.where(np.isnan(values), np.nan, np.isin(values, numbers))

        return found

    def _call(self, function: str, arguments: Sequence[Expression]) -> ColumnFunction:
        parts = [self.compile(argument) for argument in arguments]
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


def _table(column: int, values: Sequence[float] | Floats) -> ColumnFunction:
    """Return a function that looks up the value of each index in a column."""
    table = np.asarray(values, dtype=float)

    def look_up(matrix: Floats) -> Floats:
        index = matrix[:, column]
        unknown = np.isnan(index)
        # NaN has no integer: look up index 0 for it, and discard the result.
        found = table[np.where(unknown, 0, index).astype(np.intp)]
        return np.where(unknown, np.nan, found)

    return look_up


def _binary(
    operate: Callable[[Floats, Floats], Floats], left: ColumnFunction, right: ColumnFunction
) -> ColumnFunction:
    return lambda matrix: finite(operate(left(matrix), right(matrix)))
