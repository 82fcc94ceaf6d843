"""Read what is said of parameters: every expression is parsed, its names found, its types checked.

Before: ``momentum: uniform(0, 1) when nesterov``, in the branch ``sgd`` of ``optimizer``.
After: the condition ``optimizer.sgd.nesterov``, which is true or false.
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
from .names import ResolvedExpr, Resolver, part_of, report_cycle, topological_sort


@dataclass(frozen=True, slots=True)
class Relations:
    """Expressions without fault, all of them about parameters by their full names."""

    conditions: Mapping[str, ResolvedExpr]
    """By parameter, or by derived value."""
    branches: Mapping[tuple[str, int], ResolvedExpr]
    """By parameter and branch: what must hold for it to be taken."""
    constraints: tuple[ResolvedExpr, ...]
    derived: Mapping[str, ResolvedExpr]
    divisors: tuple[ResolvedExpr, ...] = ()
    """Everything that is divided by."""


def read_relations(drafted: Drafted, report: Report) -> Relations:
    """Read every expression, reporting all that are at fault."""
    return _Reader(drafted, report).read()


_CODES: Mapping[FaultKind, Code] = {
    FaultKind.UNKNOWN_NAME: Code.UNKNOWN_NAME,
    FaultKind.TYPE_MISMATCH: Code.TYPE_MISMATCH,
    FaultKind.IMPOSSIBLE_COMPARISON: Code.IMPOSSIBLE_COMPARISON,
}


class _Reader:
    def __init__(self, drafted: Drafted, report: Report) -> None:
        self._drafted = drafted
        self._report = report
        self._types: dict[str, Domain | Kind] = {
            draft.parameter.name: draft.parameter.domain for draft in drafted.parameters
        }
        self._derived: dict[str, ResolvedExpr] = {}
        self._divisors: list[ResolvedExpr] = []
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
        """Yield derived values, those that others use first, less those that use themselves."""
        read = {
            draft.name: (draft, expr)
            for draft in self._drafted.derived
            if (expr := self._resolver.read(draft.expression))
        }
        order, cycles = topological_sort({name: expr.names for name, (_, expr) in read.items()})
        for cycle in cycles:
            report_cycle(cycle, {name: expr for name, (_, expr) in read.items()}, self._report)
        cyclic = {name for cycle in cycles for name in cycle}
        yield from (read[name] for name in order if name not in cyclic)

    def _read_derived(self, draft: DerivedDraft, expr: ResolvedExpr) -> None:
        if any(name not in self._types for name in expr.names):
            return  # it uses another that is at fault
        kind = self._kind(expr)
        if kind is Kind.MIXED:
            message = f"`{expr.source.text}` is {kind.value}, from which nothing is derived"
            span = expr.source.at(0, len(expr.source.text))
            self._report.error(Code.TYPE_MISMATCH, message, span, help="leave it out")
        elif kind and (alone := self._without_derived(expr)):
            self._derived[draft.name] = alone
            self._types[draft.name] = kind

    def _condition(self, source: ExprSource | None) -> ResolvedExpr | None:
        expr = self._resolver.read(source)
        if expr is None or any(name not in self._types for name in expr.names):
            return None
        kind = self._kind(expr)
        if kind is Kind.BOOLEAN:
            return self._without_derived(expr)
        if kind is not None:
            self._report_no_condition(expr.source, kind)
        return None

    def _report_no_condition(self, source: ExprSource, kind: Kind) -> None:
        message = f"`{source.text}` is {kind.value}, where true or false is due"
        number = kind in (Kind.INTEGER, Kind.NUMBER)
        example = f"{source.text} > 0" if number else f'{source.text} == "…"'
        span = source.at(0, len(source.text))
        suggestion = f"compare it with something: `{example}`"
        self._report.error(Code.TYPE_MISMATCH, message, span, help=suggestion)

    def _kind(self, expr: ResolvedExpr) -> Kind | None:
        """Tell what an expression comes to, None when anything is wrong with it."""
        kind, faults = check(expr.expression, self._types)
        for fault in faults:
            self._tell(fault, expr.source)
        return None if faults else kind

    def _tell(self, fault: Fault, source: ExprSource) -> None:
        span = source.at(fault.start, fault.length)
        self._report.error(_CODES[fault.kind], fault.message, span, help=fault.help)

    def _without_derived(self, expr: ResolvedExpr) -> ResolvedExpr | None:
        """Put what derived values are computed from in their place; None where that is too much.

        A value that uses another twice doubles it, so what comes of it is measured beforehand.
        """
        values = {name: derived.expression for name, derived in self._derived.items()}
        used = [r.name for r in references(expr.expression) if r.name in values]
        if sum(len(str(values[name])) for name in used) > LONGEST:
            self._report_too_much(expr.source)
            return None
        for divisor in divisors(expr.expression):
            part = part_of(expr.source, divisor)
            self._divisors.append(ResolvedExpr(substituted(divisor, values), part))
        alone = substituted(expr.expression, values)
        if used and not _is_readable(alone):
            self._report_too_much(expr.source)
            return None
        return ResolvedExpr(alone, expr.source)

    def _report_too_much(self, source: ExprSource) -> None:
        message = "with what it uses in place of the names, it is too long or nested too deeply"
        span = source.at(0, len(source.text))
        self._report.error(Code.BAD_EXPRESSION, message, span, help="compute it in the trial")


def _is_readable(expression: Expression) -> bool:
    """Tell whether an expression can be read again once it is written into a plan."""
    try:
        parse(str(expression))
    except ExpressionError:
        return False
    return True
