"""Parse an expression by recursive descent, with one method for each rule of the grammar.

docs/expressions.md contains the grammar in EBNF. Each rule of the grammar is a method of the same
name: `expression` calls `disjunction`, which calls `conjunction`, and so on down to `atom`. The
operators of each rule bind more loosely than the operators of the rule that it calls, so the order
of the calls determines the precedence. Two tokens of lookahead decide every branch, and the parser
never backtracks, so it takes time linear in the length of the text.

Parsing stops at the first fault, with an `ExpressionError` that points at the faulty token.
`DEEPEST` limits the depth of the recursion, both in the parser and in every module that walks a
tree.
"""

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
    Literal,
    Membership,
    Name,
    Power,
    Unary,
    has_comparison,
)
from .tokens import END, ExpressionError, Token, TokenStream, number, plain_name, unquoted

# A pair of parentheses takes 16 nested calls, and Python allows 1,000 nested calls by default. So
# 30 levels take half of the allowed calls and leave the other half to the caller.
DEEPEST = 30
"""Largest number of nested levels of parentheses, unary operators and powers."""
LONGEST = 10_000
"""Largest number of characters in the text of an expression."""
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
_CONSTANTS = {"true": True, "false": False, "null": None, "none": None}


def parse(text: str) -> Expression:
    """Parse an expression in the language that docs/expressions.md describes.

    Raises
    ------
    ExpressionError
        For the first fault in the text.
    """
    if len(text) > LONGEST:
        suggestion = "compute a part of the expression as a derived value"
        message = f"the expression has {len(text):,} characters, more than {LONGEST:,}"
        raise ExpressionError(message, 0, len(text), suggestion)
    return _Parser(text).parse()


