"""The suite passes tuners that keep the contract, and catches each way of breaking it."""

from collections.abc import Sequence

import pytest

from sweepwright.events import Suggestion
from sweepwright.testing import failed_checks
from sweepwright.testing.problems import PROBLEMS
from sweepwright.testing.tuners import TunerSuite
from tests.sweepwright.testing.broken_tuners import CAUGHT_BY
from tests.sweepwright.testing.sound_tuners import Drawing, Halving, Repeating, offer


class TestDrawing(TunerSuite):
    provider = offer(Drawing)


class TestHalving(TunerSuite):
    provider = offer(Halving)


class TestRepeating(TunerSuite):
    provider = offer(Repeating)


def suite_of(tuner: type[Drawing]) -> type[TunerSuite]:
    return type("Suite", (TunerSuite,), {"provider": offer(tuner)})


@pytest.mark.parametrize("tuner", CAUGHT_BY, ids=lambda tuner: tuner.__name__)
def test_a_broken_tuner_is_caught_by_the_check_meant_for_it(tuner: type[Drawing]) -> None:
    check = CAUGHT_BY[tuner]

    assert check in failed_checks(suite_of(tuner), check)


def test_a_sound_tuner_fails_nothing_without_pytest_either() -> None:
    finite = {"finite": PROBLEMS["finite"]}
    facts = {"provider": offer(Drawing), "problems": lambda _suite: finite}

    assert failed_checks(type("Suite", (TunerSuite,), facts)) == {}


def test_a_tuner_that_ends_for_good_must_say_so() -> None:
    check = "test_never_waits_when_nothing_runs"
    facts = {"provider": offer(EndsEarly)}

    assert failed_checks(type("Silent", (TunerSuite,), facts), check)
    assert not failed_checks(type("Frank", (TunerSuite,), {**facts, "ends": True}), check)


class EndsEarly(Drawing):
    def ask(self, count: int) -> Sequence[Suggestion]:
        return super().ask(min(count, max(7 - self.opened, 0)))


def test_every_check_catches_somebody() -> None:
    checks = {name for name in dir(TunerSuite) if name.startswith("test_")}

    assert checks == set(CAUGHT_BY.values())


def test_a_suite_skips_what_a_tuner_cannot_search() -> None:
    provider = offer(Drawing)

    class Picky(TunerSuite):
        pass

    Picky.provider = type(provider)(
        "picky", provider.options, provider.build, searches=frozenset(), finite_only=True
    )

    assert Picky().problems() == {}
