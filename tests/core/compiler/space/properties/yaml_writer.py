"""Write YAML in the styles that people use, with marks around the culprit of a mutation.

For each value, the style is random: blocks or braces for a mapping, quotes or no quotes for a
scalar.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.sweepwright.draws import Draw, chance

CULPRIT, END = "\ue000", "\ue001"
"""Marks before and after the text that a finding must point at."""


@dataclass(frozen=True)
class RawScalar:
    """A scalar with its exact source text."""

    source: str


@dataclass(frozen=True)
class Marked:
    """A value in flow style, all of which is the culprit."""

    value: Any


@dataclass(frozen=True)
class ExpressionText:
    """The text of an expression; a finding points into it, without its quotes."""

    text: str


@dataclass(frozen=True)
class Place:
    """Position of the culprit in a text."""

    line: int
    column: int
    text: str


def culprit(text: str) -> str:
    """Mark the text that a finding must point at."""
    return f"{CULPRIT}{text}{END}"


def extract_mark(text: str) -> tuple[str, Place]:
    """Remove the marks from a text, and return the position of the culprit."""
    start, end = text.index(CULPRIT), text.index(END)
    line = text.count("\n", 0, start)
    column = start - (text.rfind("\n", 0, start) + 1)
    inner = text[start + 1 : end].split("\n", maxsplit=1)[0].rstrip()
    return text.replace(CULPRIT, "").replace(END, ""), Place(line + 1, column + 1, inner)


def write_yaml(draw: Draw, value: Mapping[str, Any]) -> str:
    """Write a mapping as a file, in a random style."""
    return _Writer(draw).mapping(value, "").removeprefix("\n") + "\n"


class _Writer:
    def __init__(self, draw: Draw) -> None:
        self._draw = draw

    def mapping(self, value: Mapping[Any, Any], indent: str) -> str:
        """Write a mapping in block style."""
        pairs = ((self._key(key), self.block(item, f"{indent}  ")) for key, item in value.items())
        return "".join(f"\n{indent}{key}:{item}" for key, item in pairs)

    def block(self, value: Any, indent: str) -> str:
        """Write a value after its key, in block style or in flow style."""
        match value:
            case Mapping() if value and chance(self._draw):
                return self.mapping(value, indent)
            case list() if value and chance(self._draw):
                return "".join(f"\n{indent}- {self.flow(item)}" for item in value)
            case str():
                return f" {self._text(value, _IN_BLOCKS)}"
        return f" {self.flow(value)}"

    def flow(self, value: Any) -> str:
        """Write a value in flow style, on one line."""
        match value:
            case Mapping():
                pairs = (f"{self._key(k)}: {self.flow(v)}" for k, v in value.items())
                return f"{{{', '.join(pairs)}}}"
            case list():
                return f"[{', '.join(map(self.flow, value))}]"
            case str():
                return self._text(value, _IN_BRACES)
            case ExpressionText(text):
                return self._text(text, _IN_BRACES, whole=False)
            case Marked(inner):
                return culprit(self.flow(inner))
        return scalar(value)

    def _key(self, key: Any) -> str:
        if not isinstance(key, str):
            return scalar(key)
        return key if _NAME.fullmatch(_bare(key)) else self._quoted(key)

    def _text(self, text: str, plain: re.Pattern[str], *, whole: bool = True) -> str:
        can_be_plain = _is_printable(text) and plain.fullmatch(_bare(text))
        if can_be_plain and chance(self._draw):
            return text
        return self._quoted(text, whole=whole)

    def _quoted(self, text: str, *, whole: bool = True) -> str:
        single = _is_printable(text) and "'" not in text and chance(self._draw)
        quoted = f"'{text}'" if single else f'"{escaped(text)}"'
        is_whole = whole and text.startswith(CULPRIT) and text.endswith(END)
        # A finding cannot point into text that contains escapes, so it points at the whole text.
        escapes = CULPRIT in text and _bare(text) not in _bare(quoted)
        return culprit(_bare(quoted)) if is_whole or escapes else quoted


def _bare(text: str) -> str:
    return text.replace(CULPRIT, "").replace(END, "")


def scalar(value: Any) -> str:
    """Write a number, true, false or null."""
    if isinstance(value, RawScalar):
        return value.source
    words = {None: "null", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else repr(value)


def escaped(text: str) -> str:
    """Escape a text for double quotes; YAML has no surrogate pairs."""
    return "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if _is_printable(character) else f"\\U{ord(character):08x}"


def _is_printable(text: str) -> bool:
    return _bare(text).isprintable()


_NAME = re.compile(
    r"(?!(?:true|false|null|yes|no|on|off|nan|inf)$)[a-z_]\w*", re.IGNORECASE | re.ASCII
)
_IN_BLOCKS = re.compile(r"(?=.*[( ])(?!.*(?:: |:$| #| $))[\w(][^\n\\]*")
_IN_BRACES = re.compile(r"(?=.*[( ])(?!.* $)[\w(][^\n\\#,:?\[\]{}]*")
