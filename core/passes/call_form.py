"""The call form of a domain, as in ``int(1, 1024, log=true)``: text in, a call out."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

DOMAINS = ("uniform", "loguniform", "int", "normal", "lognormal", "choice")
"""The names that a call can have."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text: where it starts, how long it is, and what it stands for."""

    start: int
    length: int
    value: Any = None


@dataclass(frozen=True, slots=True)
class Call:
    """A name with its arguments, all of which know where they stand."""

    name: Piece
    arguments: tuple[Piece, ...] = ()
    keywords: Mapping[str, tuple[Piece, Piece]] = field(default_factory=dict)
    """By name: where the name stands, and the argument."""


class CallError(ValueError):
    """The text is not in the call form."""

    def __init__(
        self, message: str, start: int, length: int = 1, help_: str | None = None
    ) -> None:
        super().__init__(message)
        self.start = start
        self.length = length
        self.help = help_


def looks_like_call(text: str) -> bool:
    """Tell whether a text was meant to be in the call form."""
    return re.match(r"\s*[A-Za-z_]\w*\s*\(", text) is not None


def parse_call(text: str) -> Call:
    """Parse a call.

    Raises
    ------
    CallError
        Where the text goes wrong first.
    """
    return _Parser(text).call()


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<mark>[(),=])
    | (?P<word>[^\s(),="']+)
    )""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None}
_END = "end"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int

    def __str__(self) -> str:
        return "the end" if self.kind == _END else f"`{self.text}`"


class _Parser:
    """Recursive descent, one token ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0

    def call(self) -> Call:
        name = self._take("word")
        arguments, keywords = self._arguments(self._expect("("))
        self._expect(_END)
        return Call(_piece(name, name.text), arguments, keywords)

    def _arguments(
        self, opening: _Token
    ) -> tuple[tuple[Piece, ...], dict[str, tuple[Piece, Piece]]]:
        arguments: list[Piece] = []
        keywords: dict[str, tuple[Piece, Piece]] = {}
        while not self._at(")"):
            self._argument(opening, arguments, keywords)
            if not self._at(")"):
                self._expect(",", opening)
        self._expect(")", opening)
        return tuple(arguments), keywords

    def _argument(
        self, opening: _Token, arguments: list[Piece], keywords: dict[str, tuple[Piece, Piece]]
    ) -> None:
        token = self._value(opening)
        if self._at("="):
            self._expect("=")
            if token.text in keywords:
                raise CallError(f"`{token.text}` is given twice", token.start, len(token.text))
            keywords[token.text] = (_piece(token), _literal(self._value(opening)))
        elif keywords:
            raise CallError(
                f"`{token.text}` has no name, after arguments that have one",
                token.start,
                len(token.text),
            )
        else:
            arguments.append(_literal(token))

    def _value(self, opening: _Token) -> _Token:
        if self._peek.kind in ("word", "string"):
            return self._take(self._peek.kind)
        self._complain(opening, "a value")
        raise AssertionError

    def _expect(self, mark: str, opening: _Token | None = None) -> _Token:
        if not self._at(mark):
            self._complain(opening, "the end" if mark == _END else f"`{mark}`")
        return self._take(self._peek.kind)

    def _complain(self, opening: _Token | None, wanted: str) -> None:
        found = self._peek
        if found.kind == _END and opening:
            way_out = "inside braces quote it, since YAML ends a value at a comma there"
            raise CallError("the parenthesis is never closed", opening.start, 1, way_out)
        length = max(1, len(found.text))
        raise CallError(f"{found} stands where {wanted} is due", found.start, length)

    def _take(self, kind: str) -> _Token:
        token = self._peek
        if token.kind != kind:
            raise CallError(f"{token} is no name", token.start, max(1, len(token.text)))
        self._next += 1
        return token

    def _at(self, mark: str) -> bool:
        return mark in (self._peek.kind, self._peek.text) and self._peek.kind in ("mark", _END)

    @property
    def _peek(self) -> _Token:
        return self._tokens[min(self._next, len(self._tokens) - 1)]


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise CallError("the quotes are never closed", start)
        kind = found.lastgroup or _END
        yield _Token(kind, found[kind], found.start(kind))
        at = found.end()
    yield _Token(_END, "", max(0, end - 1))


def _piece(token: _Token, value: Any = None) -> Piece:
    return Piece(token.start, len(token.text), value)


def _literal(token: _Token) -> Piece:
    if token.kind == "string":
        return _piece(token, _unquoted(token))
    if token.text.lower() in _WORDS:
        return _piece(token, _WORDS[token.text.lower()])
    if not _NUMBER.fullmatch(token.text):
        return _piece(token, token.text)
    digits = token.text.replace("_", "")
    return _piece(token, int(digits) if digits.lstrip("+-").isdecimal() else float(digits))


def _unquoted(token: _Token) -> str:
    body = token.text[1:-1]
    if token.text[0] == "'":
        return re.sub(r"\\(.)", r"\1", body)
    try:
        return str(json.loads(token.text))
    except ValueError:
        message = "what follows the backslash is no escape that JSON knows"
        raise CallError(message, token.start, len(token.text)) from None
