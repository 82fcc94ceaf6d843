"""The parser inverts the formatter, and reports the first fault of any other text."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sweepwright.expressions import ExpressionError, parse, references, renamed, substituted
from sweepwright.expressions.parser import LONGEST
from sweepwright.expressions.syntax import Expression
from tests.sweepwright.expressions.strategies import conditions, numbers, texts


@given(st.one_of(numbers, conditions, texts))
@settings(max_examples=300)
def test_parsing_inverts_formatting(expression: Expression) -> None:
    assert parse(str(expression)) == expression


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a  and not b or c", "a and not b or c"),
        ("0 < x <= 1", "0 < x and x <= 1"),
        ("-x ** 2", "-x ** 2"),
        ("(-2) ** 2", "(-2) ** 2"),
        ("2 ** -1", "2 ** -1"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "(a - b) - c"),
        ("(a if b else c) + 1", "(a if b else c) + 1"),
        ("x not in (1, -2, 'a',)", 'x not in [1, -2, "a"]'),
        ("`learning-rate`.b * 2 >= 1e-3", "`learning-rate`.b * 2 >= 0.001"),
        ("`and` == 1", "`and` == 1"),
        ("1_000 * +x", "1000 * x"),
        ("True != FALSE or none in [null]", "true != false or null in [null]"),
        ("'it\\'s \"so\"' == a", '"it\'s \\"so\\"" == a'),
        (".5 < 1. and 1.5E3 > x", "0.5 < 1.0 and 1500.0 > x"),
        ("- -3", "3"),
        ("a == '\\\"'", 'a == "\\""'),
    ],
)
def test_a_text_has_one_canonical_form(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "message", "culprit", "help_"),
    [
        ("a = 1", "unexpected `=`", "=", "write `==` to compare"),
        ("a && b", "unexpected `&&`", "&&", "write `and`"),
        ("a || b", "unexpected `||`", "||", "write `or`"),
        ("!a", "expected a value, found `!`", "!", "write `not`"),
        ("a ^ 2", "unexpected `^`", "^", "write `**` for a power"),
        ("a ? 1 : 2", "unexpected `?`", "?", "write `a if condition else b`"),
        ("min(a, b", "the parenthesis is never closed", "(", None),
        ("(a + b", "the parenthesis is never closed", "(", None),
        ("a + 1)", "unexpected `)`", ")", None),
        ("foo(x)", "no function is called `foo`", "foo", "did you mean `floor`?"),
        ("1 +", "unexpected end: expected a value", "+", None),
        ("a if b", "unexpected end: expected `else`", "b", None),
        ("a == 'abc", "the quotes are never closed", "'abc", None),
        ("`abc == 1", "the backticks are never closed", "`abc == 1", None),
        ("", "the expression is empty", "", None),
        ("a b", "unexpected `b`", "b", None),
        ("a in 3", "expected a list such as `[1, 2]`, found `3`", "3", None),
        ("a in [b]", "a list can only contain constants, not `b`", "b", "compare with `==`"),
        ("a in [-'b']", "a list can only contain constants", "'b'", "compare with `==`"),
        ("a[1]", "unexpected `[`", "[", "a list may only follow `in`"),
        ("2x", "unexpected `x`", "x", None),
        ("min(a)", "`min` takes two arguments or more, not 1", "min", None),
        ("sqrt(a, b)", "`sqrt` takes one argument, not 2", "sqrt", None),
        ("sqrt()", "`sqrt` takes one argument, not 0", "sqrt", None),
        ("1e999", "`1e999` is too large", "1e999", None),
        ('"\\q" == a', "the text has an escape sequence", '"\\q"', None),
        ("a § b", "unexpected character `§`", "§", None),
        ("lambda x: 1", "unexpected `x`", "x", None),
        ("a ² b", "`²` is not a valid name", "²", "put each part"),
        ("a < " + "9" * 5000, "is too large", "9" * 5000, None),
        ("a == (b == c) == d", "a chain of comparisons cannot", "b == c", "join two comparisons"),
        ("not", "unexpected end: expected a value", "t", None),
    ],
)
def test_a_fault_is_reported_at_its_position(
    text: str, message: str, culprit: str, help_: str | None
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    error = caught.value

    assert str(error).startswith(message) or message in str(error)
    assert text[error.start : error.start + error.length].strip() == culprit
    assert (error.help or "").startswith(help_ or "")


def test_nested_chains_of_comparisons_do_not_grow_exponentially() -> None:
    text = "flag"
    for _ in range(25):
        text = f"flag == ({text}) == flag"
    with pytest.raises(ExpressionError, match="a chain of comparisons cannot contain another"):
        parse(text)


@pytest.mark.parametrize(
    "text", ["(" * 50 + "a" + ")" * 50, "-" * 99 + "a", "not " * 99 + "a", "a ** " * 99 + "a"]
)
def test_the_depth_of_an_expression_is_limited(text: str) -> None:
    with pytest.raises(ExpressionError, match="the expression is nested too deeply"):
        parse(text)


def test_the_length_of_an_expression_is_limited_and_adds_no_depth() -> None:
    assert len(references(parse(" + ".join(["a"] * 2000)))) == 2000
    with pytest.raises(ExpressionError, match="the expression has 20,002 characters"):
        parse("+" * (2 * LONGEST) + " a")


@given(st.text(alphabet="ab1.0 ()[]<>=!+-*/%,\"'`&|\\ifelsandotrwqé§\n", max_size=40))
@example("a if b else")
@settings(max_examples=500)
def test_any_text_is_parsed_or_reported(text: str) -> None:
    fault = None
    try:
        expression = parse(text)
    except ExpressionError as error:
        fault = error

    if fault is None:
        assert parse(str(expression)) == expression
    else:
        assert 0 <= fault.start <= max(0, len(text) - 1)
        assert fault.length >= 1


def test_references_have_positions() -> None:
    found = references(parse("`odd-name` + b.c > 2 * `odd-name` and active(b.c)"))

    assert [(r.name, r.start, r.length) for r in found] == [
        ("odd-name", 0, 10),
        ("b.c", 13, 3),
        ("odd-name", 23, 10),
        ("b.c", 45, 3),
    ]


def test_names_are_replaced_in_every_node() -> None:
    text = "-A + A ** A > min(A, 1) and not A in [1] or (A if A == 1 else A) < 2"

    assert renamed(parse(text), {"A": "b.c"}) == parse(text.replace("A", "b.c"))
    assert str(substituted(parse("a * 2"), {"a": parse("x + 1")})) == "(x + 1) * 2"
