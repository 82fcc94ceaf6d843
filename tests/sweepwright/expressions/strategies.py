"""Hypothesis strategies for well-typed expressions over a small space.

A generator draws the expressions, and limits the number of nodes in a tree. Recursive strategies
such as `st.deferred` have no such limit: four in five of their trees exceeded hypothesis' buffer
and were discarded.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st

from sweepwright.expressions.syntax import (
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
)
from sweepwright.space import (
    Categorical,
    Integer,
    Nested,
    Normal,
    Ordinal,
    Parameter,
    Real,
    SearchSpace,
)
from tests.sweepwright.draws import Draw, chance, pick

SPACE = SearchSpace(
    [
        Parameter("x", Real(-2, 3)),
        Parameter("rate", Real(1e-4, 1, log=True)),
        Parameter("cut", Real(0, 1, step=0.1)),
        Parameter("bell", Normal(0, 1)),
        Parameter("n", Integer(-3, 12)),
        Parameter("size", Categorical((16, 32, 64))),
        Parameter("level", Ordinal((0.5, 1, 2))),
        Parameter("flag", Categorical((True, False))),
        Parameter("kind", Nested(("sgd", "adam", "lamb"))),
        Parameter("word", Categorical(("a", "b", "sgd"))),
        Parameter("mixed", Categorical((1, "a", None, True, 2.5))),
        Parameter("odd-name", Real(0, 1)),
    ]
)
NUMBERS = ["x", "rate", "cut", "bell", "n", "size", "level", "odd-name"]
TEXTS = ["kind", "word"]

ORDERS = ["==", "!=", "<", "<=", ">", ">="]
EQUALITIES = ["==", "!="]
CONSTANTS = [0, 1, 2, 3, -1, 0.5, 1e-3, -2.5, 16, 1000]
WORDS = ["sgd", "adam", "a", "z"]
PLAIN = [1, "a", None, True, 2.5, 1.0, "q"]
SIZES = [16, 32, 1, 2, -3, 0.5]
FUNCTIONS = ["abs", "floor", "ceil", "round", "sqrt", "exp", "log", "log2", "log10"]

MAX_NODES = 24
"""Largest number of inner nodes of a tree; after that, only leaves are drawn."""

T = TypeVar("T")
Form: TypeAlias = Callable[[], Expression]


class _Generator:
    """Draws a tree node by node, with one draw for the form of each node."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._left = pick(draw, [1, 0, 3, 8, MAX_NODES])

    def number(self) -> Expression:
        if self._is_leaf():
            return self._name(NUMBERS) if chance(self._draw) else self._literal(CONSTANTS)
        return self._form(
            self._negative,
            lambda: self._chain(self.number, ["+", "-"]),
            lambda: self._chain(self.number, ["*", "/", "//", "%"]),
            lambda: Power(self.number(), self.number()),
            lambda: Call(self._pick(FUNCTIONS), (self.number(),)),
            lambda: Call(self._pick(["min", "max"]), (self.number(), self.number())),
            lambda: Conditional(self.number(), self.condition(), self.number()),
        )

    def condition(self) -> Expression:
        if self._is_leaf():
            return Name("flag") if chance(self._draw) else self._literal([True, False])
        return self._form(
            lambda: Unary("not", self.condition()),
            lambda: self._chain(self.condition, ["and"]),
            lambda: self._chain(self.condition, ["or"]),
            lambda: Comparison(self.number(), self._pick(ORDERS), self.number()),
            lambda: Comparison(self.text(), self._pick(EQUALITIES), self.text()),
            lambda: Comparison(self._name(TEXTS), self._pick(EQUALITIES), self._literal(WORDS)),
            lambda: Membership(Name("mixed"), self._several(PLAIN), chance(self._draw)),
            lambda: Membership(self._name(["size", "n"]), self._several(SIZES)),
            lambda: Membership(self.number(), self._several(SIZES), chance(self._draw)),
            lambda: Call("active", (self._name([*NUMBERS, *TEXTS]),)),
            lambda: Call("active", (self._form(self.number, self.condition, self.text),)),
            lambda: Conditional(self.condition(), self.condition(), self.condition()),
        )

    def text(self) -> Expression:
        if self._is_leaf():
            return self._name(TEXTS) if chance(self._draw) else self._literal(WORDS)
        return Conditional(self.text(), self.condition(), self.text())

    def _is_leaf(self) -> bool:
        self._left -= 1
        return self._left < 0 or chance(self._draw, 4)

    def _negative(self) -> Unary:
        """Draw the negation of an expression that is not a literal: -2 parses as a literal."""
        operand = self.number()
        return Unary("-", self._name(NUMBERS) if isinstance(operand, Literal) else operand)

    def _chain(self, part: Form, operators: Sequence[str]) -> Chain:
        rest = range(self._pick([1, 2, 3]))
        return Chain(part(), tuple((self._pick(operators), part()) for _ in rest))

    def _several(self, values: Sequence[Any]) -> tuple[Literal, ...]:
        return tuple(self._literal(values) for _ in range(self._pick([1, 2, 3])))

    def _name(self, names: Sequence[str]) -> Name:
        return Name(self._pick(names))

    def _literal(self, values: Sequence[Any]) -> Literal:
        return Literal(self._pick(values))

    def _form(self, *forms: Form) -> Expression:
        return self._pick(forms)()

    def _pick(self, options: Sequence[T]) -> T:
        return pick(self._draw, options)


@st.composite
def _numbers(draw: st.DrawFn) -> Expression:
    return _Generator(draw).number()


@st.composite
def _conditions(draw: st.DrawFn) -> Expression:
    return _Generator(draw).condition()


@st.composite
def _texts(draw: st.DrawFn) -> Expression:
    return _Generator(draw).text()


numbers = _numbers()
conditions = _conditions()
texts = _texts()
