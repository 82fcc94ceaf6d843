"""BOHB uses the model of the largest budget that has enough results, and sometimes the prior."""

from dataclasses import replace

import numpy as np

from sweepwright.contracts import Budget, Problem
from sweepwright.events import Event, Measured, Start, Trial
from sweepwright.plugins.tuners.bohb import BohbOptions, build
from sweepwright.space import Real
from sweepwright.testing.problems import space
from sweepwright.testing.tuner_harness import TunerHarness

PROBLEM = Problem(space(x=Real(0, 1), y=Real(0, 1)), budget=Budget(27))


def misleading(trial: Trial) -> list[Event]:
    """Make x = 0 the best on small budgets, and x = 1 from 9 on."""
    best = 1.0 if (trial.budget or 0) >= 9 else 0.0
    return [Measured(trial, abs(trial.assignment["x"] - best))]


def drawn(played: TunerHarness, count: int) -> list[float]:
    """Return the next assignments."""
    asked = played.ask(count)
    return [start.assignment["x"] for start in asked if isinstance(start, Start)]


def test_the_model_uses_the_largest_budget_with_enough_results() -> None:
    options = BohbOptions(random_fraction=0.0, rounds=None)
    played = TunerHarness(build(options, PROBLEM)).run(20, misleading)
    before = np.mean(drawn(played, 20))
    played.run(100, misleading)

    assert before < 0.3
    assert np.mean(drawn(played, 20)) > 0.6


def test_a_share_of_trials_is_drawn_from_the_prior() -> None:
    options = BohbOptions(random_fraction=1.0, rounds=None)
    played = TunerHarness(build(options, PROBLEM)).run(60, misleading)

    assert 0.35 < np.mean(drawn(played, 200)) < 0.65


def test_its_brackets_are_those_of_hyperband() -> None:
    played = TunerHarness(build(BohbOptions(), PROBLEM)).run(200, misleading, concurrency=3)
    few = TunerHarness(build(BohbOptions(), replace(PROBLEM, budget=Budget(2)))).run(9, misleading)

    assert len(played.trials) == 27 + 12 + 6 + 4
    assert [trial.budget for trial in few.trials.values()] == [2.0]
