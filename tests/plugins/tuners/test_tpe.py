"""The tuner ``tpe``: its start, its end, and the effects of its options."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sweepwright.contracts import Problem
from sweepwright.events import Measured, Opened, Start, Trial
from sweepwright.plugins.tuners.tpe import TpeOptions, build, check, ends_after
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Integer, Normal, Real
from sweepwright.testing.problems import PROBLEMS, space
from sweepwright.testing.tuner_harness import TunerHarness, failed, measured, mixed

CUBE = space(x=Real(0, 1), y=Real(0, 1), z=Real(0, 1))
FORMS = [TpeOptions(), TpeOptions(multivariate=False), TpeOptions(classic="nni", liar="mean")]


@pytest.fixture(params=FORMS, ids=["joint", "hyperopt", "nni"])
def options(request: pytest.FixtureRequest) -> Any:
    return request.param


def text(assignment: Any) -> str:
    return json.dumps(assignment, sort_keys=True)


def test_the_first_trials_cover_every_parameter_evenly() -> None:
    played = TunerHarness(build(TpeOptions(), Problem(CUBE))).run(6, measured)
    rows = CUBE.encode(played.assignments)

    assert (np.sort(np.floor(rows * 6), axis=0) == np.arange(6)[:, None]).all()


def test_the_even_start_has_at_least_as_many_trials_as_run_at_once() -> None:
    played = TunerHarness(build(TpeOptions(), Problem(CUBE, concurrency=32)))
    rows = CUBE.encode([s.assignment for s in played.ask(32) if isinstance(s, Start)])

    assert (np.sort(np.floor(rows * 32), axis=0) == np.arange(32)[:, None]).all()


def test_given_results_replace_the_even_start() -> None:
    """After imported results the first suggestion is near the best of them."""
    tuner = build(TpeOptions(), Problem(CUBE))
    for number, point in enumerate(CUBE.sample(rng(0, "others"), 30)):
        (assignment,) = CUBE.decode(point[None, :])
        trial = Trial(number, assignment)
        tuner.tell(Opened(trial, Start(assignment)))
        tuner.tell(Measured(trial, float(((point - 0.5) ** 2).sum())))
    distances = [
        np.linalg.norm(CUBE.encode([s.assignment])[0] - 0.5)
        for s in tuner.ask(9)
        if isinstance(s, Start)
    ]

    assert np.median(distances) < 0.3


def test_each_point_of_a_finite_space_is_tried_once(options: TpeOptions) -> None:
    problem = Problem(space(count=Integer(1, 9), kind=Categorical(("a", "b", "c", "d"))))
    played = TunerHarness(build(options, problem)).run(100, mixed, concurrency=3)

    assert len(played.trials) == len({text(a) for a in played.assignments}) == 36
    assert ends_after(options, problem) == 36
    assert played.tuner.ask(1) == []


@pytest.mark.parametrize("name", ["finite", "discrete", "one_value"])
def test_every_point_of_a_finite_space_is_tried(name: str, options: TpeOptions) -> None:
    problem = PROBLEMS[name]
    played = TunerHarness(build(options, problem)).run(300, failed)

    assert len({text(a) for a in played.assignments}) == len(played.trials) == problem.space.size


def test_a_space_that_rounds_to_one_value_repeats_it(options: TpeOptions) -> None:
    """An infinite domain may have a single value that is ever drawn."""
    problem = Problem(space(x=Normal(0, 1e-9, step=1.0)))

    assert len(TunerHarness(build(options, problem)).run(30, measured).trials) == 30


def test_a_trial_measured_again_counts_once() -> None:
    """At a larger budget; its last measurement counts."""
    suggestions = []
    for last in (-1.0, 9.0):
        tuner = build(TpeOptions(), Problem(CUBE))
        for number, assignment in enumerate(CUBE.decode(CUBE.sample(rng(1, "trials"), 20))):
            trial = Trial(number, assignment, 1.0)
            tuner.tell(Opened(trial, Start(assignment, 1.0)))
            tuner.tell(Measured(trial, float(number)))
        trial = replace(trial, budget=9.0)
        tuner.tell(Measured(trial, last))
        suggestions.append(text([s.assignment for s in tuner.ask(5) if isinstance(s, Start)]))

    assert suggestions[0] != suggestions[1]


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        (TpeOptions(startup=0), "startup"),
        (TpeOptions(candidates=0), "candidates"),
        (TpeOptions(gamma=0.0), "gamma"),
        (TpeOptions(gamma=1.5), "gamma"),
        (TpeOptions(prior_weight=0.0), "prior_weight"),
        (TpeOptions(multivariate=False, liar="mean"), "liar"),
    ],
)
def test_options_out_of_range_or_without_effect_are_reported(wrong: TpeOptions, key: str) -> None:
    (finding,) = check(wrong, Problem(CUBE))

    assert finding.path == (key,)


def test_the_defaults_are_within_bounds(options: TpeOptions) -> None:
    assert not list(check(options, Problem(CUBE)))
