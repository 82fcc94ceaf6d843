"""Compile expressions to functions over the columns of a space, which compute whole batches.

A matrix of assignments, shape (n, d), holds NaN for each parameter that is not active. The
compiled function returns one number for each row. NaN means "unknown": the expression depends on
an inactive parameter, or has no finite value. The truth values are 1 and 0, and `functions`
combines them by Kleene's strong three-valued logic. The technique is compilation to closures: each
node becomes a closure, so that names, literals and choices are looked up once, and not again for
each batch.
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
"""Maps a matrix of shape (n, d) to one number per row, shape (n,), or to a constant, shape ()."""


class _Absent:
    """Type of `ABSENT`, which marks a derived value that is unknown and not sent to the trial."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


class Formula:
    """An expression that is compiled for the columns of a space.

    Parameters
    ----------
    columns
        Mapping from each name to its column.
    domains
        Mapping from each name to its domain.

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
        """The columns that the expression refers to, in ascending order."""
        # `bounds` evaluates the tree itself, and needs the columns and domains for each call.
        self._bound = columns, domains
        compiler = _Compiler(columns, domains)
        self._function = compiler.compile(expression)
        self._texts = compiler.texts

    def __call__(self, matrix: Floats) -> Floats:
        """Compute a number for each row of a matrix: shape (n, d) to shape (n,).

        NaN is an unknown result. True is 1, false is 0, and each text is represented by a number.
        """
        # A division by 0 or an overflow gives an unknown result, so NumPy must not warn of it.
        with np.errstate(all="ignore"):
            numbers = self._function(matrix)
        # Only a constant has another shape, and `np.broadcast_to` takes longer than most formulas.
        return numbers if np.shape(numbers) == (len(matrix),) else np.full(len(matrix), numbers)

    def possible_truth(self, boxes: Boxes) -> PossibleTruth:
        """Return, for each box, the truth values that a condition may take."""
        return possible_truth(self.expression, *self._bound, boxes)

    def enclosure(self, boxes: Boxes) -> Interval:
        """Return, for each box, an interval that contains all values of a numeric expression."""
        return enclosure(self.expression, *self._bound, boxes)

    def values(self, matrix: Floats, where: "Formula | None" = None) -> list[Any]:
        """Compute the value for each row as a Python object, or `ABSENT` if the value is unknown.

        Parameters
        ----------
        where
            A condition. In rows in which the condition is not true, the value is `ABSENT`.
        """
        numbers = self(matrix)
        known = ~np.isnan(numbers)
        if where is not None:
            known &= where(matrix) == 1
        # NaN cannot be converted to an integer, so convert 0 instead and discard the result below.
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
    """Compiles each node of an expression, which must have passed `check`, to a function."""

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
                # True is 1, false is 0 and unknown is NaN, so 1 - x is the negation of x: NaN
                # stays NaN.
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
        """Encode a value as a number; each new text gets the next free number."""
        if isinstance(value, str):
            return self.texts.setdefault(value, float(len(self.texts)))
        return np.nan if value is None else as_float(value)

    def _parameter(self, name: str) -> ColumnFunction:
        column = self._columns[name]
        choices = choices_of(self._domains[name])
        if choices is None:
            return lambda matrix: matrix[:, column]
        # Lists, mappings and null cannot be encoded as numbers. `check` ensures that a choice with
        # such values is only compared with literals, and such comparisons use the indices in the
        # column.
        if not all(isinstance(choice, bool | int | float | str) for choice in choices):
            return lambda matrix: matrix[:, column]
        return _table(column, [self._number(choice) for choice in choices])

    def _chain(self, node: Chain) -> ColumnFunction:
        parts = [self.compile(child) for child in children(node)]
        operators = [operator for operator, _ in node.rest]
        # All operators of a chain have the same precedence. So if the first operator is `and` or
        # `or`, all others are the same.
        if operators[0] in ("and", "or"):
            combine = all_of if operators[0] == "and" else any_of
            return lambda matrix: combine([part(matrix) for part in parts])
        combined = parts[0]
        for operator, part in zip(operators, parts[1:], strict=True):
            combined = _binary(ARITHMETIC[operator], combined, part)
        return combined

    def _comparison(self, left: Expression, operator: str, right: Expression) -> ColumnFunction:
        # Equality is symmetric, so the literal may be on either side.
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
            # Compare each value of the choice with the literals once, so that each row takes only
            # one look-up in the table of results.
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
        # `active` is never unknown: it turns NaN into 0, so it does not go through `finite`.
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
    """Return a function that replaces each index in a column by the value at that index."""
    table = np.asarray(values, dtype=float)

    def look_up(matrix: Floats) -> Floats:
        index = matrix[:, column]
        unknown = np.isnan(index)
        # NaN cannot be converted to an integer. Look up index 0 instead, and discard the result.
        found = table[np.where(unknown, 0, index).astype(np.intp)]
        return np.where(unknown, np.nan, found)

    return look_up


def _binary(
    operate: Callable[[Floats, Floats], Floats], left: ColumnFunction, right: ColumnFunction
) -> ColumnFunction:
    return lambda matrix: finite(operate(left(matrix), right(matrix)))
