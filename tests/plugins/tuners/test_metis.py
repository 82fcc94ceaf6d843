"""The tuner ``metis``: doubtful measurements, its predicted best, and independence of the unit."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from sweepwright.contracts import Problem
from sweepwright.events import Measured, Opened, Start, Trial
from sweepwright.plugins.tuners.information_gain.doubts import MOST_MEASUREMENTS
from sweepwright.plugins.tuners.metis import MetisOptions, build, check
from sweepwright.seeds import rng
from sweepwright.space import Integer, Real
from sweepwright.testing.problems import PROBLEMS, space
from sweepwright.testing.tuner_harness import TunerHarness, score

SQUARE = space(x=Real(0, 1), y=Real(0, 1))


def bowl(trial: Trial) -> float:
    """Compute a smooth loss from 0 to about 1, whose minimum is at (0.3, 0.3)."""
    return float(sum((value - 0.3) ** 2 for value in trial.assignment.values()))


def outcome(loss: Callable[[Trial], float]) -> Callable[[Trial], Sequence[Measured]]:
    return lambda trial: [Measured(trial, loss(trial))]


def with_an_outlier(tuner: Any, value: float = -0.25) -> Any:
    """Tell a tuner 30 trials of the bowl. The number 7 is far away and claims to be good."""
    for number, assignment in enumerate(SQUARE.decode(SQUARE.sample(rng(4, "bowl"), 30))):
        given = {"x": 0.9, "y": 0.8} if number == 7 else assignment
        trial = Trial(number, given)
        tuner.tell(Opened(trial, Start(given)))
        tuner.tell(Measured(trial, value if number == 7 else bowl(trial)))
    return tuner


def repeats(played: TunerHarness) -> list[Start]:
    asked = [s for suggestions in played.asked for s in suggestions if isinstance(s, Start)]
    return [start for start in asked if start.repeats is not None]


def test_a_doubtful_measurement_is_repeated_with_its_reason() -> None:
    (start,) = with_an_outlier(build(MetisOptions(exploration=1.0), Problem(SQUARE))).ask(1)

    assert start.repeats == 7
    assert start.assignment == {"x": 0.9, "y": 0.8}
    first, last = start.reason.split(" deviations from the model's ")
    assert first.startswith("its measurement -0.25 is ")
    assert float(first.split()[-1]) > 2.33
    assert float(last) == pytest.approx(0.61, abs=0.25)


def test_the_reason_is_in_the_unit_of_the_metric() -> None:
    problem = Problem(SQUARE, maximize=True)
    (start,) = with_an_outlier(build(MetisOptions(exploration=1.0), problem)).ask(1)

    assert start.reason.startswith("its measurement 0.25 is ")
    assert float(start.reason.split()[-1]) < 0


def test_an_assignment_is_measured_at_most_three_times() -> None:
    """Although measurements of a heavy-tailed distribution are doubtful time and again."""
    noise = rng(1, "noise").standard_cauchy(100)
    tuner = build(MetisOptions(), Problem(SQUARE))
    played = TunerHarness(tuner).run(
        40, outcome(lambda trial: bowl(trial) + 0.05 * noise[trial.number])
    )
    counts = Counter(start.repeats for start in repeats(played))

    assert max(counts.values()) == MOST_MEASUREMENTS - 1


def test_a_trial_is_not_repeated_twice_at_once() -> None:
    tuner = with_an_outlier(build(MetisOptions(exploration=1.0), Problem(SQUARE, concurrency=4)))
    first = [start.repeats for start in tuner.ask(4)]
    tuner.tell(Opened(Trial(30, {"x": 0.9, "y": 0.8}), Start({"x": 0.9, "y": 0.8}, repeats=7)))

    assert first.count(7) == 1
    assert [start.repeats for start in tuner.ask(2)].count(7) == 0


def test_without_resampling_nothing_is_repeated() -> None:
    tuner = with_an_outlier(build(MetisOptions(exploration=1.0, resample=False), Problem(SQUARE)))

    assert [start.repeats for start in tuner.ask(4)] == [None] * 4


def test_without_exploration_the_predicted_best_is_tried() -> None:
    options = MetisOptions(exploration=0.0, resample=False)
    tuner = with_an_outlier(build(options, Problem(SQUARE)), 0.61)
    (start,) = tuner.ask(1)

    np.testing.assert_allclose(list(start.assignment.values()), [0.3, 0.3], atol=0.06)


def test_the_predicted_best_is_the_minimum_of_the_model() -> None:
    belief = with_an_outlier(build(MetisOptions(), Problem(SQUARE)), 0.61).belief()

    np.testing.assert_allclose(list(belief.best.assignment.values()), [0.3, 0.3], atol=0.05)
    assert belief.best.mean == pytest.approx(0.0, abs=0.03)
    assert 0 < belief.best.deviation < 0.1
    assert belief.importance == pytest.approx({"x": 0.5, "y": 0.5}, abs=0.15)


def test_the_predicted_best_is_better_than_the_best_measured_under_noise() -> None:
    """At the median over seeds, with noise of a tenth of the range."""
    predicted, measured = [], []
    for seed in range(7):

        def noisy(trial: Trial, seed: int = seed) -> float:
            return bowl(trial) + 0.1 * float(rng(seed, "noise", trial.number).standard_normal())

        played = TunerHarness(build(MetisOptions(), Problem(SQUARE, seed=seed)))
        played.run(25, outcome(noisy))
        values = [e.value for e in played.events if isinstance(e, Measured)]
        measured.append(bowl(played.trials[int(np.argmin(values))]))
        belief = played.tuner.belief()  # type: ignore[attr-defined]
        predicted.append(bowl(Trial(0, belief.best.assignment)))

    assert np.median(predicted) < 0.7 * np.median(measured)


@pytest.mark.parametrize("factor", [2.0**-40, 2.0**30])
def test_suggestions_do_not_depend_on_the_scale(factor: float) -> None:
    def run(scale: float) -> list[Any]:
        tuner = build(MetisOptions(), Problem(PROBLEMS["nested"].space))
        played = TunerHarness(tuner).run(18, outcome(lambda trial: scale * score(trial)))
        return played.assignments

    assert run(factor) == run(1.0)


def test_suggestions_do_not_depend_on_the_sign_of_the_metric() -> None:
    """A tuner is told minimised values, in which a maximised metric is negative."""
    runs = [
        TunerHarness(build(MetisOptions(), Problem(SQUARE, maximize=maximize)))
        .run(20, outcome(lambda trial: bowl(trial) - 1))
        .assignments
        for maximize in (False, True)
    ]

    assert runs[0] == runs[1]


def test_the_minimum_of_a_smooth_function_is_found() -> None:
    """Random search has a median of 0.008 after as many trials."""
    played = TunerHarness(build(MetisOptions(), Problem(SQUARE))).run(25, outcome(bowl))

    assert min(e.value for e in played.events if isinstance(e, Measured)) < 1e-3


def test_a_finite_space_ends_when_each_assignment_was_tried() -> None:
    """Repeats come on top."""
    problem = Problem(space(a=Integer(1, 5), b=Integer(1, 4)))
    noise = rng(0, "noise").standard_normal(100)
    tuner = build(MetisOptions(), problem)
    played = TunerHarness(tuner).run(100, outcome(lambda trial: float(noise[trial.number])))
    first = {json.dumps(assignment) for assignment in played.assignments}

    assert len(first) == 20
    assert len(played.trials) == 20 + len(repeats(played))


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        (MetisOptions(startup=0), "startup"),
        (MetisOptions(exploration=-0.1), "exploration"),
        (MetisOptions(exploration=1.1), "exploration"),
    ],
)
def test_options_out_of_range_are_reported(wrong: MetisOptions, key: str) -> None:
    (finding,) = check(wrong, Problem(SQUARE))

    assert finding.path == (key,)


def test_the_defaults_are_within_bounds() -> None:
    assert not list(check(MetisOptions(), Problem(SQUARE)))
