"""Spans: where each key and value of the composed configuration is written.

A pass knows a value by its path, such as ``("space", "lr", "low")``. `Spans` turns the path into
the `Span` that a finding points at, in a file or on the command line.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from sweepwright.diagnostics import Span

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the root of the configuration."""


class EntrySpan(Protocol):
    """Where one entry of the configuration, a key with its value, is written."""

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
    """The span of everything in the composed configuration.

    A value that no text contains, such as an option's default, has the span of the nearest
    section around it: the place where its provider was chosen.
    """

    find: Callable[[KeyPath], EntrySpan | None] = lambda _: None
    """Finds the entry at a path; None if its origin is unknown or is no text."""

    def key(self, path: KeyPath) -> Span:
        """Return the span of the key at a path."""
        entry = self.find(path)
        return replace(entry.key, key=dotted(path)) if entry else self._around(path)

    def value(self, path: KeyPath) -> Span:
        """Return the span of the value at a path."""
        entry = self.find(path)
        return replace(entry.value, key=dotted(path)) if entry else self._around(path)

    def _around(self, path: KeyPath) -> Span:
        """Return the span of the innermost section around a path that is written somewhere."""
        for length in range(len(path) - 1, 0, -1):
            if section := self.find(path[:length]):
                return replace(section.key, key=dotted(path))
        return Span(None, key=dotted(path))


def dotted(path: KeyPath) -> str:
    """Write a path as users do: ``layers[2].size``."""
    keys = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return "".join(keys).removeprefix(".")


def subspan(span: Span, text: str, start: int, length: int) -> Span:
    """Return the span of a part of a value.

    The whole span is returned if the source line does not contain the text verbatim, as when the
    text is folded or has escapes.
    """
    at = span.text.find(text, span.column - 1)
    if at < 0 or at > span.column:
        return span
    return replace(span, column=at + start + 1, length=length)
