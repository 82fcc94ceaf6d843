"""Parse the call form of a parameter by recursive descent with one token of lookahead.

Before: ``uniform(0, 1, step=0.1) = 0.9 when optimizer == "sgd"``.
After: a call of `uniform`, its default 0.9, and the source of the condition.

The grammar, in EBNF::

    parameter = call [ "=" value ] [ "when" expression ]
    call      = word "(" [ argument { "," argument } [ "," ] ] ")"
    argument  = value | word "=" value
    value     = call | list | mapping | string | word
    list      = "[" [ value { "," value } [ "," ] ] "]"
    mapping   = "{" [ entry { "," entry } [ "," ] ] "}"
    entry     = ( word | string ) ":" value
    string    = text in double quotes, with the escapes of JSON; or text in single quotes, where
                a backslash makes the next character literal
    word      = characters other than blanks, quotes and ()[]{},=

A word without quotes is text, unless it is a number, ``true``, ``false`` or ``null``. The
expression after ``when`` is kept as text, which `sweepwright.expressions` parses later.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ...odd_values import LONGEST_NUMBER
from .nodes import Call, CallError, ParameterExpr, SourceNode, Text

DOMAINS = ("uniform", "loguniform", "int", "normal", "lognormal", "choice", "ordinal")
"""The names of the domains."""


def looks_like_call(text: str) -> re.Match[str] | None:
    """Match the beginning of a text that looks like a call; the first group is the name."""
    # `not (a and b)` is an expression.
    return re.match(r"\s*(?!not\b)([A-Za-z_]\w*)\s*\(", text)


def parse_parameter(text: Text, scope: str = "") -> ParameterExpr:
    """Parse a call with its default and its condition.

    Names in the condition will be resolved from `scope`.

    Raises
    ------
    CallError
        For the first fault in the text.
    """
    return _Parser(text).expr(scope)


def literal(text: str) -> Any:
    """Convert a word without quotes to a number, a boolean or None; any other word is text."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if not _NUMBER.fullmatch(text):
        return text
    digits = text.replace("_", "")
    number = float(digits)
    # An integer larger than any float becomes infinite, which is no value of any domain. Python
    # refuses to read an integer of thousands of digits, even if most of them are zeros in front.
    is_integer = digits.lstrip("+-").isdecimal() and len(digits) <= LONGEST_NUMBER
    return int(digits) if is_integer and isfinite(number) else number


