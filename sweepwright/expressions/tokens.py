"""Split the text of an expression into tokens: names, numbers, strings and punctuation.

One regular expression recognises every token. It also accepts operators of other languages, such
as ``&&`` and ``^``, so that the parser can name the operator to use instead.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .syntax import Extent

END = "end"

FOREIGN_TOKENS = {
    "=": "write `==` to compare",
    "&&": "write `and`",
    "&": "write `and`",
    "||": "write `or`",
    "|": "write `or`",
    "!": "write `not`",
    "~": "write `not`",
    "^": "write `**` for a power",
    "?": "write `a if condition else b`",
    "[": "a list may only follow `in`",
    "{": "write a list in brackets, as in `[1, 2]`",
    ".": "a number begins with a digit, and a name with a letter",
}
"""Punctuation that the parser rejects, and what to write instead."""


class ExpressionError(ValueError):
    """A fault in the text of an expression, with its position and a suggestion."""

    def __init__(
        self, message: str, start: int, length: int = 1, help_: str | None = None
    ) -> None:
        super().__init__(message)
        self.start = start
        self.length = length
        self.help = help_


@dataclass(frozen=True, slots=True)
class Token:
    """A token, with its position in the text."""

    kind: str
    """``name``, ``number``, ``text``, ``mark`` (punctuation) or ``end``."""
    text: str
    at: Extent

    def __str__(self) -> str:
        return "the end" if self.kind == END else f"`{self.text}`"


_TOKEN = re.compile(
    r"""
      # Numbers have no sign: the parser takes `-2` for a literal, so that `a-2` is a difference.
      (?P<number>(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      # A full name is one token. A part in backticks may contain any other character.
    | (?P<name>(?:[^\W\d]\w*|`[^`]+`)(?:\.(?:[^\W\d]\w*|`[^`]+`))*)
    | (?P<mark>\*\*|//|==|!=|<=|>=|&&|\|\||[-+*/%()\[\],<>=!^&|~?:;@{}.])
    """,
    re.VERBOSE,
)


def tokens(text: str) -> Iterator[Token]:
    """Split a text into tokens, followed by one token of kind ``end``.

    Raises
    ------
    ExpressionError
        For a character that no token begins with, and for quotes that are never closed.
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
            message = f"`{token.text}` is not a valid name"
            suggestion = "put each part that contains other characters in backticks"
            raise ExpressionError(message, at, token.at.length, suggestion)
        yield token
        at = found.end()
    yield Token(END, "", Extent(max(0, end - 1), 1))


class TokenStream:
    """A cursor over the tokens of a text, with two tokens of lookahead.

    The last token, of kind ``end``, is never consumed, so that there always is a current one.
    """

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._position = 0

    @property
    def current(self) -> Token:
        """The token ahead, not consumed yet."""
        return self._tokens[self._position]

    @property
    def text_after(self) -> str:
        """The text of the token after the current one."""
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)].text

    def next_is(self, *words: str) -> bool:
        """Tell whether the current token is one of some names or marks."""
        return self.current.kind in ("mark", "name") and self.current.text in words

    def take(self) -> Token:
        """Consume the current token, and return it."""
        token = self.current
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def expect(self, word: str) -> None:
        """Consume a name or a mark, or raise."""
        if not self.next_is(word):
            if self.current.kind == END:
                raise self.unexpected(f"`{word}`")
            raise self.error(f"expected `{word}` before {self.current}")
        self.take()

    def close_parenthesis(self, opening: Token) -> None:
        """Consume a closing parenthesis, or raise at the opening one if the text ends."""
        if self.current.kind == END:
            message, suggestion = "the parenthesis is never closed", "add the missing `)`"
            raise ExpressionError(message, opening.at.start, 1, suggestion)
        self.expect(")")

    def extent_since(self, start: Extent) -> Extent:
        """Return the extent from a start to the end of the token that was consumed last."""
        last = self._tokens[self._position - 1].at
        return Extent(start.start, last.start + last.length - start.start)

    def unexpected(self, wanted: str | None = None) -> ExpressionError:
        """Return the error that the current token is not what was wanted, or fits nowhere."""
        found = self.current
        if found.kind == END:
            return self.error(f"unexpected end: expected {wanted}")
        expectation = f"expected {wanted}, found {found}" if wanted else f"unexpected {found}"
        return self.error(expectation, FOREIGN_TOKENS.get(found.text))

    def error(self, message: str, help_: str | None = None) -> ExpressionError:
        """Return an error at the current token."""
        at = self.current.at
        return ExpressionError(message, at.start, max(1, at.length), help_)


def number(token: Token) -> int | float:
    """Convert a number token to an integer if it has digits only, to a float otherwise.

    Raises
    ------
    ExpressionError
        If the number is larger than 1e300.
    """
    digits = token.text.replace("_", "")
    value = float(digits)
    if digits.isdecimal() and value <= _LARGEST:
        value = int(digits)
    if value > _LARGEST:
        raise ExpressionError(f"`{token.text}` is too large", token.at.start, token.at.length)
    return value


# The domains have the same limit: the width of an interval up to here is a finite float.
_LARGEST = 1e300


def unquoted(token: Token) -> str:
    """Return the content of a string in double or single quotes.

    Raises
    ------
    ExpressionError
        If the string has an escape sequence that JSON does not define.
    """
    # JSON decodes the escapes. A body from single quotes is first rewritten for double quotes.
    body = token.text[1:-1]
    if token.text[0] == "'":
        body = re.sub(r"\\.|\"", lambda found: _IN_SINGLE.get(found[0], found[0]), body)
    try:
        return str(json.loads(f'"{body}"', strict=False))
    except ValueError:
        message = "the text has an escape sequence that JSON does not define"
        raise ExpressionError(message, token.at.start, token.at.length) from None


_IN_SINGLE = {"\\'": "'", '"': '\\"'}
"""Escapes that differ between single quotes and JSON's double quotes."""


def plain_name(token: Token) -> str:
    """Return a name without its backticks."""
    return token.text.replace("`", "")


def _is_name(token: Token) -> bool:
    return all(part.startswith("`") or part.isidentifier() for part in _PART.findall(token.text))


_PART = re.compile(r"`[^`]+`|[^.`]+")


def _stray(text: str, at: int) -> ExpressionError:
    if text[at] in "\"'":
        return ExpressionError("the quotes are never closed", at, len(text.rstrip()) - at)
    if text[at] == "`":
        return ExpressionError("the backticks are never closed", at, len(text.rstrip()) - at)
    return ExpressionError(f"unexpected character `{text[at]}`", at)
