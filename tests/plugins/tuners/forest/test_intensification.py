"""The rules by which assignments are measured again."""

import math

import pytest

from sweepwright.events import Failed, Failure, FailureKind, Measured, Opened, Start, Trial
from sweepwright.plugins.tuners.forest.intensification import collect, repetition
from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.plugins.tuners.model_based.trials import Trials
from sweepwright.space import Real
from sweepwright.testing.problems import space

LINE = space(x=Real(0, 1))
RUNNING = math.nan


def told(*measurements: tuple[float, float]) -> Trials:
    """Tell trials: x and a loss each, which is infinite for a failed trial."""
    trials = Trials(LINE, Axes(LINE))
    for number, (x, loss) in enumerate(measurements):
        trial = Trial(number, {"x": x})
        trials.tell(Opened(trial, Start({"x": x})))
        if loss == math.inf:
            trials.tell(Failed(trial, Failure(FailureKind.ERROR, "no")))
        elif loss is not RUNNING:
            trials.tell(Measured(trial, loss))
    return trials


def repeated(*measurements: tuple[float, float], most: int = 3) -> int | None:
    """Return the number of the first trial of the assignment that is measured again."""
    axes, trials = Axes(LINE), told(*measurements)
    found = collect(axes, trials, LINE.encode([]).reshape(0, 1))
    repeat = repetition(found, trials, most, lambda loss: loss)
    return repeat.first if repeat else None


def test_measurements_are_collected_by_assignment() -> None:
    """Failed trials are no measurements, and the median of an even number is in the middle."""
    trials = told((0.5, 3.0), (0.2, 1.0), (0.5, 4.0), (0.2, math.inf), (0.9, RUNNING))
    found = collect(Axes(LINE), trials, LINE.encode([{"x": 0.9}]))

    assert found.firsts.tolist() == [0, 1, 4]
    assert found.begun.tolist() == [2, 2, 2]
    assert found.measured.tolist() == [2, 1, 0]
    assert found.medians[:2].tolist() == [3.5, 1.0]


@pytest.mark.parametrize(
    ("measurements", "chosen"),
    [
        ([(0.1, 2.0), (0.2, 1.0)], 1),
        ([(0.2, 1.0), (0.1, 2.0), (0.2, 1.1)], 0),
        ([(0.2, 1.0), (0.1, 2.0), (0.2, 1.1), (0.2, 0.9)], None),
    ],
)
def test_the_incumbent_is_measured_until_it_has_enough(
    measurements: list[tuple[float, float]], chosen: int | None
) -> None:
    assert repeated(*measurements) == chosen


INCUMBENT = [(0.2, 1.0), (0.2, 1.2), (0.2, 1.1)]


@pytest.mark.parametrize(
    ("later", "chosen"),
    [
        ([(0.7, 1.05)], 3),
        ([(0.7, 1.05), (0.7, 1.07)], 3),
        ([(0.7, 1.05), (0.7, 1.3)], None),  # its median is 1.175
        ([(0.7, 1.05), (0.7, 1.07), (0.7, 9.0)], None),  # the new incumbent
        ([(0.7, 1.15)], None),
        ([(0.7, 1.05), (0.8, 0.5)], 4),  # the better challenger first
    ],
)
def test_a_challenger_is_measured_as_often_as_the_incumbent(
    later: list[tuple[float, float]], chosen: int | None
) -> None:
    assert repeated(*INCUMBENT, *later) == chosen


def test_running_and_failed_trials_are_not_asked_for_again() -> None:
    assert repeated(*INCUMBENT, (0.7, 1.0), (0.7, RUNNING), (0.7, RUNNING)) is None
    assert repeated(*INCUMBENT, (0.7, 1.0), (0.7, math.inf), (0.7, math.inf)) is None
    assert repeated((0.1, math.inf), (0.2, math.inf)) is None


def test_the_reason_has_the_metric() -> None:
    trials = told((0.2, 1.0))
    found = collect(Axes(LINE), trials, LINE.encode([]).reshape(0, 1))
    repeat = repetition(found, trials, 3, lambda loss: -loss)

    assert repeat is not None
    assert repeat.reason == "the incumbent, with -1 from 1 of up to 3 measurements"
