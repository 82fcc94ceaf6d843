"""The tuner ``gp``: its start, what it finds, and spaces and losses that are hard for it."""

import json
import math
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from sweepwright.contracts import Problem
from sweepwright.events import Failed, Failure, FailureKind, Measured, Opened, Start, Trial
from sweepwright.expressions import parse
from sweepwright.plugins.tuners.gp import GpOptions, build, check, ends_after
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Integer, Real, SearchSpace
from sweepwright.testing.problems import PROBLEMS, nested_space, space
from sweepwright.testing.tuner_harness import TunerHarness, failed, measured, mixed

CUBE = space(x=Real(0, 1), y=Real(0, 1), z=Real(0, 1))


def bowl(trial: Trial) -> list[Measured]:
    """A smooth loss whose minimum, 0, is at (0.3, 0.3, 0.3)."""
    return [Measured(trial, sum((value - 0.3) ** 2 for value in trial.assignment.values()))]


def losses(played: TunerHarness) -> list[float]:
    return [event.value for event in played.events if isinstance(event, Measured)]


def tell(tuner: Any, searched: SearchSpace, loss: Any, trials: int) -> None:
    """Tell a tuner random trials."""
    rows = searched.sample(rng(0, "others"), trials)
    for number, (row, assignment) in enumerate(zip(rows, searched.decode(rows), strict=True)):
        trial = Trial(number, assignment)
        tuner.tell(Opened(trial, Start(assignment)))
        value = loss(row)
        end = Measured(trial, value) if math.isfinite(value) else failure(trial)
        tuner.tell(end)


def failure(trial: Trial) -> Failed:
    return Failed(trial, Failure(FailureKind.ERROR, "no"))


def believed(tuner: Any) -> Any:
    return tuner.belief()


def suggested(tuner: Any, searched: SearchSpace, count: int) -> Any:
    return searched.encode([start.assignment for start in tuner.ask(count)])


@pytest.mark.parametrize(("searched", "count"), [(CUBE, 5), (nested_space(), 10)])
def test_the_first_trials_cover_every_parameter_evenly(searched: SearchSpace, count: int) -> None:
    """Ten of them where there are conditions, and else five."""
    rows = suggested(build(GpOptions(), Problem(searched, concurrency=1)), searched, count)
    strata = np.floor(searched.unit(rows) * count)
    numeric = [i for i, p in enumerate(searched.parameters) if p.domain.size is None]
    always = [i for i in numeric if not np.isnan(rows[:, i]).any()]

    assert (np.sort(strata[:, always], axis=0) == np.arange(count)[:, None]).all()


def test_the_minimum_of_a_smooth_function_is_found() -> None:
    """Random search has a median of 0.02 after as many trials."""
    played = TunerHarness(build(GpOptions(), Problem(CUBE))).run(25, bowl)

    assert min(losses(played)) < 2e-3


def test_given_results_replace_the_even_start() -> None:
    tuner = build(GpOptions(), Problem(CUBE))
    tell(tuner, CUBE, lambda row: float(((row - 0.5) ** 2).sum()), 30)

    assert np.linalg.norm(suggested(tuner, CUBE, 1) - 0.5) < 0.15


def test_parallel_suggestions_keep_away_from_each_other() -> None:
    tuner = build(GpOptions(), Problem(CUBE, concurrency=4))
    tell(tuner, CUBE, lambda row: float(((row - 0.5) ** 2).sum()), 30)
    rows = suggested(tuner, CUBE, 4)
    apart = np.linalg.norm(rows[:, None] - rows[None, :], axis=2)[np.triu_indices(4, 1)]

    assert apart.min() > 0.01


def test_suggestions_keep_away_from_failures() -> None:
    """Half of the space fails."""
    tuner = build(GpOptions(), Problem(CUBE))
    tell(tuner, CUBE, lambda row: row[1] if row[0] < 0.5 else math.inf, 40)
    rows = np.concatenate([suggested(tuner, CUBE, 1) for _ in range(3)])

    assert (rows[:, 0] < 0.5).all()


