"""Schedules are the integers of the papers' formulas, without the errors of floats."""

from fractions import Fraction
from itertools import pairwise
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.contracts import Bracket, Budget
from sweepwright.plugins.tuners.halving.schedule import (
    NEAR_POWER,
    ascending,
    halving,
    hyperband,
    max_reductions,
    sizes,
)

TABLES = {
    (81, 3): """
        81@1 27@3 9@9 3@27 1@81
        34@3 11@9 3@27 1@81
        15@9 5@27 1@81
        8@27 2@81
        5@81""",
    (243, 3): """
        243@1 81@3 27@9 9@27 3@81 1@243
        98@3 32@9 10@27 3@81 1@243
        41@9 13@27 4@81 1@243
        18@27 6@81 2@243
        9@81 3@243
        6@243""",
    (1000, 10): """
        1000@1 100@10 10@100 1@1000
        134@10 13@100 1@1000
        20@100 2@1000
        4@1000""",
    (100, 3): """
        81@1 27@3 9@11 3@33 1@100
        34@3 11@11 3@33 1@100
        15@11 5@33 1@100
        8@33 2@100
        5@100""",
    (27, 3): """
        27@1 9@3 3@9 1@27
        12@3 4@9 1@27
        6@9 2@27
        4@27""",
    (16, 2): """
        16@1 8@2 4@4 2@8 1@16
        10@2 5@4 2@8 1@16
        7@4 3@8 1@16
        5@8 2@16
        5@16""",
    (9, 3): "9@1 3@3 1@9\n5@3 1@9\n3@9",
    (60, 3): """
        27@2 9@6 3@20 1@60
        12@6 4@20 1@60
        6@20 2@60
        4@60""",
    (64, 4): """
        64@1 16@4 4@16 1@64
        22@4 5@16 1@64
        8@16 2@64
        4@64""",
    (125, 5): """
        125@1 25@5 5@25 1@125
        34@5 6@25 1@125
        10@25 2@125
        4@125""",
    (100, 10): "100@1 10@10 1@100\n15@10 1@100\n3@100",
    (3, 2): "2@1 1@3\n2@3",
    (80, 3): """
        81@1 27@3 9@9 3@27 1@80
        34@3 11@9 3@27 1@80
        15@9 5@27 1@80
        8@27 2@80
        5@80""",
    (15, 2): """
        16@1 8@2 4@4 2@8 1@15
        10@2 5@4 2@8 1@15
        7@4 3@8 1@15
        5@8 2@15
        5@15""",
    (2, 3): "1@2",
}
"""By R and eta: a line for each bracket, of trials at a budget; worked out by hand.

Of these (80, 3) and (15, 2) are not by the letter of the paper: they are taken for powers.
"""


def text(brackets: tuple[Bracket, ...]) -> str:
    return "\n".join(" ".join(f"{r.trials}@{r.budget:g}" for r in b.rungs) for b in brackets)


@pytest.mark.parametrize(("largest", "eta"), TABLES)
def test_a_round_of_hyperband_is_that_of_its_paper(largest: int, eta: int) -> None:
    written = "\n".join(line.strip() for line in TABLES[largest, eta].strip().splitlines())

    assert text(hyperband(Budget(largest), eta)) == written


@pytest.mark.parametrize("unit", [0.1, 0.7, 1e-9, 3600.5])
def test_the_unit_of_a_budget_makes_no_difference(unit: float) -> None:
    """Budgets are read as the decimal fractions that they are written as."""
    epochs, others = Budget(81), Budget(float(Fraction(repr(unit)) * 81), unit)
    pairs = zip(hyperband(epochs, 3), hyperband(others, 3), strict=True)

    for bracket, other in pairs:
        assert [rung.trials for rung in other.rungs] == [rung.trials for rung in bracket.rungs]
        assert [rung.budget for rung in other.rungs] == pytest.approx(
            [unit * rung.budget for rung in bracket.rungs], rel=1e-15
        )


@given(eta=st.integers(2, 10), power=st.integers(0, 40), unit=st.integers(1, 1000))
def test_no_rung_is_lost_at_a_power_of_eta(eta: int, power: int, unit: int) -> None:
    """In floats log(243) / log(3) is 4.99…; there are five reductions all the same."""
    budget = Budget(unit * eta**power, unit)

    assert max_reductions(budget, eta) == power
    assert len(ascending(budget, eta)) == power + 1


@given(eta=st.integers(2, 6), largest=st.integers(1, 10**6), least=st.integers(1, 50))
def test_a_round_of_brackets_follows_the_formulas(eta: int, largest: int, least: int) -> None:
    brackets = hyperband(Budget(max(largest, least), least), eta)
    most = len(brackets) - 1
    ratio = Fraction(max(largest, least), least)
    power = max(Fraction(max(largest, least)), Fraction(least * eta**most))

    assert eta**most * NEAR_POWER <= ratio < eta ** (most + 1) * NEAR_POWER
    for s, bracket in zip(range(most, -1, -1), brackets, strict=True):
        n = -(-(most + 1) * eta**s // (s + 1))
        assert [rung.trials for rung in bracket.rungs] == [n // eta**i for i in range(s + 1)]
        assert [rung.budget for rung in bracket.rungs] == [
            *(floor(power / eta ** (s - i)) for i in range(s)),
            max(largest, least),
        ]
        assert all(low.budget < high.budget for low, high in pairwise(bracket.rungs))


@given(eta=st.integers(2, 6), largest=st.integers(1, 10**6), least=st.integers(1, 50))
def test_rungs_of_successive_halving_go_from_the_smallest_budget_to_the_largest(
    eta: int, largest: int, least: int
) -> None:
    budgets = ascending(Budget(max(largest, least), least), eta)
    steps = [above / below for below, above in pairwise(budgets)]

    assert budgets[-1] == max(largest, least)
    assert len(budgets) == 1 or budgets[0] == least
    assert all(step == eta for step in steps[:-1])
    assert all(eta**0.5 <= step * (1 + 1e-12) < eta**1.5 * (1 + 1e-12) for step in steps[-1:])


def test_rungs_of_successive_halving() -> None:
    assert ascending(Budget(81), 3) == (1, 3, 9, 27, 81)
    assert ascending(Budget(100), 3) == (1, 3, 9, 27, 100)
    assert ascending(Budget(52, 2), 3) == (2, 6, 18, 52)
    assert ascending(Budget(1.0, 0.25), 2) == (0.25, 0.5, 1.0)
    assert ascending(Budget(2), 4) == (1, 2)
    assert ascending(Budget(1), 3) == (1,)


def test_a_ratio_close_to_a_power_loses_no_rung() -> None:
    """From 2 to 52 there are nearly three reductions by 3; the floor of the logarithm is two."""
    assert text(hyperband(Budget(52, 2), 3)).splitlines()[0] == "27@2 9@6 3@18 1@52"
    assert text(hyperband(Budget(48, 2), 3)).splitlines()[0] == "9@5 3@16 1@48"
    assert text(hyperband(Budget(1.0, 0.04, "of the data"), 5)).splitlines()[0] == (
        "25@0.04 5@0.2 1@1"
    )


def test_rungs_may_be_omitted_and_are_never_empty() -> None:
    assert text((halving(Budget(81), 3, 2, 30),)) == "30@9 10@27 3@81"
    assert sizes(5, 3, 3) == (5, 1, 1)
    assert sizes(0, 3, 3) == (0, 0, 0)
