"""The parser: text in, a tree out, or the first place where the text goes wrong."""

from collections.abc import Callable
from difflib import get_close_matches

from .functions import ARITIES
from .syntax import (
    KEYWORDS,
    Call,
    Chain,
    Comparison,
    Conditional,
    Expression,
    Extent,
    Literal,
    Membership,
    Name,
    Power,
    Unary,
    has_comparison,
)
from .tokens import END, ExpressionError, Token, number, plain_name, tokens, unquoted

DEEPEST = 30
"""How deep parentheses may be nested."""
LONGEST = 10_000
"""Characters of the longest text."""
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
_CONSTANTS = {"true": True, "false": False, "null": None, "none": None}
_INSTEAD = {
    "=": "to compare write `==`",
    "&&": "write `and`",
    "&": "write `and`",
    "||": "write `or`",
    "|": "write `or`",
    "!": "write `not`",
    "~": "write `not`",
    "^": "a power is written `**`",
    "?": "write `a if condition else b`",
    "[": "a list stands after `in` alone",
    "{": "a list is written in brackets",
    ".": "a number begins with a digit, and a name with a letter",
}


def parse(text: str) -> Expression:
    """Parse an expression, as docs/expressions.md describes.

    Raises
    ------
    ExpressionError
        Where the text goes wrong first.
    """
    if len(text) > LONGEST:
        way_out = "compute a part of it as a derived value"
        raise ExpressionError(f"it has {len(text)} characters", 0, len(text), way_out)
    return _Parser(text).whole()


