"""Resolve names in expressions: each becomes the full name of a parameter or derived value.

Before: ``momentum: uniform(0, 1) when nesterov``, in the branch ``sgd`` of ``optimizer``.
After: the condition ``optimizer.sgd.nesterov`` of ``optimizer.sgd.momentum``.
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

from ..stages import Written


@dataclass(frozen=True, slots=True)
class Named:
    """An expression whose names are full ones, and how it was written."""

    expression: Expression
    written: Written

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
        lost: Collection[str],
        report: Report,
    ) -> None:
        self._names = names
        self._texts = texts
        self._lost = lost
        self._report = report

    def read(self, written: Written | None) -> Named | None:
        """Parse an expression and resolve its names; None when it is at fault, or not there."""
        if written is None:
            return None
        try:
            expression = parse(written.text)
        except ExpressionError as error:
            span = written.at(error.start, error.length)
            self._report.error(Code.BAD_EXPRESSION, str(error), span, help=error.help)
            return None
        full = {
            reference.name: self._full(reference, written) for reference in references(expression)
        }
        known = {name: resolved for name, resolved in full.items() if resolved}
        return Named(renamed(expression, known), written) if len(known) == len(full) else None

    def _full(self, reference: Reference, written: Written) -> str | None:
        candidates = [f"{prefix}{reference.name}" for prefix in scopes(written.scope)]
        found = next((name for name in candidates if name in self._names), None)
        if found is None and not any(map(self._is_lost, candidates)):
            message = f"no parameter is called `{reference.name}`"
            span = written.at(reference.start, reference.length)
            self._report.error(
                Code.UNKNOWN_NAME, message, span, help=self._way_out(reference.name, written)
            )
        return found

    def _way_out(self, name: str, written: Written) -> str | None:
        if name in self._texts:
            return f'a text is written in quotes: `"{name}"`'
        return did_you_mean(name, list(self._visible(written.scope)))

    def _is_lost(self, name: str) -> bool:
        """Tell whether a name is at fault, or in a branch of what is, or in an unread file."""
        return any(not lost or f"{name}.".startswith(f"{lost}.") for lost in self._lost)

    def _visible(self, scope: str) -> Iterator[str]:
        """Write every name in the shortest way that is understood in a place."""
        for name in self._names:
            prefix = next((p for p in scopes(scope) if name.startswith(p)), "")
            yield name.removeprefix(prefix)


def part_of(written: Written, part: Expression) -> Written:
    """Cut out the part of a text that a part of its expression is written in."""
    at = part.at
    text = written.text[at.start : at.start + at.length]
    return Written(text, written.at(at.start, at.length), written.scope)


def scopes(scope: str) -> Iterator[str]:
    """Yield the prefixes of the names that a place can see, from the inside out."""
    while scope:
        yield scope
        # A parameter's name and that of its branch go together.
        outer = scope.split(".")[:-3]
        scope = "".join(f"{part}." for part in outer)
    yield ""
