"""Tokens: the words, numbers, texts and marks that the text of an expression is made of."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .syntax import Extent

END = "end"


class ExpressionError(ValueError):
    """A text is no expression, from some place on."""

    def __init__(
        self, message: str, start: int, length: int = 1, help_: str | None = None
    ) -> None:
        super().__init__(message)
        self.start = start
        self.length = length
        self.help = help_


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text."""

    kind: str
    """``name``, ``number``, ``text``, ``mark`` or ``end``."""
    text: str
    at: Extent

    def __str__(self) -> str:
        return "the end" if self.kind == END else f"`{self.text}`"


_TOKEN = re.compile(
    r"""
      (?P<number>(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<name>(?:[^\W\d]\w*|`[^`]+`)(?:\.(?:[^\W\d]\w*|`[^`]+`))*)
    | (?P<mark>\*\*|//|==|!=|<=|>=|&&|\|\||[-+*/%()\[\],<>=!^&|~?:;@{}.])
    """,
    re.VERBOSE,
)


def tokens(text: str) -> Iterator[Token]:
    """Cut a text into tokens, the last of which is its end.

    Raises
    ------
    ExpressionError
        Where something stands that no token begins with.
    """
    at, end = 0, len(text.rstrip())
    while at < end:
        if text[at].isspace():
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise _stray(text, at)
        token = Token(found.lastgroup, found[0], Extent(at, len(found[0])))
        if token.kind == "name" and not _is_name(token):
            message = f"`{token.text}` is no name"
            way_out = "put the part in backticks that has other characters than a name"
            raise ExpressionError(message, at, token.at.length, way_out)
        yield token
        at = found.end()
    yield Token(END, "", Extent(max(0, end - 1), 1))


def number(token: Token) -> int | float:
    """Read a number; one that is written as an integer is one.

    Raises
    ------
    ExpressionError
        When it is larger than numbers can be.
    """
    digits = token.text.replace("_", "")
    value = float(digits)
    if digits.isdecimal() and value <= _LARGEST:
        value = int(digits)
    if value > _LARGEST:
        raise ExpressionError(f"`{token.text}` is too large", token.at.start, token.at.length)
    return value


_LARGEST = 1e300


def unquoted(token: Token) -> str:
    """Read a text in quotes of either kind.

    Raises
    ------
    ExpressionError
        When a backslash in it begins nothing that JSON knows.
    """
    body = token.text[1:-1]
    if token.text[0] == "'":
        body = re.sub(r"\\.|\"", lambda found: _IN_SINGLE.get(found[0], found[0]), body)
    try:
        return str(json.loads(f'"{body}"', strict=False))
    except ValueError:
        message = "what follows the backslash is no escape that JSON knows"
        raise ExpressionError(message, token.at.start, token.at.length) from None


_IN_SINGLE = {"\\'": "'", '"': '\\"'}
"""What is written otherwise in JSON than between single quotes."""


def plain_name(token: Token) -> str:
    """Read a name, without backticks."""
    return token.text.replace("`", "")


def _is_name(token: Token) -> bool:
    return all(part.startswith("`") or part.isidentifier() for part in _PART.findall(token.text))


_PART = re.compile(r"`[^`]+`|[^.`]+")


def _stray(text: str, at: int) -> ExpressionError:
    if text[at] in "\"'":
        return ExpressionError("the quotes are never closed", at, len(text.rstrip()) - at)
    if text[at] == "`":
        return ExpressionError("the backticks are never closed", at, len(text.rstrip()) - at)
    return ExpressionError(f"`{text[at]}` means nothing here", at)
