"""A population replaces its worst members by perturbed copies of its best, with checkpoints."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sweepwright.contracts import Budget, Problem
from sweepwright.events import (
    CheckpointRef,
    Event,
    Failed,
    Failure,
    FailureKind,
    Measured,
    Opened,
    Promote,
    Start,
    Suggestion,
    Trial,
)
from sweepwright.plugins.tuners import pbt
from sweepwright.plugins.tuners.pbt import PbtOptions
from sweepwright.plugins.tuners.population.perturbation import Perturbation
from sweepwright.plugins.tuners.population.tuner import PopulationTuner
from sweepwright.seeds import rng
from sweepwright.space import Real
from sweepwright.testing.problems import PROBLEMS, space
from sweepwright.testing.tuner_harness import TunerHarness

PROBLEM = Problem(space(x=Real(0, 10)), budget=Budget(4))


def build(problem: Problem = PROBLEM, **options: Any) -> PopulationTuner:
    return pbt.build(PbtOptions(**options), problem)


def by_number(trial: Trial) -> list[Event]:
    """Make a trial the better the higher its number, as attempt 3."""
    return [Measured(trial, -float(trial.number), attempt=3)]


def failing(trial: Trial) -> list[Event]:
    """Fail."""
    return [Failed(trial, Failure(FailureKind.ERROR, "no"))]


def begun(played: TunerHarness) -> TunerHarness:
    """Open the first population, without any result."""
    for suggestion in played.ask(20):
        played.open(suggestion)
    return played


def parents(suggestions: list[Suggestion]) -> list[CheckpointRef | None]:
    return [s.parent for s in suggestions if isinstance(s, Start)]


def test_the_worst_are_replaced_from_the_checkpoints_of_the_best() -> None:
    played = begun(TunerHarness(build()))
    for number in range(10):
        played.end(number, by_number)
    asked = played.ask(20)
    chosen = [s for s in asked if isinstance(s, Start)]

    assert [s for s in asked if isinstance(s, Promote)] == [
        Promote(number, 2.0) for number in range(9, 1, -1)
    ]
    assert {start.budget for start in chosen} == {2.0}
    assert len(chosen) == 2
    assert {start.parent for start in chosen} <= {CheckpointRef(9, 3), CheckpointRef(8, 3)}


def test_a_copy_is_its_parent_perturbed() -> None:
    played = begun(TunerHarness(build(resample=0.0, factor=0.5)))
    for number in range(10):
        played.end(number, by_number)
    for start in (s for s in played.ask(20) if isinstance(s, Start) and s.parent):
        assert start.parent
        before = played.trials[start.parent.trial].assignment["x"]
        possible = [pytest.approx(0.5 * before), pytest.approx(min(1.5 * before, 10))]

        assert start.assignment["x"] in possible


def test_a_member_is_promoted_as_soon_as_enough_others_are_worse() -> None:
    played = begun(TunerHarness(build()))
    played.end(5, by_number)
    played.end(6, by_number)
    assert played.ask(20) == []

    played.end(7, by_number)
    assert played.ask(20) == [Promote(7, 2.0)]


def test_a_population_keeps_its_size_up_to_the_largest_budget() -> None:
    played = TunerHarness(build()).run(500, by_number, concurrency=4)
    at_the_end = [e for e in played.events if isinstance(e, Measured) and e.trial.budget == 4]

    assert len(at_the_end) == 10
    assert len(played.trials) == pbt.ends_after(PbtOptions(), PROBLEM) == 10 + 3 * 2


def test_failed_members_are_replaced_first() -> None:
    played = begun(TunerHarness(build()))
    for number in range(10):
        played.end(number, failing if number % 2 else by_number)
    asked = played.ask(20)

    assert sorted(s.trial for s in asked if isinstance(s, Promote)) == [0, 2, 4, 6, 8]
    assert set(parents(asked)) <= {CheckpointRef(8, 3), CheckpointRef(6, 3)}
    assert len(parents(asked)) == 5


def test_a_population_that_fails_before_its_first_comparison_is_drawn_again() -> None:
    played = begun(TunerHarness(build()))
    for number in range(10):
        played.end(number, failing)
    asked = played.ask(20)

    assert [s.budget for s in asked] == [1.0] * 10
    assert parents(asked) == [None] * 10


def test_a_sweep_ends_if_all_members_fail_later() -> None:
    def fails_at_two(trial: Trial) -> list[Event]:
        return failing(trial) if trial.budget == 2 else by_number(trial)

    played = TunerHarness(build()).run(500, fails_at_two)

    assert {event.trial.budget for event in played.events if isinstance(event, Opened)} == {1, 2}
    assert not played.asked[-1]


def test_max_trials_limits_the_replacements() -> None:
    played = TunerHarness(build(replace(PROBLEM, max_trials=11))).run(500, by_number)
    at_the_end = [e for e in played.events if isinstance(e, Measured) and e.trial.budget == 4]

    assert len(played.trials) == 11
    assert 1 <= len(at_the_end) < 10


@pytest.mark.parametrize(
    ("budget", "interval", "budgets"),
    [
        (Budget(4), None, (1, 2, 3, 4)),
        (Budget(18, 2), None, (2, 4, 6, 8, 10, 12, 14, 16, 18)),
        (Budget(10, 1), 4.0, (2, 6, 10)),
        (Budget(1.0, 0.1, "of the data"), 0.3, (0.1, 0.4, 0.7, 1.0)),
        (Budget(5, 5), None, (5,)),
    ],
)
def test_members_are_compared_at_even_intervals_up_to_the_largest_budget(
    budget: Budget, interval: float | None, budgets: tuple[float, ...]
) -> None:
    problem = replace(PROBLEM, budget=budget)
    (bracket,) = pbt.schedule(PbtOptions(interval=interval), problem)

    assert tuple(rung.budget for rung in bracket.rungs) == pytest.approx(budgets)


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_variant_is_in_the_space(name: str) -> None:
    space = PROBLEMS[name].space
    explorer = Perturbation(space, 0.2, 0.25)
    rows = space.sample(rng(0, "rows"), 50)
    variants = np.concatenate(
        [explorer.variant(row[None, :], rng(0, "variant", i)) for i, row in enumerate(rows)]
    )

    assert space.feasible(variants).all()
    assert (variants != rows).any() or space.size == 1


def test_integers_and_ordered_choices_change_by_at_least_one_step() -> None:
    space = PROBLEMS["every_kind"].space
    explorer = Perturbation(space, 0.2, 0.0)
    row = space.sample(rng(1, "rows"), 1)
    variants = np.concatenate([explorer.variant(row, rng(1, "variant", i)) for i in range(60)])
    moved = {
        parameter.name: len(set(variants[:, column])) > 1
        for column, parameter in enumerate(space.parameters)
    }
    unordered = {"categorical", "nested"}

    assert all(m for name, m in moved.items() if not _kind(space, name) & unordered)
    assert not any(m for name, m in moved.items() if _kind(space, name) & unordered)


def test_a_copy_keeps_the_structural_parameters_of_its_parent() -> None:
    problem = replace(PROBLEMS["nested"], budget=Budget(4), structure=("seed", "model"))
    played = begun(TunerHarness(build(problem, resample=1.0)))
    for number in range(10):
        played.end(number, by_number)
    played.run(60, by_number, concurrency=4)
    copies = [
        (event.trial.assignment, played.trials[event.suggestion.parent.trial].assignment)
        for event in played.events
        if isinstance(event, Opened)
        and isinstance(event.suggestion, Start)
        and event.suggestion.parent
    ]

    assert len(copies) == 6
    for copy, parent in copies:
        assert copy["seed"] == parent["seed"]
        assert copy["model"]["_name"] == parent["model"]["_name"]
    assert any(copy["model"] != parent["model"] for copy, parent in copies)


def _kind(space: Any, name: str) -> set[str]:
    return {type(space.parameters[space.index[name]].domain).__name__.lower()}