class _Parser:
    """Recursive descent, one token ahead."""

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self) -> Expression:
        if self._peek.kind == END:
            raise ExpressionError("there is no expression", 0, 1)
        node = self._expression()
        if self._peek.kind != END:
            raise self._complaint("an operator or the end")
        return node

    def _expression(self) -> Expression:
        self._deeper()
        node = self._either()
        if self._at("if"):
            self._take()
            test = self._either()
            self._expect("else")
            node = self._placed(Conditional, node, test, self._expression(), first=node)
        self._depth -= 1
        return node

    def _either(self) -> Expression:
        return self._chain(("or",), self._both)

    def _both(self) -> Expression:
        return self._chain(("and",), self._denial)

    def _denial(self) -> Expression:
        return self._prefixed("not", self._denial, self._comparison)

    def _comparison(self) -> Expression:
        """Parse ``a < b``; of a chain such as ``a < b < c`` make ``a < b and b < c``."""
        left = self._sum()
        found: list[Expression] = []
        while True:
            if self._at(*_COMPARISONS):
                if found and has_comparison(left):
                    raise _tangled(left)
                operator = self._take().text
                right = self._sum()
                found.append(self._placed(Comparison, left, operator, right, first=left))
                left = right
            elif self._at("in") or (self._at("not") and self._ahead == "in"):
                found.append(self._membership(left))
            else:
                break
        if len(found) < 2:  # noqa: PLR2004 - one is no chain
            return found[0] if found else left
        rest = tuple(("and", node) for node in found[1:])
        return self._placed(Chain, found[0], rest, first=found[0])

    def _membership(self, item: Expression) -> Expression:
        negated = self._at("not")
        if negated:
            self._take()
        self._take()
        closing = "]" if self._at("[") else ")"
        if not self._at("[", "("):
            way_out = "put what it may be in brackets, or compare with `==`"
            raise self._error(f"{self._peek} stands where a list such as `[1, 2]` is due", way_out)
        self._take()
        choices = [self._constant()]
        while self._at(","):
            self._take()
            if not self._at(closing):
                choices.append(self._constant())
        self._expect(closing)
        return self._placed(Membership, item, tuple(choices), negated, first=item)

    def _constant(self) -> Literal:
        start = self._peek
        sign = -1 if self._at("-") else 1
        if self._at("-"):
            self._take()
        node = self._atom()
        if not isinstance(node, Literal) or (sign < 0 and not _is_number(node)):
            raise ExpressionError(
                f"`{node}` stands in a list, which holds plain values",
                node.at.start,
                node.at.length,
                "compare with `==` instead",
            )
        value = -node.value if sign < 0 and isinstance(node.value, int | float) else node.value
        return Literal(value, self._since(start.at))

    def _sum(self) -> Expression:
        return self._chain(("+", "-"), self._term)

    def _term(self) -> Expression:
        return self._chain(("*", "/", "//", "%"), self._signed)

    def _signed(self) -> Expression:
        while self._at("+"):
            self._take()
        return self._prefixed("-", self._signed, self._power)

    def _power(self) -> Expression:
        base = self._atom()
        if not self._at("**"):
            return base
        self._take()
        self._deeper()
        node = self._placed(Power, base, self._signed(), first=base)
        self._depth -= 1
        return node

    def _atom(self) -> Expression:
        token = self._peek
        match token.kind:
            case "number":
                return Literal(number(self._take()), token.at)
            case "text":
                return Literal(unquoted(self._take()), token.at)
            case "name" if token.text.lower() in _CONSTANTS:
                return Literal(_CONSTANTS[self._take().text.lower()], token.at)
            case "name" if token.text not in KEYWORDS:
                self._take()
                return self._call(token) if self._at("(") else Name(plain_name(token), token.at)
        if not self._at("("):
            raise self._complaint("a value")
        self._take()
        node = self._expression()
        self._close(token)
        return node

    def _call(self, token: Token) -> Expression:
        if token.text not in ARITIES:
            raise _unknown_function(token)
        opening = self._take()
        arguments = [] if self._at(")") else [self._expression()]
        while self._at(","):
            self._take()
            arguments.append(self._expression())
        self._close(opening)
        fewest, most = ARITIES[token.text]
        if not fewest <= len(arguments) <= most:
            wanted = "one argument" if most == 1 else "two arguments or more"
            message = f"`{token.text}` takes {wanted}, and has {len(arguments)}"
            raise ExpressionError(message, token.at.start, token.at.length)
        return Call(token.text, tuple(arguments), self._since(token.at))

    def _chain(self, operators: tuple[str, ...], part: Callable[[], Expression]) -> Expression:
        first = part()
        rest: list[tuple[str, Expression]] = []
        while self._at(*operators):
            operator = self._take().text
            rest.append((operator, part()))
        return self._placed(Chain, first, tuple(rest), first=first) if rest else first

    def _prefixed(
        self, operator: str, again: Callable[[], Expression], part: Callable[[], Expression]
    ) -> Expression:
        if not self._at(operator):
            return part()
        start = self._take().at
        self._deeper()
        operand = again()
        self._depth -= 1
        if operator == "-" and isinstance(operand, Literal) and _is_number(operand):
            assert isinstance(operand.value, int | float)
            return Literal(-operand.value, self._since(start))
        return Unary(operator, operand, self._since(start))

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error("it is nested too deeply", "compute a part of it as a derived value")

    def _placed(
        self, kind: Callable[..., Expression], *parts: object, first: Expression
    ) -> Expression:
        return kind(*parts, self._since(first.at))

    def _since(self, start: Extent) -> Extent:
        last = self._tokens[self._next - 1].at
        return Extent(start.start, last.start + last.length - start.start)

    def _close(self, opening: Token) -> None:
        if self._peek.kind == END:
            message, way_out = "the parenthesis is never closed", "put a `)` where it ends"
            raise ExpressionError(message, opening.at.start, 1, way_out)
        self._expect(")")

    def _expect(self, word: str) -> None:
        if not self._at(word):
            raise self._complaint(f"`{word}`")
        self._take()

    def _take(self) -> Token:
        token = self._peek
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _at(self, *words: str) -> bool:
        return self._peek.kind in ("mark", "name") and self._peek.text in words

    @property
    def _peek(self) -> Token:
        return self._tokens[self._next]

    @property
    def _ahead(self) -> str:
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)].text

    def _complaint(self, wanted: str) -> ExpressionError:
        found = self._peek
        if found.kind == END:
            return self._error(f"it ends where {wanted} is due")
        return self._error(f"{found} stands where {wanted} is due", _INSTEAD.get(found.text))

    def _error(self, message: str, help_: str | None = None) -> ExpressionError:
        at = self._peek.at
        return ExpressionError(message, at.start, max(1, at.length), help_)


def _tangled(node: Expression) -> ExpressionError:
    """Refuse a chain around a comparison, since a chain has what is in its middle twice."""
    at, message = node.at, "a chain of comparisons goes around another comparison"
    return ExpressionError(message, at.start, at.length, "join two comparisons with `and`")


def _is_number(node: Literal) -> bool:
    return isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _unknown_function(token: Token) -> ExpressionError:
    near = get_close_matches(token.text, ARITIES, n=1)
    known = ", ".join(f"`{name}`" for name in ARITIES)
    way_out = f"did you mean `{near[0]}`?" if near else f"known are {known}"
    message = f"no function is called `{token.text}`"
    return ExpressionError(message, token.at.start, token.at.length, way_out)
