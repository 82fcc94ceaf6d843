"""Bounds over a box contain the value of every assignment in the box."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sweepwright.expressions import Boxes, Expression, Formula
from sweepwright.seeds import rng
from tests.sweepwright.expressions.strategies import SPACE, conditions, numbers

DOMAINS = {parameter.name: parameter.domain for parameter in SPACE.parameters}


def drawn(seed: int) -> tuple[Any, Boxes]:
    """Draw rows and a box that contains them; each parameter is active in all, some or no rows."""
    source = rng(seed, "test")
    matrix = SPACE.sample(source, 40)
    width = source.random()
    matrix = SPACE.from_unit(np.clip(0.5 + (SPACE.unit(matrix) - 0.5) * width, 0, 1))
    activity = source.choice([1.0, 1.0, 0.5, 0.0], len(SPACE))
    low, high = matrix.min(axis=0), matrix.max(axis=0)
    inactive = source.random(matrix.shape) < 0.5
    matrix[(activity == 0) | ((activity == 0.5) & inactive)] = np.nan
    return matrix, Boxes(low[None, :], high[None, :], activity[None, :])


@given(conditions, st.integers(0, 10_000))
@settings(max_examples=400)
def test_truth_values_in_a_box_contain_those_of_its_rows(condition: Expression, seed: int) -> None:
    matrix, box = drawn(seed)
    formula = Formula(condition, SPACE.index, DOMAINS)
    values, can = formula(matrix), formula.possible_truth(box)

    assert can.true[0] or not (values == 1).any()
    assert can.false[0] or not (values == 0).any()
    assert can.unknown[0] or not np.isnan(values).any()


@given(numbers, st.integers(0, 10_000))
@settings(max_examples=400)
def test_a_number_lies_within_its_bounds(expression: Expression, seed: int) -> None:
    matrix, box = drawn(seed)
    formula = Formula(expression, SPACE.index, DOMAINS)
    values, found = formula(matrix), formula.enclosure(box)
    known = values[~np.isnan(values)]
    slack = 1e-9 * (1 + np.abs(known))

    assert found.unknown[0] or not np.isnan(values).any()
    assert found.known[0] or not len(known)
    assert (known >= found.low[0] - slack).all()
    assert (known <= found.high[0] + slack).all()


@given(conditions, st.integers(0, 10_000))
@settings(max_examples=200)
def test_truth_values_in_a_box_of_one_row_are_exact(condition: Expression, seed: int) -> None:
    matrix, _ = drawn(seed)
    row = matrix[:1]
    active = (~np.isnan(row)).astype(float)
    filled = np.nan_to_num(row)
    formula = Formula(condition, SPACE.index, DOMAINS)
    value, can = formula(row)[0], formula.possible_truth(Boxes(filled, filled, active))

    if value == 1:
        assert can.true[0]
    elif value == 0:
        assert can.false[0]
    else:
        assert can.unknown[0]
