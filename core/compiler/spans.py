"""Spans: where each key and value of the composed configuration is written.

A pass identifies a value by its path, such as ``("space", "lr", "low")``. `Spans` maps the path to
the `Span` that a finding shows, which lies in a file or on the command line.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from sweepwright.diagnostics import Span

KeyPath: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead from the root of the configuration to a value."""

COMMAND_LINE = "<command line>"
"""Stands in place of the name of the file in the span of an override."""


class EntrySpan(Protocol):
    """Where the key and the value of one entry of the configuration are written."""

    @property
    def key(self) -> Span:
        """Span of the key."""
        ...

    @property
    def value(self) -> Span:
        """Span of the value."""
        ...


@dataclass(frozen=True, slots=True)
class Spans:
    """The spans of all keys and values in the composed configuration.

    Some values, such as defaults of options, are not written in any text. They have the span of
    the innermost enclosing section that is written. For an option, this is the place where its
    provider was chosen.
    """

    find: Callable[[KeyPath], EntrySpan | None] = lambda _: None
    """Function that finds the entry at a path.

    It returns None if the origin of the entry is unknown or is not a text.
    """

    def key(self, path: KeyPath) -> Span:
        """Return the span of the key at a path."""
        entry = self.find(path)
        return replace(entry.key, key=dotted(path)) if entry else self._around(path)

    def value(self, path: KeyPath) -> Span:
        """Return the span of the value at a path."""
        entry = self.find(path)
        return replace(entry.value, key=dotted(path)) if entry else self._around(path)

    def _around(self, path: KeyPath) -> Span:
        """Return the span of the innermost enclosing section that is written in a text."""
        for length in range(len(path) - 1, 0, -1):
            if section := self.find(path[:length]):
                return replace(section.key, key=dotted(path))
        return Span(None, key=dotted(path))


def dotted(path: KeyPath) -> str:
    """Write a path as it is written in an override: ``layers[2].size``."""
    keys = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return "".join(keys).removeprefix(".")


def subspan(span: Span, text: str, start: int, length: int) -> Span:
    """Return the span of a part of a value.

    If the source line does not contain the text verbatim, the result is the whole span. This
    happens if the text is folded over several lines or contains escapes.
    """
    # The text begins where the span begins, or one character later if the value is in quotes.
    at = span.text.find(text, span.column - 1)
    if at < 0 or at > span.column:
        return span
    return replace(span, column=at + start + 1, length=length)
