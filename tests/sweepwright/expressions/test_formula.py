"""A formula computes a batch as the reference evaluator computes its rows."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweepwright.expressions import ABSENT, Expression, Formula, Kind, parse
from sweepwright.seeds import rng
from tests.sweepwright.expressions.reference_evaluator import NULL, evaluate
from tests.sweepwright.expressions.strategies import SPACE, conditions, numbers, texts

DOMAINS = {parameter.name: parameter.domain for parameter in SPACE.parameters}


def rows(seed: int) -> Any:
    """Draw rows with some inactive parameters, and their values by name."""
    source = rng(seed, "test")
    matrix = SPACE.sample(source, 12)
    matrix[source.random(matrix.shape) < 0.2] = np.nan
    named = [
        {
            p.name: NULL if (value := p.domain.value(number)) is None else value
            for p, number in zip(SPACE.parameters, row, strict=True)
            if not math.isnan(number)
        }
        for row in matrix.tolist()
    ]
    return matrix, named


@given(st.one_of(numbers, conditions, texts), st.integers(0, 99))
@settings(max_examples=300)
def test_a_batch_is_computed_as_its_rows_are(expression: Expression, seed: int) -> None:
    matrix, named = rows(seed)
    formula = Formula(expression, SPACE.index, DOMAINS)
    found = formula.values(matrix)
    expected = [evaluate(expression, row) for row in named]

    for value, wanted in zip(found, expected, strict=True):
        if wanted is None:
            assert value is ABSENT
        elif isinstance(wanted, str | bool):
            assert value == wanted
        else:
            assert value is not ABSENT
            assert value == pytest.approx(float(wanted), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1000 // 3", 333),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("2 ** 3", 8),
        ("7 / 2", 3.5),
        ("round(2.5)", 2),
        ('"a" if 1 < 2 else "b"', "a"),
        ("1 < 2", True),
        ("not 1 < 2", False),
        ("-2 ** 2", -4),
    ],
)
def test_values_are_plain_and_integers_stay_integers(text: str, value: Any) -> None:
    found = Formula(parse(text), SPACE.index, DOMAINS).values(np.full((2, len(SPACE)), np.nan))

    assert found == [value, value]
    assert type(found[0]) is type(value)


@pytest.mark.parametrize("text", ["1 / 0", "1 // 0", "1 % 0", "sqrt(-1)", "log(0)", "10 ** 400"])
def test_a_result_that_is_not_finite_is_unknown(text: str) -> None:
    found = Formula(parse(text), SPACE.index, DOMAINS).values(np.full((1, len(SPACE)), np.nan))

    assert found == [ABSENT]
    assert repr(found[0]) == "ABSENT"


def test_an_invalid_expression_is_rejected() -> None:
    with pytest.raises(ValueError, match="`word` is text, but `\\+` needs a number"):
        Formula(parse("word + 1"), SPACE.index, DOMAINS)


def test_a_formula_lists_the_columns_that_it_uses() -> None:
    formula = Formula(parse("x * n > x"), SPACE.index, DOMAINS)

    assert formula.used_columns == [SPACE.index["x"], SPACE.index["n"]]
    assert formula.kind is Kind.BOOLEAN
