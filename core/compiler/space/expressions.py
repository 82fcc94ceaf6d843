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
from .names import Named, Resolver, part_of, report_circle, sort_names


@dataclass(frozen=True, slots=True)
class Relations:
    """Expressions without fault, all of them about parameters by their full names."""

    conditions: Mapping[str, Named]
    """By parameter, or by derived value."""
    branches: Mapping[tuple[str, int], Named]
    """By parameter and branch: what must hold for it to be taken."""
    constraints: tuple[Named, ...]
    derived: Mapping[str, Named]
    divisors: tuple[Named, ...] = ()
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
        self._derived: dict[str, Named] = {}
        self._divisors: list[Named] = []
        names = {*self._types, *(draft.name for draft in drafted.derived)}
        texts = {text for draft in drafted.parameters for text in texts_of(draft.parameter.domain)}
        self._resolver = Resolver(names, texts, drafted.lost, report)

    def read(self) -> Relations:
        for draft, named in self._in_order():
            self._read_derived(draft, named)
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

    def _in_order(self) -> Iterator[tuple[DerivedDraft, Named]]:
        """Yield derived values, those that others use first, less those that use themselves."""
        read = {
            draft.name: (draft, named)
            for draft in self._drafted.derived
            if (named := self._resolver.read(draft.expression))
        }
        order, circles = sort_names({name: named.names for name, (_, named) in read.items()})
        for circle in circles:
            report_circle(circle, {name: named for name, (_, named) in read.items()}, self._report)
        circular = {name for circle in circles for name in circle}
        yield from (read[name] for name in order if name not in circular)

    def _read_derived(self, draft: DerivedDraft, named: Named) -> None:
        if any(name not in self._types for name in named.names):
            return  # it uses another that is at fault
        kind = self._kind(named)
        if kind is Kind.MIXED:
            message = f"`{named.written.text}` is {kind.value}, from which nothing is derived"
            span = named.written.at(0, len(named.written.text))
            self._report.error(Code.TYPE_MISMATCH, message, span, help="leave it out")
        elif kind and (alone := self._without_derived(named)):
            self._derived[draft.name] = alone
            self._types[draft.name] = kind

    def _condition(self, written: ExprSource | None) -> Named | None:
        named = self._resolver.read(written)
        if named is None or any(name not in self._types for name in named.names):
            return None
        kind = self._kind(named)
        if kind is Kind.BOOLEAN:
            return self._without_derived(named)
        if kind is not None:
            self._report_no_condition(named.written, kind)
        return None

    def _report_no_condition(self, written: ExprSource, kind: Kind) -> None:
        message = f"`{written.text}` is {kind.value}, where true or false is due"
        number = kind in (Kind.INTEGER, Kind.NUMBER)
        example = f"{written.text} > 0" if number else f'{written.text} == "…"'
        span = written.at(0, len(written.text))
        way_out = f"compare it with something: `{example}`"
        self._report.error(Code.TYPE_MISMATCH, message, span, help=way_out)

    def _kind(self, named: Named) -> Kind | None:
        """Tell what an expression comes to, None when anything is wrong with it."""
        kind, faults = check(named.expression, self._types)
        for fault in faults:
            self._tell(fault, named.written)
        return None if faults else kind

    def _tell(self, fault: Fault, written: ExprSource) -> None:
        span = written.at(fault.start, fault.length)
        self._report.error(_CODES[fault.kind], fault.message, span, help=fault.help)

    def _without_derived(self, named: Named) -> Named | None:
        """Put what derived values are computed from in their place; None where that is too much.

        A value that uses another twice doubles it, so what comes of it is measured beforehand.
        """
        values = {name: derived.expression for name, derived in self._derived.items()}
        used = [r.name for r in references(named.expression) if r.name in values]
        if sum(len(str(values[name])) for name in used) > LONGEST:
            self._report_too_much(named.written)
            return None
        for divisor in divisors(named.expression):
            part = part_of(named.written, divisor)
            self._divisors.append(Named(substituted(divisor, values), part))
        alone = substituted(named.expression, values)
        if used and not _is_readable(alone):
            self._report_too_much(named.written)
            return None
        return Named(alone, named.written)

    def _report_too_much(self, written: ExprSource) -> None:
        message = "with what it uses in place of the names, it is too long or nested too deeply"
        span = written.at(0, len(written.text))
        self._report.error(Code.BAD_EXPRESSION, message, span, help="compute it in the trial")


def _is_readable(expression: Expression) -> bool:
    """Tell whether an expression can be read again once it is written into a plan."""
    try:
        parse(str(expression))
    except ExpressionError:
        return False
    return True