_WORDS = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"[+-]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_STRING = r"""(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_TOKEN = re.compile(
    rf"""\s*(?:{_STRING} | (?P<mark>[()\[\]{{}},=]) | (?P<word>[^\s()\[\]{{}},="']+))""",
    re.VERBOSE,
)
# A colon may be part of a word, as in `cuda:0`, but not of a key in a mapping, where it ends the
# key.
_KEY = re.compile(
    rf"""\s*(?:{_STRING} | (?P<mark>[()\[\]{{}},=:]) | (?P<word>[^\s()\[\]{{}},="':]+))""",
    re.VERBOSE,
)
_END = "end"  # the end of the text counts as a token of this kind
# No domain needs 32 levels, and the recursion stays far below Python's limit.
_MAX_DEPTH = 32
_MISTAKEN_FOR_WHEN = ("if", "where", "unless", "and", "or")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    def __str__(self) -> str:
        return "the end" if self.kind == _END else f"`{self.text}`"


class _Parser:
    """Holds the position in the text, the next token and the depth of nesting."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._end = len(text.text.rstrip())
        self._position = 0
        self._ahead: _Token | None = None
        self._depth = 0

    def expr(self, scope: str) -> ParameterExpr:
        call = self._call(self._take("word"))
        default = self._default() if self._next_is("=") else None
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
            raise CallError("expected a default before `when`", self._node(self._peek()))
        return self._value(sign)

    def _condition(self, when: _Token) -> int:
        if when.end == self._end:
            raise CallError("expected a condition after `when`", self._node(when))
        return when.end

    def _call(self, name: _Token) -> Call:
        opening = self._expect("(")
        arguments: list[SourceNode] = []
        keywords: dict[str, tuple[SourceNode, SourceNode]] = {}
        self._items(")", opening, lambda: self._argument(opening, arguments, keywords))
        return Call(self._node(name, name.text), tuple(arguments), keywords)

    def _items(self, closing: str, opening: _Token, item: Callable[[], None]) -> _Token:
        """Parse items separated by commas, and the closing bracket after them."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise CallError(
                f"nested too deeply: at most {_MAX_DEPTH} levels are allowed", self._node(opening)
            )
        # Test for the bracket before each item, so that a comma may follow the last item.
        while not self._next_is(closing):
            item()
            if not self._next_is(closing):
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
        # One token of lookahead does not show the `=` after a name. So `low` in `low=1` has been
        # parsed as a value.
        if token.kind == "word" and self._next_is("=") and not isinstance(value.value, Call):
            self._expect("=")
            if token.text in keywords:
                raise CallError(f"`{token.text}` is given twice", self._node(token))
            keywords[token.text] = (self._node(token, token.text), self._value(opening))
        elif keywords:
            message = f"the positional argument `{token.text}` follows a keyword argument"
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
            self._raise_unexpected(opening, "a value")
        self._take("word")
        if self._next_is("("):
            return self._node_since(token, self._call(token))
        return self._node(token, literal(token.text))

    def _list(self) -> SourceNode:
        opening = self._take("mark")
        items: list[SourceNode] = []
        self._items("]", opening, lambda: items.append(self._value(opening)))
        node = self._node_since(opening, [item.value for item in items])
        return SourceNode(node.value, node.locate, tuple(items))

    def _mapping(self) -> SourceNode:
        opening = self._take("mark")
        values: dict[str, Any] = {}
        self._items("}", opening, lambda: self._entry(opening, values))
        return self._node_since(opening, values)

    def _entry(self, opening: _Token, values: dict[str, Any]) -> None:
        # A token that was peeked at may be `a:1` as one word. Scan again, with the rules for keys.
        token = self._scan(_KEY)
        if token.kind not in ("word", "string"):
            self._raise_unexpected(opening, "a key")
        self._advance(token)
        key = self._unquoted(token) if token.kind == "string" else token.text
        if key in values:
            raise CallError(f"`{key}` is given twice", self._node(token))
        colon = self._scan(_KEY)
        if colon.text != ":":
            self._raise_unexpected(opening, "`:`")
        self._advance(colon)
        values[key] = self._value(opening).value

    def _expect(self, mark: str, opening: _Token | None = None) -> _Token:
        if not self._next_is(mark):
            self._raise_unexpected(opening, "the end" if mark == _END else f"`{mark}`")
        return self._take(self._peek().kind)

    def _raise_unexpected(self, opening: _Token | None, wanted: str) -> None:
        found = self._peek()
        # YAML ends plain text inside braces at a comma: `{lr: uniform(0, 1)}` becomes `uniform(0`.
        if found.kind == _END and opening and opening.text in _BRACKET_NAMES:
            suggestion = "put the value in quotes: inside braces, YAML ends other text at a comma"
            message = f"the {_BRACKET_NAMES[opening.text]} is never closed"
            raise CallError(message, self._node(opening), suggestion)
        message = f"expected {wanted}, found {found}"
        if wanted == "the end":
            message = f"unexpected {found}"
        elif wanted in ("`,`", "`:`") and found.kind != _END:
            message = f"expected {wanted} before {found}"
        raise CallError(message, self._node(found), _suggest(found, wanted))

    def _take(self, kind: str) -> _Token:
        token = self._peek()
        if token.kind != kind:
            raise CallError(f"expected a name, found {token}", self._node(token))
        self._advance(token)
        return token

    def _advance(self, token: _Token) -> None:
        self._position = token.end
        self._ahead = None

    def _next_is(self, mark: str) -> bool:
        token = self._peek()
        # The kind matters: `end` may also be a word.
        return mark in (token.kind, token.text) and token.kind in ("mark", _END)

    def _peek(self) -> _Token:
        self._ahead = self._ahead or self._scan(_TOKEN)
        return self._ahead

    def _scan(self, pattern: re.Pattern[str]) -> _Token:
        text = self._text.text
        if self._position >= self._end:
            return _Token(_END, "", max(0, self._end - 1), self._end)
        found = pattern.match(text, self._position)
        # Every character but a quote begins a token, so this quote has no partner.
        if found is None:
            rest = text[self._position :]
            start = self._position + len(rest) - len(rest.lstrip())
            raise CallError("the quotes are never closed", self._text.node(start, 1))
        kind = found.lastgroup or _END
        return _Token(kind, found[kind], found.start(kind), found.end())

    def _node(self, token: _Token, value: Any = None) -> SourceNode:
        return self._text.node(token.start, len(token.text), value)

    def _node_since(self, token: _Token, value: Any) -> SourceNode:
        """Return a node for the text from the start of a token up to the current position."""
        return self._text.node(token.start, self._position - token.start, value)

    def _unquoted(self, token: _Token) -> str:
        if token.text[0] == "'":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        try:
            return str(json.loads(token.text))
        except ValueError:
            message = "the text has an escape sequence that JSON does not define"
            raise CallError(message, self._node(token)) from None


_BRACKET_NAMES = {"(": "parenthesis", "[": "bracket", "{": "brace"}


def _suggest(found: _Token, wanted: str) -> str | None:
    if wanted == "the end" and found.text in _MISTAKEN_FOR_WHEN:
        return "write a condition as `when …`"
    if wanted == "`,`" and _NUMBER.fullmatch(found.text):
        return "separate arguments with commas"
    if wanted == "`,`" and found.kind == "word":
        return "put text that contains a space in quotes"
    return None
