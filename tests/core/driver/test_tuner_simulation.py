"""A dry run tells how a tuner goes on, and what it leaves idle."""

from dataclasses import replace
from typing import Any

import pytest

from sweepwright.contracts import Budget, Tuner
from sweepwright.core.driver.tuner_simulation import MOST_LAUNCHES, play
from sweepwright.core.plan.plan import Limits, Plan
from tests.core.examples import plan
from tests.plugins.tuners.budget_tuners import VARIANTS, build


def planned(**limits: Any) -> Plan:
    """Make a plan of nine epochs."""
    given = {"max_trials": 30, "concurrency": 4, "retries": {}, **limits}
    return replace(plan(budget=Budget(9)), limits=Limits(**given))


def tuner_of(name: str, of: Plan) -> Tuner:
    """Build a tuner for a plan."""
    return build(name, of.problem)


def test_a_bracket_one_at_a_time_takes_what_it_spends() -> None:
    """Nine at 1, three on to 3, one on to 9; five at 3, one on to 9; three at 9."""
    of = planned(concurrency=1)
    run = play(of, tuner_of("hyperband", of))

    assert (run.trials, run.promotions, run.ended) == (17, 5, True)
    assert run.resumed == run.span == (9 + 3 * 2 + 6) + (5 * 3 + 6) + 27
    assert run.afresh == (9 + 9 + 9) + (15 + 9) + 27
    assert run.idle == 0


def test_serial_brackets_leave_more_idle_than_those_that_overlap() -> None:
    of = planned(concurrency=5)
    parallel = play(of, tuner_of("hyperband", of))
    serial = play(of, tuner_of("hyperband_serial", of))

    assert 0 < parallel.idle < serial.idle < 1
    assert parallel.resumed == serial.resumed


def test_given_assignments_come_first_with_the_whole_budget() -> None:
    given = {"lr": 0.5, "layers": 1, "activation": "tanh"}
    of = replace(planned(max_trials=2, concurrency=1), start=(given,))
    run = play(of, tuner_of("asha", of))

    assert (run.trials, run.promotions, run.resumed) == (2, 0, 10)


@pytest.mark.parametrize("name", VARIANTS)
def test_max_trials_is_kept_to_and_a_run_without_end_is_cut(name: str) -> None:
    of = planned(max_trials=None, concurrency=3)
    endless = play(of, tuner_of(name, of))
    short = play(planned(max_trials=7), tuner_of(name, planned(max_trials=7)))

    assert short.trials <= 7
    assert short.ended
    assert endless.ended or endless.trials + endless.promotions >= MOST_LAUNCHES


def test_a_plan_looks_the_same_each_time() -> None:
    of = planned()

    assert play(of, tuner_of("bohb", of)) == play(of, tuner_of("bohb", of))
