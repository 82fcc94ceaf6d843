"""Resolve names in expressions: each becomes the full name of a parameter or derived value.

Before: ``momentum: uniform(0, 1) when nesterov``, in the branch ``sgd`` of ``optimizer``.
After: the condition ``optimizer.sgd.nesterov`` of ``optimizer.sgd.momentum``.

Check the names of parameters against one another, in branches beside and around them.

Sort names so that whatever another depends on comes first, and find where that is circular.

Report that what some names depend on depends on them in turn.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
    """An expression whose names are full ones, and how it was written."""

    expression: Expression
    source: ExprSource

    @property
    def names(self) -> list[str]:
        """The full names in it, each once."""
        return list(dict.fromkeys(reference.name for reference in references(self.expression)))


class Resolver:
    """Resolves names among those that a space has."""

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
        """Parse an expression and resolve its names; None when it is at fault, or not there."""
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
            return f'a text is written in quotes: `"{name}"`'
        return did_you_mean(name, list(self._visible(source.scope)))

    def _is_invalid(self, name: str) -> bool:
        """Tell whether a name is at fault, or in a branch of what is, or in an unread file."""
        return any(
            not invalid_names or f"{name}.".startswith(f"{invalid_names}.")
            for invalid_names in self._invalid_names
        )

    def _visible(self, scope: str) -> Iterator[str]:
        """Write every name in the shortest way that is understood in a place."""
        for name in self._names:
            prefix = next((p for p in scopes(scope) if name.startswith(p)), "")
            yield name.removeprefix(prefix)


def part_of(source: ExprSource, part: Expression) -> ExprSource:
    """Cut out the part of a text that a part of its expression is written in."""
    at = part.at
    text = source.text[at.start : at.start + at.length]
    return ExprSource(text, source.at(at.start, at.length), source.scope)


def scopes(scope: str) -> Iterator[str]:
    """Yield the prefixes of the names that a place can see, from the inside out."""
    while scope:
        yield scope
        # A parameter's name and that of its branch go together.
        outer = scope.split(".")[:-3]
        scope = "".join(f"{part}." for part in outer)
    yield ""


def check_names(drafted: Drafted, report: Report) -> None:
    """Warn of names that are one for the reader of a trial, and several for the tuner."""
    spans = drafted.bound.resolved.spans
    by_path: dict[tuple[str, ...], Draft] = {}
    names = {draft.parameter.name for draft in drafted.parameters}
    for draft in drafted.parameters:
        parameter = draft.parameter
        other = by_path.setdefault(parameter.path, draft).parameter
        span = spans.key(draft.origin)
        if type(other.domain) is not type(parameter.domain):
            message = (
                f"`{parameter.name}` and `{other.name}` are both delivered as"
                f" `{'.'.join(parameter.path)}`, with different types"
            )
            report.warn(Code.COLLIDING_NAMES, message, span, help="give one of them another name")
        for outer in _shadowed(parameter, names):
            message = f"`{parameter.name}` hides `{outer}` from the expressions of its branch"
            report.warn(Code.SHADOWED_NAME, message, span, help="give one of them another name")


def _shadowed(parameter: Parameter, names: Collection[str]) -> Iterator[str]:
    prefix, dot, key = parameter.name.rpartition(".")
    around = list(scopes(f"{prefix}{dot}"))[1:] if prefix else []
    yield from (f"{scope}{key}" for scope in around if f"{scope}{key}" in names)


def topological_sort(needs: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Sort, moving nothing that need not be moved; also list the circles.

    Parameters
    ----------
    needs
        For each name, those that it depends on; what is no key of it needs nothing.

    Returns
    -------
    list of str
        All names, those in a circle at its first member.
    list of list of str
        Each circle, from its first name on to the last, which needs the first again.
    """
    walk = _DepthFirstSearch(needs)
    for name in needs:
        walk.visit(name)
    return walk.order, walk.cycles


class _DepthFirstSearch:
    """A depth-first search; it keeps its own stack, as spaces may be deep."""

    def __init__(self, needs: Mapping[str, Sequence[str]]) -> None:
        self.order: list[str] = []
        self.cycles: list[list[str]] = []
        self._needs = needs
        self._done: set[str] = set()

    def visit(self, name: str) -> None:
        ahead = {name: self._ahead(name)}
        while ahead:
            current = next(reversed(ahead))
            following = next(ahead[current], None)
            if following is None:
                del ahead[current]
                self._finish(current)
            elif following in ahead:
                path = list(ahead)
                self.cycles.append(path[path.index(following) :])
            elif following not in self._done:
                ahead[following] = self._ahead(following)

    def _ahead(self, name: str) -> Iterator[str]:
        return iter(() if name in self._done else self._needs.get(name, ()))

    def _finish(self, name: str) -> None:
        if name in self._needs and name not in self._done:
            self.order.append(name)
        self._done.add(name)


def report_cycle(cycle: Sequence[str], said: Mapping[str, ResolvedExpr], report: Report) -> None:
    """Report a circle at the first of its members of which something was said."""
    expr = next(said[name] for name in cycle if name in said)
    named_ones = [f"`{name}`" for name in (*cycle, cycle[0])]
    message = f"{named_ones[0]} depends on {', which depends on '.join(named_ones[1:])}"
    if len(cycle) == 1:
        message = f"{named_ones[0]} depends on itself"
    span = expr.source.at(0, len(expr.source.text))
    report.error(Code.CYCLE, message, span, help="let one of them depend on nothing else")
