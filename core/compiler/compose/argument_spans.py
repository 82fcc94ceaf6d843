"""What was typed: an argument of the command line, and the parts of its value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sweepwright.diagnostics import Span

COMMAND_LINE = "<command line>"


@dataclass(frozen=True, slots=True)
class ArgumentSpan:
    """A key and its value on the command line, or a part of that value.

    It marks what an override sets, as `YamlSpan` does for what a file sets.
    """

    text: str
    """The whole argument."""
    number: int
    """Which of the arguments it is, from 1; 0 for what nobody typed."""
    key_at: tuple[int, int]
    value_at: tuple[int, int]
    """Where they start and stop."""

    @property
    def file(self) -> str:
        """Call the command line as a file is called."""
        return COMMAND_LINE

    @property
    def key(self) -> Span:
        """Tell where the key is."""
        return self._span(*self.key_at)

    @property
    def value(self) -> Span:
        """Tell where the value is, without quotes around it."""
        start, stop = self.value_at
        said = self.text[start:stop]
        if len(said) > 1 and said[0] in "\"'" and said[-1] == said[0]:
            return self._span(start + 1, stop - 1)
        return self._span(start, stop)

    def child(self, key: Any) -> "ArgumentSpan":
        """Find a part of a mapping or a list; the whole where it cannot be told apart."""
        start, stop = self.value_at
        match self.text[start:stop][:1], key:
            case "[", int():
                items = list(_split(self.text, start + 1, stop - 1, ","))
                if key < len(items):
                    return replace(self, key_at=items[key], value_at=items[key])
            case "{", _:
                for begin, end in _split(self.text, start + 1, stop - 1, ","):
                    name, *rest = _split(self.text, begin, end, ":")
                    if rest and self.text[slice(*name)].strip("\"'") == str(key):
                        return replace(self, key_at=name, value_at=(rest[0][0], end))
        return self

    def varied(self, count: int) -> "list[ArgumentSpan]":
        """Find each of several values; every one is the whole where they cannot be told apart."""
        start, stop = self.value_at
        if call := re.fullmatch(r"(choice\(\s*).*\)", self.text[start:stop]):
            start, stop = start + len(call[1]), stop - 1
        values = list(_split(self.text, start, stop, ","))
        if len(values) != count:
            return [self] * count
        return [replace(self, value_at=at) for at in values]

    def _span(self, start: int, stop: int) -> Span:
        if not self.number:
            return Span(None)
        return Span(COMMAND_LINE, self.number, start + 1, max(1, stop - start), self.text)


class MultirunOverride(str):
    """An override that is one of several, where one argument gives a key several values."""

    __slots__ = ("typed",)
    typed: ArgumentSpan

    @classmethod
    def of(cls, override: str, typed: ArgumentSpan) -> "MultirunOverride":
        """Make an override that knows the argument it was typed in."""
        varied = cls(override)
        varied.typed = typed
        return varied


def typed(override: str, number: int) -> ArgumentSpan:
    """Tell where the key and the value of an override were typed."""
    if isinstance(override, MultirunOverride):
        return override.typed
    prefix, key, _ = parts(override)
    begins = len(prefix) + len(key) + 1 if "=" in override else 0
    start, stop = _trimmed(override, begins, len(override))
    return ArgumentSpan(override, number, (len(prefix), len(prefix) + len(key)), (start, stop))


def parts(override: str) -> tuple[str, str, str]:
    """Split an override into prefix, key and value."""
    found = _OVERRIDE.fullmatch(override)
    assert found, "every text has this form"
    return found[1], found[2], found[3]


_OVERRIDE = re.compile(r"(\+\+|\+|~|)([^=]*)=?(.*)", re.DOTALL)
_TOKEN = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|\\.|.", re.DOTALL)


def _split(text: str, start: int, stop: int, mark: str) -> Iterator[tuple[int, int]]:
    """Split at marks that are in no quotes and no brackets."""
    depth, begin = 0, start
    for token in _TOKEN.finditer(text, start, stop):
        depth += (token[0] in "([{") - (token[0] in ")]}")
        if token[0] == mark and depth == 0:
            yield _trimmed(text, begin, token.start())
            begin = token.end()
    yield _trimmed(text, begin, stop)


def _trimmed(text: str, start: int, stop: int) -> tuple[int, int]:
    """Leave out the space around."""
    said = text[start:stop]
    if not said.strip():
        return start, stop
    return start + len(said) - len(said.lstrip()), stop - len(said) + len(said.rstrip())
