"""Words: short, exact, and the same everywhere."""

from typing import Any

import pytest

from sweepwright.core.driver.study import Study
from sweepwright.core.plan.plan import Direction, Objective
from sweepwright.core.views.formatting import (
    beginning,
    duration,
    ending,
    flat,
    incumbent,
    number,
    parameters,
    plural,
    progress,
)
from sweepwright.events import (
    Failed,
    Failure,
    FailureKind,
    Lost,
    Measured,
    Opened,
    Retried,
    Start,
    Stopped,
    StudyEvent,
    Trial,
)
from tests.core.examples import plan
from tests.core.recorded_sweeps import OUT_OF_MEMORY, trial_events

NESTED = {
    "optimizer": {"_name": "sgd", "momentum": 0.123456},
    "layer": {"size": 4},
    "activation": "tanh",
}
TRIAL = Trial(7, {"lr": 0.5})


def test_nested_parameters_are_named_as_in_the_space() -> None:
    assert dict(flat(NESTED)) == {
        "optimizer": "sgd",
        "optimizer.sgd.momentum": 0.123456,
        "layer.size": 4,
        "activation": "tanh",
    }
    assert parameters(NESTED) == (
        "optimizer=sgd optimizer.sgd.momentum=0.1235 layer.size=4 activation=tanh"
    )


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "40 ms"),
        (9.94, "9.9 s"),
        (59, "59 s"),
        (61, "1 min 01 s"),
        (3599.6, "1 h 00 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_durations_are_said_as_people_read_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_missing_number_is_a_dash() -> None:
    assert (number(None), number(0.1 + 0.2)) == ("-", "0.3")


def test_counts_agree_with_their_noun() -> None:
    assert (plural(1, "trial"), plural(0, "trial")) == ("1 trial", "0 trials")


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Measured(TRIAL, -0.25), "trial 7     0.25  lr=0.5"),
        (Stopped(TRIAL, -0.25, "hopeless"), "trial 7     0.25  stopped: hopeless  lr=0.5"),
        (Stopped(TRIAL, None, "hopeless"), "trial 7     -  stopped: hopeless  lr=0.5"),
        (
            Failed(TRIAL, OUT_OF_MEMORY),
            "trial 7     failed: the trial ran out of memory  lr=0.5",
        ),
        (
            Lost(TRIAL, Failure(FailureKind.LOST, "gone")),
            "trial 7     failed: gone  lr=0.5",
        ),
        (
            Retried(TRIAL, OUT_OF_MEMORY),
            "trial 7     is tried again: the trial ran out of memory  lr=0.5",
        ),
        (Opened(TRIAL, Start({})), None),
    ],
)
def test_the_end_of_a_trial_is_one_line(event: StudyEvent, said: str | None) -> None:
    assert ending(plan(), event) == said


def study_of(endings: list[Any], **changes: Any) -> Study:
    study = Study(plan(**changes), "s1")
    for how in endings:
        trial_events(study, how)
    return study


def test_progress_counts_what_is_over() -> None:
    assert progress(study_of([0.5, OUT_OF_MEMORY, None])) == "2 of 8 trials, 1 failed"
    assert progress(study_of([0.5], max_trials=None)) == "1 trial"


def test_a_beginning_says_what_will_run() -> None:
    said = "sweep s1: {} of example, 2 at once, tuned by random on simulated"

    assert beginning(study_of([])) == said.format("8 trials")
    assert beginning(study_of([], max_trials=None)) == said.format("trials without end")


def test_the_incumbent_is_said_as_the_metric_was_reported() -> None:
    minimised = Objective(direction=Direction.MINIMIZE)

    assert incumbent(study_of([])) == "nothing measured yet"
    assert incumbent(study_of([0.5, 0.75])) == "best 0.75 in trial 1"
    assert incumbent(study_of([0.5, 0.75], objective=minimised)) == "best 0.5 in trial 0"
