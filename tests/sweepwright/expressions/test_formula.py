"""Formulas compute for whole batches what would be computed row by row."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweepwright.expressions import ABSENT, Expression, Formula, Kind, parse
from sweepwright.seeds import rng
from tests.sweepwright.expressions.trees import (
    NULL,
    SPACE,
    compute,
    conditions,
    numbers,
    texts,
)

DOMAINS = {parameter.name: parameter.domain for parameter in SPACE.parameters}


def rows(seed: int) -> Any:
    """Draw rows some of whose parameters are inactive, and the values in them by name."""
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
    expected = [compute(expression, row) for row in named]

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
def test_what_is_no_number_is_not_known(text: str) -> None:
    found = Formula(parse(text), SPACE.index, DOMAINS).values(np.full((1, len(SPACE)), np.nan))

    assert found == [ABSENT]
    assert repr(found[0]) == "ABSENT"


def test_a_formula_at_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="`word` is a text, and `\\+` needs a number"):
        Formula(parse("word + 1"), SPACE.index, DOMAINS)


def test_a_formula_knows_what_it_is_about() -> None:
    formula = Formula(parse("x * n > x"), SPACE.index, DOMAINS)

    assert formula.about == [SPACE.index["x"], SPACE.index["n"]]
    assert formula.kind is Kind.BOOLEAN
