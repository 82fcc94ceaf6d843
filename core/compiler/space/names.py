"""Resolve the names in expressions, and warn of parameters whose names collide.

Before: ``momentum: uniform(0, 1) when nesterov``, in the branch ``sgd`` of ``optimizer``.
After: the condition ``optimizer.sgd.nesterov`` of ``optimizer.sgd.momentum``.

Scopes are lexical: a name is looked up in the branch that contains the expression, then in each
enclosing branch, and last at the top level. Since the top level is always searched, a full name
can be used in every expression.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sweepwright.diagnostics import Code, Report, did_you_mean
from sweepwright.expressions import (
    Expression,
    ExpressionError,
    Reference,
    parse,
    references,
    renamed,
)
from sweepwright.space import Parameter

from ..stages import Draft, Drafted, ExprSource


@dataclass(frozen=True, slots=True)
class ResolvedExpr:
    """An expression in which every name is a full name, together with its source."""

    expression: Expression
    source: ExprSource

    @property
    def names(self) -> list[str]:
        """Full names in the expression, without duplicates."""
        return list(dict.fromkeys(reference.name for reference in references(self.expression)))


class Resolver:
    """Resolves the names in expressions to the full names of parameters and derived values."""

    def __init__(
        self,
        names: Collection[str],
        texts: Collection[str],
        invalid_names: Collection[str],
        report: Report,
    ) -> None:
        self._names = names
        self._texts = texts
        self._invalid_names = invalid_names
        self._report = report

    def read(self, source: ExprSource | None) -> ResolvedExpr | None:
        """Parse an expression and resolve its names.

        Return None if there is no source, or if the source has a fault, which is reported.
        """
        if source is None:
            return None
        try:
            expression = parse(source.text)
        except ExpressionError as error:
            span = source.at(error.start, error.length)
            self._report.error(Code.BAD_EXPRESSION, str(error), span, help=error.help)
            return None
        full = {
            reference.name: self._full(reference, source) for reference in references(expression)
        }
        known = {name: resolved for name, resolved in full.items() if resolved}
        return (
            ResolvedExpr(renamed(expression, known), source) if len(known) == len(full) else None
        )

    def _full(self, reference: Reference, source: ExprSource) -> str | None:
        candidates = [f"{prefix}{reference.name}" for prefix in scopes(source.scope)]
        # The innermost scope comes first, so an inner name hides an outer name.
        found = next((name for name in candidates if name in self._names), None)
        if found is None and not any(map(self._is_invalid, candidates)):
            message = f"no parameter is called `{reference.name}`"
            span = source.at(reference.start, reference.length)
            self._report.error(
                Code.UNKNOWN_NAME, message, span, help=self._suggest(reference.name, source)
            )
        return found

    def _suggest(self, name: str, source: ExprSource) -> str | None:
        if name in self._texts:
            return f'put text in quotes: `"{name}"`'
        return did_you_mean(name, list(self._visible(source.scope)))

    def _is_invalid(self, name: str) -> bool:
        """Tell whether a name belongs to an invalid parameter, or to a branch of one.

        If the invalid names include the empty name, then parameters with unknown names are
        missing, for example because a file cannot be read. In this case every name counts as
        invalid.
        """
        # The dots keep an invalid `lr` from matching `lr_decay`.
        return any(
            not invalid or f"{name}.".startswith(f"{invalid}.") for invalid in self._invalid_names
        )

    def _visible(self, scope: str) -> Iterator[str]:
        """Yield each name in the shortest form in which an expression in the scope can use it."""
        for name in self._names:
            prefix = next((p for p in scopes(scope) if name.startswith(p)), "")
            yield name.removeprefix(prefix)


def subexpression_source(source: ExprSource, part: Expression) -> ExprSource:
    """Return the source of a part of an expression."""
    at = part.at
    text = source.text[at.start : at.start + at.length]
    return ExprSource(text, source.at(at.start, at.length), source.scope)


def scopes(scope: str) -> Iterator[str]:
    """Yield the prefixes that may complete a name in a scope, innermost scope first."""
    while scope:
        yield scope
        # Split at the dots, `optimizer.sgd.` gives the parameter, the branch and an empty part.
        # Drop all three to reach the enclosing scope: `a.x.b.y.` is inside `a.x.`.
        outer = scope.split(".")[:-3]
        scope = "".join(f"{part}." for part in outer)
    yield ""


def check_names(drafted: Drafted, report: Report) -> None:
    """Warn of parameters with the same path but different types, and of names that hide others."""
    spans = drafted.bound.resolved.spans
    by_path: dict[tuple[str, ...], Draft] = {}
    names = {draft.parameter.name for draft in drafted.parameters}
    for draft in drafted.parameters:
        parameter = draft.parameter
        # `optimizer.sgd.lr` and `optimizer.adam.lr` are both delivered as `optimizer.lr`. This is
        # intended, since only one branch is taken, but the trial expects one type.
        other = by_path.setdefault(parameter.path, draft).parameter
        span = spans.key(draft.origin)
        if type(other.domain) is not type(parameter.domain):
            path = ".".join(parameter.path)
            message = (
                f"`{other.name}` and `{parameter.name}` are both delivered as `{path}`, "
                "with different types"
            )
            report.warn(Code.COLLIDING_NAMES, message, span, help="rename one of the parameters")
        for outer in _shadowed(parameter, names):
            message = f"`{parameter.name}` hides `{outer}` from the expressions in its branch"
            report.warn(Code.SHADOWED_NAME, message, span, help="rename one of the parameters")


def _shadowed(parameter: Parameter, names: Collection[str]) -> Iterator[str]:
    prefix, dot, key = parameter.name.rpartition(".")
    around = list(scopes(f"{prefix}{dot}"))[1:] if prefix else []
    yield from (f"{scope}{key}" for scope in around if f"{scope}{key}" in names)
