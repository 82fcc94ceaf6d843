"""The call form of a parameter: text in, a phrase out.

Before: ``uniform(0, 1, step=0.1) = 0.9 when optimizer == "sgd"``.
After: a call of `uniform`, its default 0.9, and the text of the condition.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .nodes import Call, CallError, ParameterExpr, SourceNode, Text

DOMAINS = ("uniform", "loguniform", "int", "normal", "lognormal", "choice", "ordinal")
"""The names that a call can have."""


def looks_like_call(text: str) -> re.Match[str] | None:
    """Tell whether a text was meant to be in the call form; the first group is the name."""
    return re.match(r"\s*(?!not\b)([A-Za-z_]\w*)\s*\(", text)


def parse_parameter(text: Text, scope: str = "") -> ParameterExpr:
    """Parse a call with what follows it; names in its condition are looked up from `scope`.

    Raises
    ------
    CallError
        Where the text goes wrong first.
    """
    return _Parser(text).expr(scope)


def literal(text: str) -> Any:
    """Read a word without quotes: a number, true, false, null, or else text."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if not _NUMBER.fullmatch(text):
        return text
    digits = text.replace("_", "")
    return int(digits) if digits.lstrip("+-").isdecimal() else float(digits)


_WORDS = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"[+-]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_STRING = r"""(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_TOKEN = re.compile(
    rf"""\s*(?:{_STRING} | (?P<mark>[()\[\]{{}},=]) | (?P<word>[^\s()\[\]{{}},="']+))""",
    re.VERBOSE,
)
_KEY = re.compile(
    rf"""\s*(?:{_STRING} | (?P<mark>[()\[\]{{}},=:]) | (?P<word>[^\s()\[\]{{}},="':]+))""",
    re.VERBOSE,
)
_END = "end"
_DEEPEST = 32
_OTHER_WHENS = ("if", "where", "unless", "and", "or")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    def __str__(self) -> str:
        return "the end" if self.kind == _END else f"`{self.text}`"


class _Parser:
    """Recursive descent, one token ahead."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._end = len(text.text.rstrip())
        self._at = 0
        self._ahead: _Token | None = None
        self._depth = 0

    def expr(self, scope: str) -> ParameterExpr:
        call = self._call(self._take("word"))
        default = self._default() if self._is("=") else None
        token = self._peek()
        if token.kind == "word" and token.text == "when":
            return ParameterExpr(
                call, default, self._text.expr_source(self._condition(token), scope)
            )
        self._expect(_END)
        return ParameterExpr(call, default)

    def _default(self) -> SourceNode:
        sign = self._expect("=")
        if self._peek().text == "when":
            raise CallError("`when` stands where a default is due", self._node(self._peek()))
        return self._value(sign)

    def _condition(self, when: _Token) -> int:
        if when.end == self._end:
            raise CallError("nothing stands after `when`", self._node(when))
        return when.end

    def _call(self, name: _Token) -> Call:
        opening = self._expect("(")
        arguments: list[SourceNode] = []
        keywords: dict[str, tuple[SourceNode, SourceNode]] = {}
        self._items(")", opening, lambda: self._argument(opening, arguments, keywords))
        return Call(self._node(name, name.text), tuple(arguments), keywords)

    def _items(self, closing: str, opening: _Token, item: Callable[[], None]) -> _Token:
        """Take items with commas between them, up to what closes them."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise CallError("nobody can read what is nested as deep as this", self._node(opening))
        while not self._is(closing):
            item()
            if not self._is(closing):
                self._expect(",", opening)
        self._depth -= 1
        return self._expect(closing, opening)

    def _argument(
        self,
        opening: _Token,
        arguments: list[SourceNode],
        keywords: dict[str, tuple[SourceNode, SourceNode]],
    ) -> None:
        token = self._peek()
        value = self._value(opening)
        if token.kind == "word" and self._is("=") and not isinstance(value.value, Call):
            self._expect("=")
            if token.text in keywords:
                raise CallError(f"`{token.text}` is given twice", self._node(token))
            keywords[token.text] = (self._node(token, token.text), self._value(opening))
        elif keywords:
            message = f"`{token.text}` has no name, after arguments that have one"
            raise CallError(message, self._node(token))
        else:
            arguments.append(value)

    def _value(self, opening: _Token) -> SourceNode:
        token = self._peek()
        if token.kind == "string":
            return self._node(self._take("string"), self._unquoted(token))
        if token.text == "[":
            return self._list()
        if token.text == "{":
            return self._mapping()
        if token.kind != "word":
            self._complain(opening, "a value")
        self._take("word")
        if self._is("("):
            return self._since(token, self._call(token))
        return self._node(token, literal(token.text))

    def _list(self) -> SourceNode:
        opening = self._take("mark")
        items: list[SourceNode] = []
        self._items("]", opening, lambda: items.append(self._value(opening)))
        node = self._since(opening, [item.value for item in items])
        return SourceNode(node.value, node.locate, tuple(items))

    def _mapping(self) -> SourceNode:
        opening = self._take("mark")
        values: dict[str, Any] = {}
        self._items("}", opening, lambda: self._entry(opening, values))
        return self._since(opening, values)

    def _entry(self, opening: _Token, values: dict[str, Any]) -> None:
        token = self._scan(_KEY)
        if token.kind not in ("word", "string"):
            self._complain(opening, "a key")
        self._move(token)
        key = self._unquoted(token) if token.kind == "string" else token.text
        if key in values:
            raise CallError(f"`{key}` is given twice", self._node(token))
        colon = self._scan(_KEY)
        if colon.text != ":":
            self._complain(opening, "`:`")
        self._move(colon)
        values[key] = self._value(opening).value

    def _expect(self, mark: str, opening: _Token | None = None) -> _Token:
        if not self._is(mark):
            self._complain(opening, "the end" if mark == _END else f"`{mark}`")
        return self._take(self._peek().kind)

    def _complain(self, opening: _Token | None, wanted: str) -> None:
        found = self._peek()
        if found.kind == _END and opening and opening.text in _CLOSED:
            suggestion = "inside braces quote it, since YAML ends a value at a comma there"
            message = f"the {_CLOSED[opening.text]} is never closed"
            raise CallError(message, self._node(opening), suggestion)
        raise CallError(
            f"{found} stands where {wanted} is due", self._node(found), _suggest(found, wanted)
        )

    def _take(self, kind: str) -> _Token:
        token = self._peek()
        if token.kind != kind:
            raise CallError(f"{token} is no name", self._node(token))
        self._move(token)
        return token

    def _move(self, token: _Token) -> None:
        self._at = token.end
        self._ahead = None

    def _is(self, mark: str) -> bool:
        token = self._peek()
        return mark in (token.kind, token.text) and token.kind in ("mark", _END)

    def _peek(self) -> _Token:
        self._ahead = self._ahead or self._scan(_TOKEN)
        return self._ahead

    def _scan(self, pattern: re.Pattern[str]) -> _Token:
        text = self._text.text
        if self._at >= self._end:
            return _Token(_END, "", max(0, self._end - 1), self._end)
        found = pattern.match(text, self._at)
        if found is None:
            rest = text[self._at :]
            start = self._at + len(rest) - len(rest.lstrip())
            raise CallError("the quotes are never closed", self._text.node(start, 1))
        kind = found.lastgroup or _END
        return _Token(kind, found[kind], found.start(kind), found.end())

    def _node(self, token: _Token, value: Any = None) -> SourceNode:
        return self._text.node(token.start, len(token.text), value)

    def _since(self, token: _Token, value: Any) -> SourceNode:
        """Make a piece of all that was read since a token."""
        return self._text.node(token.start, self._at - token.start, value)

    def _unquoted(self, token: _Token) -> str:
        if token.text[0] == "'":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        try:
            return str(json.loads(token.text))
        except ValueError:
            message = "what follows the backslash is no escape that JSON knows"
            raise CallError(message, self._node(token)) from None


_CLOSED = {"(": "parenthesis", "[": "bracket", "{": "brace"}


def _suggest(found: _Token, wanted: str) -> str | None:
    if wanted == "the end" and found.text in _OTHER_WHENS:
        return "a condition is written `when …`"
    if wanted == "`,`" and _NUMBER.fullmatch(found.text):
        return "put a comma before it"
    if wanted == "`,`" and found.kind == "word":
        return "text with a space in it is put in quotes"
    return None
