"""ASHA promotes the best third of each rung so far, and never waits."""

from typing import Any

from sweepwright.contracts import Budget, Problem
from sweepwright.events import Event, Failed, Failure, FailureKind, Measured, Start, Trial
from sweepwright.plugins.tuners import asha
from sweepwright.plugins.tuners.asha import AshaOptions
from sweepwright.plugins.tuners.halving.asynchronous import AsynchronousTuner
from sweepwright.plugins.tuners.random import Random, RandomOptions
from sweepwright.space import Real
from sweepwright.testing.problems import space
from sweepwright.testing.tuner_harness import Outcome, TunerHarness

PROBLEM = Problem(space(x=Real(0, 1)), budget=Budget(9))


def build(problem: Problem = PROBLEM, **options: Any) -> AsynchronousTuner:
    return asha.build(AshaOptions(**options), problem, Random(RandomOptions(), problem))


def worth(value: float) -> Outcome:
    """End with a value."""
    return lambda trial: [Measured(trial, value)]


def failing(trial: Trial) -> list[Event]:
    """Fail."""
    return [Failed(trial, Failure(FailureKind.ERROR, "no"))]


def said(played: TunerHarness, count: int = 1) -> list[Any]:
    """Ask, and abbreviate the suggestions."""
    asked = played.ask(count)
    return [s.budget if isinstance(s, Start) else (s.trial, s.budget) for s in asked]


def test_the_rule_on_a_table_worked_out_by_hand() -> None:
    """Trials 0 to 8 have these values on the first rung; with the promoted trial after each."""
    table = [
        (0.5, None),
        (0.3, None),
        (0.4, 1),  # one of three: the best
        (0.45, None),
        (0.35, None),
        (0.2, 5),  # two of six: 5 and 1, which went on
        (0.32, None),
        (0.6, None),
        (0.28, 8),  # three of nine: 5, 8 and 1
    ]
    above = {1: 0.25, 5: 0.15, 8: 0.05}
    played = TunerHarness(build())
    for value, promoted in table:
        assert said(played) == [1.0]
        played.end(played.open(played.ask(1)[0]).number, worth(value))
        if promoted is not None:
            assert said(played) == [(promoted, 3.0)]
            played.end(played.open(played.ask(1)[0]).number, worth(above[promoted]))

    # At 3 there are three by now, of which 8 is the best.
    assert said(played, 3) == [(8, 9.0), 1.0, 1.0]


def test_a_failed_trial_counts_in_its_rung_and_is_never_promoted() -> None:
    played = TunerHarness(build())
    for outcome in (failing, failing, worth(1.0)):
        played.end(played.open(played.ask(1)[0]).number, outcome)
    assert said(played) == [(2, 3.0)]

    alone = TunerHarness(build())
    for _ in range(9):
        alone.end(alone.open(alone.ask(1)[0]).number, failing)
    assert said(alone, 2) == [1.0, 1.0]


def test_low_rungs_may_be_omitted() -> None:
    assert said(TunerHarness(build(early_stopping_rate=1))) == [3.0]
    assert said(TunerHarness(build(early_stopping_rate=2))) == [9.0]


def test_the_schedule_shows_the_expected_promotions_of_max_trials() -> None:
    problem = Problem(PROBLEM.space, budget=Budget(81), max_trials=100)
    (bracket,) = asha.schedule(AshaOptions(), problem)

    assert [(rung.trials, rung.budget) for rung in bracket.rungs] == [
        (100, 1),
        (33, 3),
        (11, 9),
        (3, 27),
        (1, 81),
    ]
