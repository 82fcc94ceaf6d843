"""Spans of the command line: where the key and the value of an override were typed.

Each argument counts as one line. The number of the argument is the line number, and columns count
from the first character of the argument. A value such as ``{lr: 1, betas: [2, 3]}`` is split at
its top-level commas and colons, so that a finding about ``betas[1]`` points at the ``3``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sweepwright.diagnostics import Span

from ..spans import COMMAND_LINE


@dataclass(frozen=True, slots=True)
class ArgumentSpan:
    """An `EntrySpan` for an override, or for an entry of its value, on the command line."""

    text: str
    """The whole argument."""
    number: int
    """Number of the argument from 1; 0 for an override that was not typed as an argument."""
    key_range: tuple[int, int]
    value_range: tuple[int, int]
    """Start and end in the text; the end is exclusive, as in a slice."""

    @property
    def file(self) -> str:
        """The name that findings show in place of a file name."""
        return COMMAND_LINE

    @property
    def key(self) -> Span:
        """Span of the key."""
        return self._span(*self.key_range)

    @property
    def value(self) -> Span:
        """Span of the value, without the quotes around it."""
        start, stop = self.value_range
        text = self.text[start:stop]
        if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]:
            return self._span(start + 1, stop - 1)
        return self._span(start, stop)

    def child(self, key: Any) -> "ArgumentSpan":
        """Return the span of an entry in a mapping or list; return this span if none is found."""
        start, stop = self.value_range
        match self.text[start:stop][:1], key:
            case "[", int():
                items = list(_split(self.text, start + 1, stop - 1, ","))
                if key < len(items):
                    return replace(self, key_range=items[key], value_range=items[key])
            case "{", _:
                for begin, end in _split(self.text, start + 1, stop - 1, ","):
                    name, *rest = _split(self.text, begin, end, ":")
                    if rest and self.text[slice(*name)].strip("\"'") == str(key):
                        return replace(self, key_range=name, value_range=(rest[0][0], end))
        return self

    def alternatives(self, count: int) -> "list[ArgumentSpan]":
        """Return the spans of the values that a multirun gives the key.

        If the text does not list `count` values, as in ``range(1, 3)``, each value has this span.
        """
        start, stop = self.value_range
        # `choice(a, b)` means the same as `a,b`.
        if call := re.fullmatch(r"(choice\(\s*).*\)", self.text[start:stop]):
            start, stop = start + len(call[1]), stop - 1
        values = list(_split(self.text, start, stop, ","))
        if len(values) != count:
            return [self] * count
        return [replace(self, value_range=value) for value in values]

    def _span(self, start: int, stop: int) -> Span:
        if not self.number:
            return Span(None)
        return Span(COMMAND_LINE, self.number, start + 1, max(1, stop - start), self.text)


class MultirunOverride(str):
    """One of the overrides that Hydra makes from an argument with several values.

    Hydra passes overrides on as text, so this class is a `str`. It also has the span of the value.
    """

    __slots__ = ("span",)
    span: ArgumentSpan

    @classmethod
    def of(cls, text: str, span: ArgumentSpan) -> "MultirunOverride":
        """Make an override from its text and its span."""
        override = cls(text)
        override.span = span
        return override


def argument_span(override: str, number: int) -> ArgumentSpan:
    """Return the span of an override, given the number of its argument on the command line."""
    if isinstance(override, MultirunOverride):
        return override.span
    prefix, key, _ = split_override(override)
    begin = len(prefix) + len(key) + 1 if "=" in override else 0
    key_range = len(prefix), len(prefix) + len(key)
    return ArgumentSpan(override, number, key_range, _trimmed(override, begin, len(override)))


def split_override(override: str) -> tuple[str, str, str]:
    """Split an override into prefix (``+``, ``++``, ``~`` or nothing), key and value."""
    found = _OVERRIDE.fullmatch(override)
    assert found, "every text has this form"
    return found[1], found[2], found[3]


_OVERRIDE = re.compile(r"(\+\+|\+|~|)([^=]*)=?(.*)", re.DOTALL)
_TOKEN = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|\\.|.", re.DOTALL)
"""A quoted string, an escaped character, or any other character."""


def _split(text: str, start: int, stop: int, separator: str) -> Iterator[tuple[int, int]]:
    """Split a range of the text at separators outside quotes and brackets; yield each part."""
    depth, begin = 0, start
    for token in _TOKEN.finditer(text, start, stop):
        depth += (token[0] in "([{") - (token[0] in ")]}")
        if token[0] == separator and depth == 0:
            yield _trimmed(text, begin, token.start())
            begin = token.end()
    yield _trimmed(text, begin, stop)


def _trimmed(text: str, start: int, stop: int) -> tuple[int, int]:
    """Exclude the spaces at both ends of a range."""
    part = text[start:stop]
    if not part.strip():
        return start, stop
    return start + len(part) - len(part.lstrip()), stop - len(part) + len(part.rstrip())
