"""Quantities of resources."""

from fractions import Fraction

import pytest

from sweepwright.testing.kubernetes.cluster.quantities import (
    format_quantity,
    parse_quantity,
    pod_amounts,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500m", Fraction(1, 2)),
        ("2", 2),
        (1.5, Fraction(3, 2)),
        ("1Gi", 2**30),
        ("1k", 1000),
        ("12e3", 12000),
        ("1E-3", Fraction(1, 1000)),
        ("1E", 10**18),
    ],
)
def test_a_quantity_is_a_number_with_a_unit(text, number):
    assert parse_quantity(text) == number


@pytest.mark.parametrize("text", ["", "1 Gi", "GB", "1GB", "0x10"])
def test_other_texts_are_no_quantities(text: str):
    with pytest.raises(ValueError, match="not a quantity"):
        parse_quantity(text)


@pytest.mark.parametrize("text", ["500m", "2", "1001m"])
def test_a_quantity_is_written_as_it_was(text: str):
    assert format_quantity(parse_quantity(text)) == text


def test_a_pod_needs_the_sum_of_its_containers_or_what_one_needs_first():
    def container(cpu: str, memory: str) -> dict[str, object]:
        return {"resources": {"requests": {"cpu": cpu, "memory": memory}}}

    spec = {
        "containers": [container("1", "1Gi"), container("500m", "1Gi")],
        "initContainers": [container("1", "4Gi")],
    }

    assert pod_amounts({"spec": spec}) == {"cpu": Fraction(3, 2), "memory": 4 * 2**30}
