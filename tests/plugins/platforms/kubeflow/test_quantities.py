"""Quantities are read and written as Kubernetes does."""

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.plugins.platforms.kubeflow.quantities import (
    cpu_quantity,
    memory_quantity,
    parse_quantity,
)

# The pattern of quantities in the published schemas.
PATTERN = re.compile(
    r"(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?"
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("500m", "0.5"),
        ("1Gi", 2**30),
        ("1.5Ki", 1536),
        ("2k", 2000),
        ("1e3", 1000),
        ("1E", 10**18),
        ("1E1", 10),
        (".5", "0.5"),
        ("5.", 5),
        ("-1", -1),
        ("+1u", "0.000001"),
    ],
)
def test_values(text: str, value: int | str) -> None:
    assert parse_quantity(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", "1 Gi", "1K", "1gi", "1e", "1e1.5", "Gi", "1GiB", "0x1", "1e99999", "1" * 99, "\u0661"],
)
def test_texts_that_are_no_quantities(text: str) -> None:
    assert parse_quantity(text) is None


@given(st.text(alphabet="0123456789.+-eEKMGTPikmnu ", max_size=12))
def test_what_is_read_has_the_syntax_of_the_schemas(text: str) -> None:
    assert parse_quantity(text) is None or PATTERN.fullmatch(text)


@given(st.floats(0.001, 1e6))
def test_cpus_are_rounded_up_to_thousandths(cpus: float) -> None:
    written = parse_quantity(cpu_quantity(cpus))

    assert written is not None
    assert 0 <= Fraction(written) - Fraction(repr(cpus)) < Fraction(1, 1000)


@given(st.floats(1, 2**60) | st.integers(1, 2**20).map(lambda mebibytes: mebibytes * 2.0**20))
def test_memory_is_rounded_up_to_bytes(size: float) -> None:
    written = parse_quantity(memory_quantity(size))

    assert written is not None
    assert 0 <= Fraction(written) - Fraction(repr(size)) < 1


def test_round_amounts_are_written_briefly() -> None:
    assert [cpu_quantity(cpus) for cpus in (1.0, 0.5, 0.1, 2.25)] == ["1", "500m", "100m", "2250m"]
    assert [memory_quantity(size) for size in (2.0**31, 512.0 * 2**20, 1e6)] == [
        "2Gi",
        "512Mi",
        "1000000",
    ]