def test_few_assignments_that_satisfy_the_constraints_are_searched_like_others() -> None:
    """One in 500 does; the proposals come from the model even so."""
    searched = SearchSpace(CUBE.parameters, [parse("x + y < 0.063")])
    tuner = build(GpOptions(), Problem(searched))
    tell(tuner, searched, lambda row: float(row[2]), 20)
    rows = suggested(tuner, searched, 3)

    assert searched.feasible(rows).all()
    assert rows[:, 2].max() < 0.1


@pytest.mark.parametrize("trials", [3, 12])
def test_a_sweep_of_failures_goes_on(trials: int) -> None:
    played = TunerHarness(build(GpOptions(startup=1), Problem(CUBE))).run(trials, failed)

    assert len({json.dumps(a) for a in played.assignments}) == trials
    assert believed(played.tuner) is None


def test_each_point_of_a_finite_space_is_tried_once() -> None:
    problem = Problem(space(count=Integer(1, 5), kind=Categorical(("a", "b", "c", "d"))))
    played = TunerHarness(build(GpOptions(), problem)).run(50, mixed, concurrency=3)

    assert len(played.trials) == len({json.dumps(a) for a in played.assignments}) == 20
    assert ends_after(GpOptions(), problem) == 20
    assert played.tuner.ask(1) == []


@pytest.mark.parametrize(
    "searched",
    [
        space(x=Integer(-(2**52), 2**52)),
        space(only=Categorical(("one",)), x=Real(0, 1)),
        space(a=Categorical(tuple(range(50))), b=Categorical(("x", "y"))),
    ],
    ids=["huge", "one_value", "choices"],
)
def test_odd_spaces_are_searched(searched: SearchSpace) -> None:
    played = TunerHarness(build(GpOptions(), Problem(searched))).run(12, measured)

    assert len({json.dumps(a) for a in played.assignments}) == 12


def test_suggestions_do_not_depend_on_when_the_tuner_was_asked() -> None:
    """As after a resume, which tells everything at once."""
    problem = PROBLEMS["nested"]
    played = TunerHarness(build(GpOptions(), problem)).run(24, mixed, concurrency=4)
    resumed = build(GpOptions(), problem)
    for event in played.events:
        resumed.tell(event)

    assert resumed.ask(2) == played.tuner.ask(2)
    assert believed(resumed) == believed(played.tuner)


def test_suggestions_do_not_depend_on_the_threads_of_blas() -> None:
    found = []
    for threads in (1, 2):
        tuner = build(GpOptions(), Problem(CUBE))
        with threadpool_limits(threads):
            tell(tuner, CUBE, lambda row: float(np.sin(9 * row).sum()), 150)
            found.append(tuner.ask(2))

    assert found[0] == found[1]


def test_the_predicted_best_is_better_than_noisy_measurements() -> None:
    tuner = build(GpOptions(), Problem(CUBE))
    noise = rng(0, "noise").normal(0, 0.1, 60).tolist()
    tell(tuner, CUBE, lambda row: float(((row - 0.3) ** 2).sum()) + noise.pop(), 60)
    belief = believed(tuner)
    best = CUBE.encode([belief.best.assignment])[0]

    assert np.linalg.norm(best - 0.3) < 0.2  # of the lowest measurement, it is 0.31
    assert belief.best.mean == pytest.approx(0, abs=0.1)
    assert belief.importance == pytest.approx({"x": 1 / 3, "y": 1 / 3, "z": 1 / 3}, abs=0.15)


def test_a_start_without_trials_is_reported() -> None:
    (finding,) = check(GpOptions(startup=0), Problem(CUBE))

    assert finding.path == ("startup",)
    assert not list(check(GpOptions(), Problem(CUBE)))
