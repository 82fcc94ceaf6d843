"""The parser reads what trees write, and finds the place where a text goes wrong."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sweepwright.expressions import ExpressionError, parse, references, renamed, substituted
from sweepwright.expressions.parser import LONGEST
from sweepwright.expressions.syntax import Expression
from tests.sweepwright.expressions.trees import conditions, numbers, texts


@given(st.one_of(numbers, conditions, texts))
@settings(max_examples=300)
def test_what_a_tree_writes_is_read_as_that_tree(expression: Expression) -> None:
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
def test_texts_are_written_in_one_way(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "message", "culprit", "help_"),
    [
        ("a = 1", "`=` stands where an operator or the end is due", "=", "to compare write `==`"),
        ("a && b", "`&&` stands where", "&&", "write `and`"),
        ("a || b", "`||` stands where", "||", "write `or`"),
        ("!a", "`!` stands where a value is due", "!", "write `not`"),
        ("a ^ 2", "`^` stands where", "^", "a power is written `**`"),
        ("a ? 1 : 2", "`?` stands where", "?", "write `a if condition else b`"),
        ("min(a, b", "the parenthesis is never closed", "(", None),
        ("(a + b", "the parenthesis is never closed", "(", None),
        ("a + 1)", "`)` stands where an operator or the end is due", ")", None),
        ("foo(x)", "no function is called `foo`", "foo", "did you mean `floor`?"),
        ("1 +", "it ends where a value is due", "+", None),
        ("a if b", "it ends where `else` is due", "b", None),
        ("a == 'abc", "the quotes are never closed", "'abc", None),
        ("`abc == 1", "the backticks are never closed", "`abc == 1", None),
        ("", "there is no expression", "", None),
        ("a b", "`b` stands where an operator or the end is due", "b", None),
        ("a in 3", "`3` stands where a list such as `[1, 2]` is due", "3", None),
        ("a in [b]", "`b` stands in a list, which holds plain values", "b", "compare with `==`"),
        ("a in [-'b']", "stands in a list, which holds plain values", "'b'", "compare with `==`"),
        ("a[1]", "`[` stands where", "[", "a list stands after `in` alone"),
        ("2x", "`x` stands where an operator or the end is due", "x", None),
        ("min(a)", "`min` takes two arguments or more, and has 1", "min", None),
        ("sqrt(a, b)", "`sqrt` takes one argument, and has 2", "sqrt", None),
        ("sqrt()", "`sqrt` takes one argument, and has 0", "sqrt", None),
        ("1e999", "`1e999` is too large", "1e999", None),
        ('"\\q" == a', "what follows the backslash is no escape", '"\\q"', None),
        ("a § b", "`§` means nothing here", "§", None),
        ("lambda x: 1", "`x` stands where", "x", None),
        ("a ² b", "`²` is no name", "²", "put the part in backticks"),
        ("a < " + "9" * 5000, "is too large", "9" * 5000, None),
        ("a == (b == c) == d", "a chain of comparisons goes", "b == c", "join two comparisons"),
        ("not", "it ends where a value is due", "t", None),
    ],
)
def test_a_fault_is_found_where_it_is(
    text: str, message: str, culprit: str, help_: str | None
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    error = caught.value

    assert str(error).startswith(message) or message in str(error)
    assert text[error.start : error.start + error.length].strip() == culprit
    assert (error.help or "").startswith(help_ or "")


def test_what_is_nested_takes_no_longer_for_that() -> None:
    text = "flag"
    for _ in range(25):
        text = f"flag == ({text}) == flag"
    with pytest.raises(ExpressionError, match="a chain of comparisons goes around another"):
        parse(text)


@pytest.mark.parametrize(
    "text", ["(" * 50 + "a" + ")" * 50, "-" * 99 + "a", "not " * 99 + "a", "a ** " * 99 + "a"]
)
def test_depth_has_an_end(text: str) -> None:
    with pytest.raises(ExpressionError, match="it is nested too deeply"):
        parse(text)


def test_length_has_an_end_and_no_depth() -> None:
    assert len(references(parse(" + ".join(["a"] * 2000)))) == 2000
    with pytest.raises(ExpressionError, match="it has 20002 characters"):
        parse("+" * (2 * LONGEST) + " a")


@given(st.text(alphabet="ab1.0 ()[]<>=!+-*/%,\"'`&|\\ifelsandotrwqé§\n", max_size=40))
@example("a if b else")
@settings(max_examples=500)
def test_any_text_is_read_or_found_at_fault(text: str) -> None:
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


def test_names_are_listed_where_they_stand() -> None:
    found = references(parse("`odd-name` + b.c > 2 * `odd-name` and active(b.c)"))

    assert [(r.name, r.start, r.length) for r in found] == [
        ("odd-name", 0, 10),
        ("b.c", 13, 3),
        ("odd-name", 23, 10),
        ("b.c", 45, 3),
    ]


def test_names_can_be_replaced_everywhere() -> None:
    text = "-A + A ** A > min(A, 1) and not A in [1] or (A if A == 1 else A) < 2"

    assert renamed(parse(text), {"A": "b.c"}) == parse(text.replace("A", "b.c"))
    assert str(substituted(parse("a * 2"), {"a": parse("x + 1")})) == "(x + 1) * 2"
