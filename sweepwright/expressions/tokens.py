"""Split the text of an expression into tokens: names, numbers, strings and punctuation.

A single regular expression recognises all tokens. It also recognises operators of other languages,
such as ``&&`` and ``^``, so that the parser can suggest the operator to use instead.
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
"""Mapping from punctuation that the parser rejects to a suggestion of what to write instead."""


class ExpressionError(ValueError):
    """A syntax error in an expression, with its position and a suggestion."""

    def __init__(
        self, message: str, start: int, length: int = 1, help_: str | None = None
    ) -> None:
        super().__init__(message)
        self.start = start
        self.length = length
        self.help = help_


@dataclass(frozen=True, slots=True)
class Token:
    """A token with its position in the text."""

    kind: str
    """``name``, ``number``, ``text``, ``mark`` (punctuation) or ``end``."""
    text: str
    at: Extent

    def __str__(self) -> str:
        return "the end" if self.kind == END else f"`{self.text}`"


_TOKEN = re.compile(
    r"""
      # A number token has no sign, so that `a-2` is a difference. The parser combines the sign and
      # the number of a literal such as `-2`.
      (?P<number>(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      # A full name is one token. A part of the name in backticks may contain any character except
      # a backtick.
    | (?P<name>(?:[^\W\d]\w*|`[^`]+`)(?:\.(?:[^\W\d]\w*|`[^`]+`))*)
    | (?P<mark>\*\*|//|==|!=|<=|>=|&&|\|\||[-+*/%()\[\],<>=!^&|~?:;@{}.])
    """,
    re.VERBOSE,
)


def tokens(text: str) -> Iterator[Token]:
    """Split a text into tokens, and end with a token of kind ``end``.

    Raises
    ------
    ExpressionError
        If a character cannot begin a token, or if quotes are never closed.
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

    The last token, which has the kind ``end``, is never consumed, so there is always a current
    token.
    """

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._position = 0

    @property
    def current(self) -> Token:
        """The next token, which has not been consumed yet."""
        return self._tokens[self._position]

    @property
    def text_after(self) -> str:
        """The text of the token after the current one."""
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)].text

    def next_is(self, *words: str) -> bool:
        """Tell whether the current token is one of the given words or punctuation marks."""
        return self.current.kind in ("mark", "name") and self.current.text in words

    def take(self) -> Token:
        """Consume and return the current token."""
        token = self.current
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def expect(self, word: str) -> None:
        """Consume a given word or punctuation mark, or raise an error if another token is next."""
        if not self.next_is(word):
            if self.current.kind == END:
                raise self.unexpected(f"`{word}`")
            raise self.error(f"expected `{word}` before {self.current}")
        self.take()

    def close_parenthesis(self, opening: Token) -> None:
        """Consume a closing parenthesis, or raise an error.

        If the text ends, the error points at the opening parenthesis.
        """
        if self.current.kind == END:
            message, suggestion = "the parenthesis is never closed", "add the missing `)`"
            raise ExpressionError(message, opening.at.start, 1, suggestion)
        self.expect(")")

    def extent_since(self, start: Extent) -> Extent:
        """Return the extent from a start to the end of the last consumed token."""
        last = self._tokens[self._position - 1].at
        return Extent(start.start, last.start + last.length - start.start)

    def unexpected(self, wanted: str | None = None) -> ExpressionError:
        """Return an error which says that the current token is not the wanted one.

        Without `wanted`, the error says that the token is not expected at all.
        """
        found = self.current
        if found.kind == END:
            return self.error(f"unexpected end: expected {wanted}")
        expectation = f"expected {wanted}, found {found}" if wanted else f"unexpected {found}"
        return self.error(expectation, FOREIGN_TOKENS.get(found.text))

    def error(self, message: str, help_: str | None = None) -> ExpressionError:
        """Return an error that points at the current token."""
        at = self.current.at
        return ExpressionError(message, at.start, max(1, at.length), help_)


def number(token: Token) -> int | float:
    """Convert a number token to an integer if it consists of digits, and to a float otherwise.

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


# Domains have the same limit, with which the width of an interval is always a finite float.
_LARGEST = 1e300


def unquoted(token: Token) -> str:
    """Return the text inside a string token in double or single quotes.

    Raises
    ------
    ExpressionError
        If the string has an escape sequence that JSON does not define.
    """
    # The JSON parser decodes the escapes. It needs double quotes, so rewrite a string in single
    # quotes first.
    body = token.text[1:-1]
    if token.text[0] == "'":
        body = re.sub(r"\\.|\"", lambda found: _IN_SINGLE.get(found[0], found[0]), body)
    try:
        return str(json.loads(f'"{body}"', strict=False))
    except ValueError:
        message = "the text has an escape sequence that JSON does not define"
        raise ExpressionError(message, token.at.start, token.at.length) from None


_IN_SINGLE = {"\\'": "'", '"': '\\"'}
"""Characters that are written differently in single quotes than in JSON's double quotes."""


def plain_name(token: Token) -> str:
    """Return the name in a token, without backticks."""
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
