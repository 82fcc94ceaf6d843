"""Domains represent their values exactly, as Python objects and as floats."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.domains import Categorical, Domain, Grid, Integer, Nested, Normal, Real, fault
from sweepwright.space import Parameter
from tests.sweepwright.spaces import STEPS, domains


@given(index=st.integers(-(10**6), 10**6), step=STEPS)
def test_a_multiple_is_the_correctly_rounded_one(index: int, step: float) -> None:
    grid = Grid(Fraction(repr(step)), -(10**6), 10**6)

    assert grid.value(index) == float(index * Fraction(repr(step)))
    assert grid.number(grid.value(index)) == grid.value(index)


def test_three_steps_of_a_tenth_are_exactly_three_tenths() -> None:
    assert Real(0, 1, step=0.1).number(0.3) == 0.3
    assert Real(0, 1, step=0.1).number(0.1 + 0.2) is None


def test_multiples_count_from_zero_not_from_the_lower_bound() -> None:
    grid = Real(2, 10, step=5).grid

    assert grid is not None
    assert [grid.value(i) for i in range(grid.first, grid.last + 1)] == [5, 10]


def test_a_real_without_a_step_has_no_grid() -> None:
    assert Real(0, 1).grid is None
    assert Normal(0, 1).grid is None


@pytest.mark.parametrize(
    ("domain", "size"),
    [
        (Real(0, 1), None),
        (Real(3, 3), 1),
        (Real(0, 1, step=0.1), 11),
        (Integer(5, 5), 1),
        (Integer(-7, 9, step=3), 6),
        (Normal(0, 1, step=1), None),
        (Categorical(("a", "b")), 2),
        (Nested(("a",)), 1),
    ],
)
def test_sizes_are_counted(domain: Domain, size: int | None) -> None:
    assert domain.size == size


@pytest.mark.parametrize(
    ("domain", "value"),
    [
        (Integer(1, 8), 3.0),
        (Integer(1, 8), 8),
        (Integer(-(2**53), 2**53), 2**53 - 1),
        (Real(0, 1), 0),
        (Real(0, 1), 1),
        (Real(0, 1, step=0.25), 0.75),
        (Normal(0, 1), -1e300),
        (Normal(0, 1, log=True), 5e-324),
        (Normal(0, 1, log=True, step=0.5), 0.0),
        (Categorical((None,)), None),
    ],
)
def test_values_in_the_domain_survive_conversion_to_floats(domain: Domain, value: Any) -> None:
    number = domain.number(value)

    assert number is not None
    assert domain.value(number) == value


@pytest.mark.parametrize(
    ("domain", "value"),
    [
        (Integer(1, 8), 2.5),
        (Integer(1, 8), 0),
        (Integer(1, 8), True),
        (Integer(1, 8), "3"),
        (Integer(1, 8), math.nan),
        (Integer(1, 8), math.inf),
        (Integer(1, 8), 10**400),
        (Integer(1, 8), np.int64(3)),
        (Integer(2, 8, step=2), 3),
        (Real(0, 1), -0.1),
        (Real(0, 1), math.nan),
        (Real(0, 1), 10**400),
        (Real(0, 1), None),
        (Real(0, 1, step=0.1), 0.25),
        (Normal(0, 1), math.inf),
        (Normal(0, 1), "0"),
        (Normal(0, 1, log=True), 0.0),
        (Normal(0, 1, log=True, step=1), -1.0),
        (Normal(0, 1, step=1), 10**400),
        (Categorical((1, 2)), True),
        (Categorical((True, 2)), 1),
        (Categorical(("a",)), ["a"]),
        (Categorical(("a",)), object()),
        (Nested(("sgd", "adam")), "ada"),
        (Nested(("sgd", "adam")), None),
    ],
)
def test_values_outside_the_domain_have_no_float(domain: Domain, value: Any) -> None:
    assert domain.number(value) is None


def test_minus_zero_is_zero() -> None:
    for domain in (Real(-1, 1), Real(-1, 1, step=0.5), Normal(0, 1)):
        number = domain.number(-0.0)

        assert number is not None
        assert math.copysign(1, number) == 1


def test_choices_are_distinguished_by_type() -> None:
    domain = Categorical((1, True, 1.0, "1", [1, 2], {"a": 1}))
    values = (1, True, 1.0, "1", [1, 2], {"a": 1})

    assert [domain.number(value) for value in values] == [0, 1, 2, 3, 4, 5]


def test_an_equal_number_of_another_type_is_the_choice() -> None:
    assert Categorical((32, 64)).number(64.0) == 1


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        (Real(0, 1), "uniform(0, 1)"),
        (Real(1e-4, 0.1, log=True), "loguniform(0.0001, 0.1)"),
        (Real(0.0, 1.0, step=0.1), "uniform(0, 1, step=0.1)"),
        (Integer(1, 8), "int(1, 8)"),
        (Integer(1, 1024, log=True), "int(1, 1024, log=true)"),
        (Integer(0, 8, step=2), "int(0, 8, step=2)"),
        (Normal(0, 1), "normal(0, 1)"),
        (Normal(0, 1, log=True, step=0.25), "lognormal(0, 1, step=0.25)"),
        (
            Categorical((64, "a", None, True, "two words", "null")),
            'choice(64, a, null, true, "two words", "null")',
        ),
        (Nested(("sgd", "adam")), "choice(sgd, adam)"),
    ],
)
def test_domains_are_written_in_the_call_form(domain: Domain, text: str) -> None:
    assert str(domain) == text


@given(domains())
def test_valid_domains_have_no_fault(domain: Domain) -> None:
    assert fault(domain) is None


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        (Real(1, 0), "between its bounds"),
        (Real(0, math.nan), "between its bounds"),
        (Real(0, math.inf), "between its bounds"),
        (Real(-1.7e308, 1.7e308), "between its bounds"),
        (Real(0, 1, log=True), "logarithm"),
        (Real(0.01, 0.09, step=0.1), "multiple"),
        (Real(0, 1, step=0), "`step`"),
        (Real(0, 1, step=-1), "`step`"),
        (Real(0, 1, step=1e-20), "2**53"),
        (Integer(5, 4), "between its bounds"),
        (Integer(0, 8, log=True), "logarithm"),
        (Integer(0, 2**53 + 2), "2**53"),
        (Integer(1, 3, step=5), "multiple"),
        (Normal(0, 0), "`std`"),
        (Normal(math.inf, 1), "`std`"),
        (Normal(0, 1, step=math.nan), "`step`"),
        (Categorical(()), "no choices"),
        (Categorical((1.0, math.nan)), "finite"),
        (Nested(()), "no choices"),
    ],
)
def test_invalid_domains_have_a_fault(domain: Domain, said: str) -> None:
    assert said in (fault(domain) or "")


def test_a_parameter_is_delivered_under_its_name() -> None:
    assert Parameter("rate", Real(0, 1)).path == ("rate",)
    assert Parameter("a.b", Real(0, 1), ("a", "b")).path == ("a", "b")
