"""The tuner ``smac``: its start, what it finds, and spaces and losses that are hard for it."""

import math
import warnings
from typing import Any

import numpy as np
import pytest

from sweepwright.contracts import Problem
from sweepwright.events import Measured, Opened, Start, Trial
from sweepwright.expressions import parse
from sweepwright.plugins.tuners.smac import SmacOptions, build, check, ends_after
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Condition, Integer, Nested, Parameter, Real, SearchSpace
from sweepwright.testing.problems import space
from sweepwright.testing.tuner_harness import TunerHarness, failed, measured, mixed

CUBE = space(x=Real(0, 1), y=Real(0, 1), z=Real(0, 1))
BRANCHES = SearchSpace(
    [
        Parameter("kind", Nested(("poor", "good", "bad"))),
        *(
            Parameter(f"kind.{name}.x", Real(0, 1), ("kind", "x"), Condition("kind", (index,)))
            for index, name in enumerate(("poor", "good", "bad"))
        ),
    ]
)


def bowl(trial: Trial) -> list[Measured]:
    """A smooth loss whose minimum, 0, is at (0.3, 0.3, 0.3)."""
    return [Measured(trial, sum((value - 0.3) ** 2 for value in trial.assignment.values()))]


def branched(trial: Trial) -> list[Measured]:
    """A loss whose minimum is 0, in the second branch."""
    kind = trial.assignment["kind"]
    least = {"poor": 0.2, "good": 0.0, "bad": 0.5}[kind["_name"]]
    return [Measured(trial, least + (kind["x"] - 0.7) ** 2)]


FAR = SearchSpace(
    [
        Parameter("kind", Nested(("easy", "hard"))),
        Parameter("kind.easy.x", Real(0, 1), ("kind", "x"), Condition("kind", (0,))),
        *(
            Parameter(f"kind.hard.{name}", Real(0, 1), ("kind", name), Condition("kind", (1,)))
            for name in "xyz"
        ),
    ]
)


def far(trial: Trial) -> list[Measured]:
    """A loss that is at least 0.1 in the easy branch, and better in a sixth of the hard one."""
    kind = dict(trial.assignment["kind"])
    hard = kind.pop("_name") == "hard"
    squares = sum((value - 0.7) ** 2 for value in kind.values())
    return [Measured(trial, squares if hard else 0.1 + squares / 10)]


def losses(played: TunerHarness) -> list[float]:
    return [event.value for event in played.events if isinstance(event, Measured)]


def test_the_first_trials_cover_every_parameter_evenly() -> None:
    played = TunerHarness(build(SmacOptions(), Problem(CUBE))).run(10, measured)
    strata = np.floor(CUBE.encode(played.assignments) * 10)

    assert (np.sort(strata, axis=0) == np.arange(10)[:, None]).all()


@pytest.mark.parametrize(("problem", "objective"), [(CUBE, bowl), (BRANCHES, branched)])
def test_the_minimum_is_found(problem: SearchSpace, objective: Any) -> None:
    """Random search is below 0.005 after 40 trials in one of ten sweeps of the bowl."""
    played = TunerHarness(build(SmacOptions(), Problem(problem))).run(40, objective)

    assert min(losses(played)) < 5e-3


@pytest.mark.parametrize("seed", range(3))
def test_an_easy_branch_does_not_hide_a_better_one(seed: int) -> None:
    played = TunerHarness(build(SmacOptions(), Problem(FAR, seed))).run(60, far)

    assert min(losses(played)) < 0.02


def test_parallel_suggestions_differ_and_respect_constraints() -> None:
    searched = SearchSpace(CUBE.parameters, [parse("x + y <= 1")])
    played = TunerHarness(build(SmacOptions(), Problem(searched, concurrency=8)))
    played.run(24, bowl, concurrency=8)
    rows = searched.encode([start.assignment for start in played.ask(8)])  # type: ignore[union-attr]

    assert len(np.unique(rows, axis=0)) == 8
    assert (rows[:, 0] + rows[:, 1] <= 1).all()