class _Parser:
    """Holds the stream of tokens, and the current depth of nesting."""

    def __init__(self, text: str) -> None:
        self._stream = TokenStream(text)
        self._depth = 0

    def parse(self) -> Expression:
        if self._stream.current.kind == END:
            raise ExpressionError("the expression is empty", 0, 1)
        node = self._expression()
        if self._stream.current.kind != END:
            raise self._stream.unexpected()
        return node

    def _expression(self) -> Expression:
        self._descend()
        node = self._disjunction()
        if self._stream.next_is("if"):
            self._stream.take()
            test = self._disjunction()
            self._stream.expect("else")
            node = self._spanned(Conditional, node, test, self._expression(), first=node)
        self._depth -= 1
        return node

    def _disjunction(self) -> Expression:
        return self._chain(("or",), self._conjunction)

    def _conjunction(self) -> Expression:
        return self._chain(("and",), self._negation)

    def _negation(self) -> Expression:
        return self._prefixed("not", self._negation, self._comparison)

    def _comparison(self) -> Expression:
        """Parse ``a < b``; a chain such as ``a < b < c`` becomes ``a < b and b < c``."""
        left = self._sum()
        found: list[Expression] = []
        while True:
            if self._stream.next_is(*_COMPARISONS):
                # A chain duplicates its middle operand. If the middle operand contained another
                # chain, the tree would double in size with each level of nesting.
                if found and has_comparison(left):
                    message = "a chain of comparisons cannot contain another comparison"
                    suggestion = "join two comparisons with `and`"
                    raise ExpressionError(message, left.at.start, left.at.length, suggestion)
                operator = self._stream.take().text
                right = self._sum()
                found.append(self._spanned(Comparison, left, operator, right, first=left))
                left = right
            elif self._stream.next_is("in") or (
                self._stream.next_is("not") and self._stream.text_after == "in"
            ):
                found.append(self._membership(left))
            else:
                break
        if len(found) < 2:  # noqa: PLR2004 - one is no chain
            return found[0] if found else left
        rest = tuple(("and", node) for node in found[1:])
        return self._spanned(Chain, found[0], rest, first=found[0])

    def _membership(self, item: Expression) -> Expression:
        negated = self._stream.next_is("not")
        if negated:
            self._stream.take()
        self._stream.take()
        # As in Python, the constants may be written as a tuple or as a list, with the same
        # meaning.
        closing = "]" if self._stream.next_is("[") else ")"
        if not self._stream.next_is("[", "("):
            suggestion = "put the values in brackets, or compare with `==`"
            message = f"expected a list such as `[1, 2]`, found {self._stream.current}"
            raise self._stream.error(message, suggestion)
        self._stream.take()
        choices = [self._constant()]
        while self._stream.next_is(","):
            self._stream.take()
            if not self._stream.next_is(closing):
                choices.append(self._constant())
        self._stream.expect(closing)
        return self._spanned(Membership, item, tuple(choices), negated, first=item)

    def _constant(self) -> Literal:
        start = self._stream.current
        sign = -1 if self._stream.next_is("-") else 1
        if self._stream.next_is("-"):
            self._stream.take()
        node = self._atom()
        # Only constants are allowed, so that the membership of a choice can be decided by its
        # indices.
        if not isinstance(node, Literal) or (sign < 0 and not _is_number(node)):
            raise ExpressionError(
                f"a list can only contain constants, not `{node}`",
                node.at.start,
                node.at.length,
                "compare with `==` instead",
            )
        value = -node.value if sign < 0 and isinstance(node.value, int | float) else node.value
        return Literal(value, self._stream.extent_since(start.at))

    def _sum(self) -> Expression:
        return self._chain(("+", "-"), self._term)

    def _term(self) -> Expression:
        return self._chain(("*", "/", "//", "%"), self._signed)

    def _signed(self) -> Expression:
        while self._stream.next_is("+"):
            self._stream.take()
        return self._prefixed("-", self._signed, self._power)

    def _power(self) -> Expression:
        # A power binds more tightly than a sign before its base, so -x ** 2 is -(x ** 2). The
        # exponent may have a sign, as in 2 ** -1. Powers associate to the right, so a ** b ** c is
        # a ** (b ** c).
        base = self._atom()
        if not self._stream.next_is("**"):
            return base
        self._stream.take()
        self._descend()
        node = self._spanned(Power, base, self._signed(), first=base)
        self._depth -= 1
        return node

    def _atom(self) -> Expression:
        token = self._stream.current
        match token.kind:
            case "number":
                return Literal(number(self._stream.take()), token.at)
            case "text":
                return Literal(unquoted(self._stream.take()), token.at)
            case "name" if token.text.lower() in _CONSTANTS:
                return Literal(_CONSTANTS[self._stream.take().text.lower()], token.at)
            case "name" if token.text not in KEYWORDS:
                self._stream.take()
                return (
                    self._call(token)
                    if self._stream.next_is("(")
                    else Name(plain_name(token), token.at)
                )
        if not self._stream.next_is("("):
            raise self._stream.unexpected("a value")
        self._stream.take()
        node = self._expression()
        self._stream.close_parenthesis(token)
        return node

    def _call(self, token: Token) -> Expression:
        if token.text not in ARITIES:
            raise _unknown_function(token)
        opening = self._stream.take()
        arguments = [] if self._stream.next_is(")") else [self._expression()]
        while self._stream.next_is(","):
            self._stream.take()
            arguments.append(self._expression())
        self._stream.close_parenthesis(opening)
        fewest, most = ARITIES[token.text]
        if not fewest <= len(arguments) <= most:
            wanted = "one argument" if most == 1 else "two arguments or more"
            message = f"`{token.text}` takes {wanted}, not {len(arguments)}"
            raise ExpressionError(message, token.at.start, token.at.length)
        return Call(token.text, tuple(arguments), self._stream.extent_since(token.at))

    def _chain(self, operators: tuple[str, ...], part: Callable[[], Expression]) -> Expression:
        first = part()
        rest: list[tuple[str, Expression]] = []
        while self._stream.next_is(*operators):
            operator = self._stream.take().text
            rest.append((operator, part()))
        return self._spanned(Chain, first, tuple(rest), first=first) if rest else first

    def _prefixed(
        self, operator: str, again: Callable[[], Expression], part: Callable[[], Expression]
    ) -> Expression:
        if not self._stream.next_is(operator):
            return part()
        start = self._stream.take().at
        self._descend()
        operand = again()
        self._depth -= 1
        # `-2` is the literal -2 and not a negation of 2, so that the text of a negative literal
        # parses to the same literal.
        if operator == "-" and isinstance(operand, Literal) and _is_number(operand):
            assert isinstance(operand.value, int | float)
            return Literal(-operand.value, self._stream.extent_since(start))
        return Unary(operator, operand, self._stream.extent_since(start))

    def _descend(self) -> None:
        """Enter one more level of nesting, which the caller leaves by decrementing the depth."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._stream.error(
                "the expression is nested too deeply",
                "compute a part of the expression as a derived value",
            )

    def _spanned(
        self, kind: Callable[..., Expression], *parts: object, first: Expression
    ) -> Expression:
        return kind(*parts, self._stream.extent_since(first.at))


def _is_number(node: Literal) -> bool:
    return isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _unknown_function(token: Token) -> ExpressionError:
    near = get_close_matches(token.text, ARITIES, n=1)
    known = ", ".join(f"`{name}`" for name in ARITIES)
    suggestion = f"did you mean `{near[0]}`?" if near else f"the functions are {known}"
    message = f"no function is called `{token.text}`"
    return ExpressionError(message, token.at.start, token.at.length, suggestion)
