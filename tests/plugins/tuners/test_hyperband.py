"""Hyperband fills its brackets in order, promotes the best of each rung, and ends."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from sweepwright.contracts import Budget, Problem
from sweepwright.events import Event, Failed, Failure, FailureKind, Measured, Promote, Start, Trial
from sweepwright.plugins.tuners import grid, hyperband, successive_halving
from sweepwright.plugins.tuners.grid import GridOptions
from sweepwright.plugins.tuners.halving.synchronous import SynchronousTuner
from sweepwright.plugins.tuners.hyperband import HyperbandOptions
from sweepwright.plugins.tuners.random import Random, RandomOptions
from sweepwright.plugins.tuners.successive_halving import SuccessiveHalvingOptions
from sweepwright.space import Categorical, Real
from sweepwright.testing.problems import space
from sweepwright.testing.tuner_harness import TunerHarness

PROBLEM = Problem(space(x=Real(0, 1)), budget=Budget(9))


def build(problem: Problem = PROBLEM, **options: Any) -> SynchronousTuner:
    return hyperband.build(HyperbandOptions(**options), problem, Random(RandomOptions(), problem))


def by_number(trial: Trial) -> list[Event]:
    """Make a trial the better the higher its number."""
    return [Measured(trial, -float(trial.number))]


def said(suggestions: Sequence[Start | Promote]) -> list[Any]:
    """Abbreviate suggestions: the budget of a start, or the trial and budget of a promotion."""
    return [s.budget if isinstance(s, Start) else (s.trial, s.budget) for s in suggestions]


def test_brackets_follow_one_another_from_many_small_trials_to_few_large_ones() -> None:
    played = TunerHarness(build()).run(100, by_number)

    assert [said(asked) for asked in played.asked] == [
        *[[1.0]] * 7,
        *[[(6, 3.0)], [1.0], [(7, 3.0)], [1.0], [(8, 3.0)], [(8, 9.0)]],
        *[[3.0]] * 5,
        [(13, 9.0)],
        *[[9.0]] * 3,
        [],
    ]


def test_brackets_overlap_only_with_parallel() -> None:
    parallel, serial = TunerHarness(build()), TunerHarness(build(parallel=False))

    assert said(parallel.ask(20)) == [*[1.0] * 9, *[3.0] * 5, *[9.0] * 3]
    assert said(serial.ask(20)) == [1.0] * 9


def test_rounds_are_repeated() -> None:
    twice = TunerHarness(build(rounds=2)).run(200, by_number)
    endless = TunerHarness(build(rounds=None))

    assert len(twice.trials) == 2 * 17
    assert len(endless.ask(100)) == 100


def test_a_trial_is_promoted_as_soon_as_no_missing_result_can_displace_it() -> None:
    """Three of nine are promoted: with one result missing, two of the eight are certain."""
    played = TunerHarness(build(parallel=False))
    for suggestion in played.ask(9):
        played.open(suggestion)
    for number in range(7):
        played.end(number, by_number)
    assert said(played.ask(9)) == [(6, 3.0)]

    played.end(7, by_number)
    assert said(played.ask(9)) == [(7, 3.0), (6, 3.0)]


def test_failed_trials_are_the_worst_and_block_no_others() -> None:
    def fails(trial: Trial) -> list[Event]:
        failure = Failed(trial, Failure(FailureKind.ERROR, "no"))
        return [failure] if trial.number > 1 else by_number(trial)

    played = TunerHarness(build(parallel=False)).run(13, fails)

    assert {t.number: t.budget for t in played.trials.values() if t.number < 2} == {0: 3, 1: 9}


def test_a_bracket_cut_short_by_max_trials_promotes_the_same_proportion() -> None:
    """Of four trials one is promoted, up to the largest budget."""
    problem = replace(PROBLEM, max_trials=4)
    played = TunerHarness(build(problem)).run(100, by_number)

    assert {trial.number: trial.budget for trial in played.trials.values()} == {
        0: 1,
        1: 1,
        2: 1,
        3: 9,
    }


def test_the_sweep_ends_with_its_sampler() -> None:
    """Five assignments do not fill a bracket of nine."""
    problem = Problem(space(x=Categorical(("a", "b", "c", "d", "e"))), budget=Budget(9))
    tuner = hyperband.build(HyperbandOptions(), problem, grid.build(GridOptions(), problem))
    played = TunerHarness(tuner).run(100, by_number, concurrency=2)

    assert len(played.trials) == 5
    assert max(trial.budget or 0 for trial in played.trials.values()) == 9


def test_trials_with_other_budgets_are_ignored() -> None:
    played = TunerHarness(build())
    for _ in range(3):
        played.end(played.open(Start({"x": 0.5}, 9.0)).number, by_number)

    assert said(played.ask(20)) == [*[1.0] * 9, *[3.0] * 5, *[9.0] * 3]


@pytest.mark.parametrize(("max_trials", "trials"), [(None, 9), (30, 30)])
def test_successive_halving_fixes_the_number_of_trials(
    max_trials: int | None, trials: int
) -> None:
    problem = replace(PROBLEM, max_trials=max_trials)
    final = successive_halving.finalize_options(SuccessiveHalvingOptions(), problem)
    later = replace(problem, max_trials=500)
    sampler = Random(RandomOptions(), problem)
    played = TunerHarness(successive_halving.build(final, later, sampler)).run(500, by_number)

    assert final.trials == len(played.trials) == trials
    assert sum(trial.budget == 9 for trial in played.trials.values()) == trials // 9