@pytest.mark.parametrize("outcome", [mixed, failed])
def test_each_point_of_a_finite_space_is_tried_once(outcome: Any) -> None:
    problem = Problem(space(count=Integer(1, 6), kind=Categorical(("a", "b", "c"))))
    played = TunerHarness(build(SmacOptions(), problem)).run(50, outcome, concurrency=2)

    assert len(played.trials) == len({str(a) for a in played.assignments}) == 18
    assert ends_after(SmacOptions(), problem) == 18
    assert ends_after(SmacOptions(max_measurements=3), problem) is None


@pytest.mark.parametrize("values", [[1e308, -1e308, 5e-324], [3.0], [math.inf, 1.0]])
def test_extreme_losses_cause_no_warning(values: list[float]) -> None:
    def outcome(trial: Trial) -> Any:
        value = values[trial.number % len(values)]
        return [Measured(trial, value)] if math.isfinite(value) else failed(trial)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tuner = build(SmacOptions(startup=2), Problem(CUBE))
        played = TunerHarness(tuner).run(16, outcome)
        belief = tuner.belief()  # type: ignore[attr-defined]

    assert len(played.trials) == 16
    assert math.isfinite(belief.best.mean)
    assert math.isfinite(belief.best.deviation)


def test_the_belief_names_the_best_trial_and_what_matters() -> None:
    """Only x matters, and trials are predicted by their measurements."""
    tuner = build(SmacOptions(), Problem(CUBE))
    played = TunerHarness(tuner).run(
        30, lambda trial: [Measured(trial, abs(trial.assignment["x"] - 0.3))]
    )
    belief = tuner.belief()  # type: ignore[attr-defined]
    best = min(played.trials.values(), key=lambda trial: abs(trial.assignment["x"] - 0.3))

    assert belief.best.assignment == best.assignment
    assert belief.best.mean == pytest.approx(min(losses(played)), abs=0.02)
    assert belief.importance["x"] > 0.7
    assert belief == tuner.belief()  # type: ignore[attr-defined]


def test_intensification_measures_a_lucky_trial_again() -> None:
    """Its first measurement is far too low, and the median of three is not."""
    options = SmacOptions(startup=5, max_measurements=3)
    played = TunerHarness(build(options, Problem(CUBE)))
    lucky = 4

    def outcome(trial: Trial) -> list[Measured]:
        (event,) = bowl(trial)
        return [Measured(trial, -9.0 if trial.number == lucky else event.value)]

    played.run(12, outcome)
    opened = [event.suggestion for event in played.events if isinstance(event, Opened)]
    starts = [suggestion for suggestion in opened if isinstance(suggestion, Start)]
    repeats = [start for start in starts if start.repeats is not None]

    assert [start.repeats for start in starts[5:7]] == [lucky, lucky]
    assert all(start.assignment == starts[start.repeats or 0].assignment for start in repeats)
    assert starts[5].reason == "the incumbent, with -9 from 1 of up to 3 measurements"


def test_without_intensification_nothing_is_repeated() -> None:
    played = TunerHarness(build(SmacOptions(startup=5), Problem(CUBE))).run(20, mixed)

    assert len({str(a) for a in played.assignments}) == 20


@pytest.mark.ci_only
def test_a_suggestion_after_ten_thousand_trials_is_of_bounded_size() -> None:
    """The forest then holds a thousand trials, and those that ended since it was grown."""
    problem = Problem(CUBE)
    tuner: Any = build(SmacOptions(), problem)
    rows = CUBE.sample(rng(0, "past"), 10_000)
    for number, assignment in enumerate(CUBE.decode(rows)):
        trial = Trial(number, assignment)
        tuner.tell(Opened(trial, Start(assignment)))
        tuner.tell(Measured(trial, float(((rows[number] - 0.3) ** 2).sum())))
    (start,) = tuner.ask(1)

    assert len(tuner._model._surrogate.state().places) <= 1050
    assert start.assignment.keys() == {"x", "y", "z"}


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        (SmacOptions(startup=0), "startup"),
        (SmacOptions(max_measurements=0), "max_measurements"),
        (SmacOptions(random_share=1.5), "random_share"),
        (SmacOptions(random_share=math.nan), "random_share"),
    ],
)
def test_options_out_of_range_are_reported(wrong: SmacOptions, key: str) -> None:
    (finding,) = check(wrong, Problem(CUBE))

    assert finding.path == (key,)


def test_the_defaults_are_within_bounds() -> None:
    assert not list(check(SmacOptions(), Problem(CUBE)))
