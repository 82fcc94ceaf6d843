"""The suite passes an assessor that keeps the contract, and catches each way of breaking it."""

import pytest

from sweepwright.testing import failed_checks
from sweepwright.testing.assessors import AssessorSuite
from tests.sweepwright.testing.broken_assessors import CAUGHT_BY, Worse, offer


class TestWorse(AssessorSuite):
    provider = offer(Worse)


@pytest.mark.parametrize("assessor", CAUGHT_BY, ids=lambda assessor: assessor.__name__)
def test_a_broken_assessor_is_caught_by_the_check_meant_for_it(assessor: type[Worse]) -> None:
    check = CAUGHT_BY[assessor]
    suite = type("Suite", (AssessorSuite,), {"provider": offer(assessor)})

    assert check in failed_checks(suite, check)


def test_a_sound_assessor_fails_nothing_without_pytest_either() -> None:
    assert failed_checks(type("Suite", (AssessorSuite,), {"provider": offer(Worse)})) == {}


def test_every_check_catches_somebody() -> None:
    checks = {name for name in dir(AssessorSuite) if name.startswith("test_")}

    assert checks == set(CAUGHT_BY.values())
