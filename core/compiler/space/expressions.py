"""Check every expression of a space: parse it, resolve names, infer types, expand derived values.

Before: ``momentum: uniform(0, 1) when fast``, where ``fast`` is the derived value ``size < 32``.
After: the condition ``size < 32`` of ``momentum``, with the type boolean.

If an expression refers to an invalid parameter or derived value, the expression is dropped without
a finding, since a finding about the parameter or derived value already exists.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sweepwright.diagnostics import Code, Report
from sweepwright.expressions import (
    LONGEST,
    Expression,
    ExpressionError,
    Fault,
    FaultKind,
    Kind,
    check,
    divisors,
    parse,
    references,
    substituted,
    texts_of,
)
from sweepwright.space import Domain

from ..stages import DerivedDraft, Drafted, ExprSource
from .dependencies import report_cycle, topological_sort
from .names import ResolvedExpr, Resolver, subexpression_source


@dataclass(frozen=True, slots=True)
class Relations:
    """The valid expressions of a space, in which all names are full names of parameters."""

    conditions: Mapping[str, ResolvedExpr]
    """Mapping from the name of each conditional parameter or derived value to its condition."""
    branches: Mapping[tuple[str, int], ResolvedExpr]
    """Mapping from (nested choice, index of a branch) to the condition for taking that branch."""
    constraints: tuple[ResolvedExpr, ...]
    derived: Mapping[str, ResolvedExpr]
    divisors: tuple[ResolvedExpr, ...] = ()
    """The divisors that occur in any of the expressions."""


def read_relations(drafted: Drafted, report: Report) -> Relations:
    """Parse and check every expression of a space, and report every fault."""
    return _RelationReader(drafted, report).read()


_CODES: Mapping[FaultKind, Code] = {
    FaultKind.UNKNOWN_NAME: Code.UNKNOWN_NAME,
    FaultKind.TYPE_MISMATCH: Code.TYPE_MISMATCH,
    FaultKind.IMPOSSIBLE_COMPARISON: Code.IMPOSSIBLE_COMPARISON,
}


class _RelationReader:
    def __init__(self, drafted: Drafted, report: Report) -> None:
        self._drafted = drafted
        self._report = report
        self._types: dict[str, Domain | Kind] = {
            draft.parameter.name: draft.parameter.domain for draft in drafted.parameters
        }
        self._derived: dict[str, ResolvedExpr] = {}
        self._divisors: list[ResolvedExpr] = []
        # `names` contains every derived value from the start, whereas `_types` gains each derived
        # value once it has been checked. So a name that resolves but has no type refers to a
        # derived value for which a fault was reported.
        names = {*self._types, *(draft.name for draft in drafted.derived)}
        texts = {text for draft in drafted.parameters for text in texts_of(draft.parameter.domain)}
        self._resolver = Resolver(names, texts, drafted.invalid_names, report)

    def read(self) -> Relations:
        for draft, expr in self._in_order():
            self._read_derived(draft, expr)
        drafted = self._drafted
        located = [(draft.parameter.name, draft.condition) for draft in drafted.parameters]
        located += [(draft.name, draft.condition) for draft in drafted.derived]
        branches = [((d.parent, d.branch), d.condition) for d in drafted.branches]
        return Relations(
            {name: read for name, text in located if (read := self._condition(text))},
            {key: read for key, text in branches if (read := self._condition(text))},
            tuple(read for text in drafted.constraints if (read := self._condition(text))),
            self._derived,
            tuple(self._divisors),
        )

    def _in_order(self) -> Iterator[tuple[DerivedDraft, ResolvedExpr]]:
        """Yield each derived value after the values in its expression, and report cycles."""
        read = {
            draft.name: (draft, expr)
            for draft in self._drafted.derived
            if (expr := self._resolver.read(draft.expression))
        }
        order, cycles = topological_sort({name: expr.names for name, (_, expr) in read.items()})
        for cycle in cycles:
            report_cycle(cycle, {name: expr for name, (_, expr) in read.items()}, self._report)
        # A value that depends on a cycle without being part of it is kept. `_read_derived` drops
        # it, because the values of the cycle never get a type.
        cyclic = {name for cycle in cycles for name in cycle}
        yield from (read[name] for name in order if name not in cyclic)

    def _read_derived(self, draft: DerivedDraft, expr: ResolvedExpr) -> None:
        if any(name not in self._types for name in expr.names):
            return  # a name refers to an invalid derived value
        kind = self._kind(expr)
        if kind is Kind.MIXED:
            message = f"nothing can be derived from `{expr.source.text}`, {kind.value}"
            span = expr.source.text_span
            self._report.error(Code.TYPE_MISMATCH, message, span, help="remove the derived value")
        elif kind and (expanded := self._expand_derived(expr)):
            self._derived[draft.name] = expanded
            self._types[draft.name] = kind

    def _condition(self, source: ExprSource | None) -> ResolvedExpr | None:
        expr = self._resolver.read(source)
        if expr is None or any(name not in self._types for name in expr.names):
            return None
        kind = self._kind(expr)
        if kind is Kind.BOOLEAN:
            return self._expand_derived(expr)
        if kind is not None:
            self._report_not_boolean(expr.source, kind)
        return None

    def _report_not_boolean(self, source: ExprSource, kind: Kind) -> None:
        message = f"expected a boolean, but `{source.text}` is {kind.value}"
        number = kind in (Kind.INTEGER, Kind.NUMBER)
        example = f"{source.text} > 0" if number else f'{source.text} == "…"'
        span = source.text_span
        suggestion = f"compare the operand with a value, as in `{example}`"
        self._report.error(Code.TYPE_MISMATCH, message, span, help=suggestion)

    def _kind(self, expr: ResolvedExpr) -> Kind | None:
        """Return the type of an expression, or report its faults and return None."""
        kind, faults = check(expr.expression, self._types)
        for fault in faults:
            self._report_fault(fault, expr.source)
        return None if faults else kind

    def _report_fault(self, fault: Fault, source: ExprSource) -> None:
        span = source.at(fault.start, fault.length)
        self._report.error(_CODES[fault.kind], fault.message, span, help=fault.help)

    def _expand_derived(self, expr: ResolvedExpr) -> ResolvedExpr | None:
        """Replace derived values by their expressions, or report that the result is too large.

        If each of twenty derived values uses the previous value twice, the last value expands to a
        million terms. So the method estimates the length of the result before it substitutes
        anything.
        """
        values = {name: derived.expression for name, derived in self._derived.items()}
        used = [r.name for r in references(expr.expression) if r.name in values]
        if sum(len(str(values[name])) for name in used) > LONGEST:
            self._report_too_large(expr.source)
            return None
        # Search the expression as it is written. The divisors in its derived values were recorded
        # when the derived values were read.
        for divisor in divisors(expr.expression):
            part = subexpression_source(expr.source, divisor)
            self._divisors.append(ResolvedExpr(substituted(divisor, values), part))
        expanded = substituted(expr.expression, values)
        if used and not _fits_in_plan(expanded):
            self._report_too_large(expr.source)
            return None
        return ResolvedExpr(expanded, expr.source)

    def _report_too_large(self, source: ExprSource) -> None:
        message = (
            "with its derived values expanded, the expression is too long or nested too deeply"
        )
        span = source.text_span
        self._report.error(
            Code.BAD_EXPRESSION, message, span, help="compute the value in the trial"
        )


def _fits_in_plan(expression: Expression) -> bool:
    """Tell whether the text of an expression can be parsed again.

    A plan stores the expression as text, and parses it when the plan is read.
    """
    try:
        parse(str(expression))
    except ExpressionError:
        return False
    return True
