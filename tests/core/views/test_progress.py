"""Text about a running sweep."""

from typing import Any

import pytest

from sweepwright.core.driver.study import Study
from sweepwright.core.plan.plan import Direction, Objective
from sweepwright.core.views.progress import (
    describe_ending,
    describe_incumbent,
    describe_progress,
    describe_start,
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
from tests.core.recorded_sweeps import OUT_OF_MEMORY, start_events, trial_events

TRIAL = Trial(7, {"lr": 0.5})


@pytest.mark.parametrize(
    ("event", "line"),
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
            "trial 7     retrying: the trial ran out of memory  lr=0.5",
        ),
        (
            Retried(TRIAL, OUT_OF_MEMORY, counted=False),
            "trial 7     will run again: the trial ran out of memory  lr=0.5",
        ),
        (Opened(TRIAL, Start({})), None),
    ],
)
def test_the_end_of_a_trial_is_one_line(event: StudyEvent, line: str | None) -> None:
    assert describe_ending(Study(plan(), "s1"), event) == line


def study_after(endings: list[Any], **changes: Any) -> Study:
    study = Study(plan(**changes), "s1")
    for ending in endings:
        trial_events(study, ending)
    return study


def test_the_end_of_a_repeat_names_its_first_trial() -> None:
    study = Study(plan(), "s1")
    start_events(study, Start({"lr": 0.5}), 0.75)
    *_, end = start_events(study, Start({"lr": 0.5}, repeats=0), 0.25)

    assert describe_ending(study, end) == "trial 1     0.25, trial 0 again  lr=0.5"
    assert describe_incumbent(study) == "best 0.5, median of 2, in trial 0"


def test_progress_counts_trials_that_ended_and_the_failed_among_them() -> None:
    assert describe_progress(study_after([0.5, OUT_OF_MEMORY, None])) == "2 of 8 trials, 1 failed"
    assert describe_progress(study_after([0.5], max_trials=None)) == "1 trial"


def test_the_first_line_describes_what_will_run() -> None:
    text = "sweep s1: {} of example, 2 at once, tuned by random on simulated"

    assert describe_start(study_after([])) == text.format("8 trials")
    assert describe_start(study_after([], max_trials=None)) == text.format("unlimited trials")


def test_the_best_value_is_shown_as_the_metric_was_reported() -> None:
    minimised = Objective(direction=Direction.MINIMIZE)

    assert describe_incumbent(study_after([])) == "no result yet"
    assert describe_incumbent(study_after([0.5, 0.75])) == "best 0.75 in trial 1"
    assert describe_incumbent(study_after([0.5, 0.75], objective=minimised)) == (
        "best 0.5 in trial 0"
    )
