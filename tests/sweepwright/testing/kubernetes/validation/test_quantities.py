from fractions import Fraction

import pytest

from sweepwright.testing.kubernetes.validation.quantities import parse_quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", Fraction(1)),
        ("500m", Fraction(1, 2)),
        ("1.5Gi", Fraction(3, 2) * 2**30),
        ("2k", Fraction(2000)),
        ("2E", Fraction(2) * 10**18),
        ("2e3", Fraction(2000)),
        ("-.5", Fraction(-1, 2)),
        ("1 core", None),
        ("", None),
        ("1KiB", None),
        ("1K", None),
    ],
)
def test_quantities(text: str, number: Fraction | None) -> None:
    assert parse_quantity(text) == number
