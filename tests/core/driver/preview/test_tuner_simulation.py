"""The simulation of a tuner counts trials, promotions, budget and idle time."""

from dataclasses import replace
from typing import Any

import pytest

from sweepwright.contracts import Budget, Tuner
from sweepwright.core.driver.preview.tuner_simulation import MAX_LAUNCHES, simulate_tuner
from sweepwright.core.plan.plan import Limits, Plan
from tests.core.examples import plan
from tests.plugins.tuners.budget_tuners import VARIANTS, build


def planned(**limits: Any) -> Plan:
    """Make a plan whose full budget is nine epochs."""
    given = {"max_trials": 30, "concurrency": 4, "retries": {}, **limits}
    return replace(plan(budget=Budget(9)), limits=Limits(**given))


def tuner_of(name: str, of: Plan) -> Tuner:
    """Build a tuner for a plan."""
    return build(name, of.problem)


def test_on_one_slot_the_makespan_is_the_budget_spent() -> None:
    """Bracket 0 has 9, 3 and 1 trials at 1, 3 and 9 epochs; 1 has 5 and 1; 2 has 3."""
    of = planned(concurrency=1)
    run = simulate_tuner(of, tuner_of("hyperband", of))

    assert (run.trials, run.promotions, run.finished) == (17, 5, True)
    assert run.with_checkpoints == run.makespan == (9 + 3 * 2 + 6) + (5 * 3 + 6) + 27
    assert run.without_checkpoints == (9 + 9 + 9) + (15 + 9) + 27
    assert run.idle_share == 0


def test_serial_brackets_idle_more_than_parallel_ones() -> None:
    of = planned(concurrency=5)
    parallel = simulate_tuner(of, tuner_of("hyperband", of))
    serial = simulate_tuner(of, tuner_of("hyperband_serial", of))

    assert 0 < parallel.idle_share < serial.idle_share < 1
    assert parallel.with_checkpoints == serial.with_checkpoints


def test_start_assignments_come_first_with_the_full_budget() -> None:
    given = {"lr": 0.5, "layers": 1, "activation": "tanh"}
    of = replace(planned(max_trials=2, concurrency=1), start=(given,))
    run = simulate_tuner(of, tuner_of("asha", of))

    assert (run.trials, run.promotions, run.with_checkpoints) == (2, 0, 10)


@pytest.mark.parametrize("name", VARIANTS)
def test_max_trials_is_respected_and_an_endless_tuner_is_cut_off(name: str) -> None:
    of = planned(max_trials=None, concurrency=3)
    endless = simulate_tuner(of, tuner_of(name, of))
    short = simulate_tuner(planned(max_trials=7), tuner_of(name, planned(max_trials=7)))

    assert short.trials <= 7
    assert short.finished
    assert endless.finished or endless.trials + endless.promotions >= MAX_LAUNCHES


def test_a_simulation_is_the_same_each_time() -> None:
    of = planned()

    assert simulate_tuner(of, tuner_of("bohb", of)) == simulate_tuner(of, tuner_of("bohb", of))
