"""The tuner ``hashed`` notices every difference in what it is told, but for attempts."""

from dataclasses import replace

import pytest

from sweepwright.events import (
    CheckpointRef,
    Event,
    Failed,
    Failure,
    FailureKind,
    Lost,
    Measured,
    Opened,
    Reported,
    Start,
    Stopped,
    Suggestion,
    Trial,
)
from sweepwright.testing.hashed import sweep_tuners
from sweepwright.testing.problems import PROBLEMS

PROVIDER = sweep_tuners()[0]
TRIAL = Trial(0, {"x": 1})
FAILURE = Failure(FailureKind.ERROR, "ValueError: no")
STORY: list[Event] = [
    Opened(TRIAL, Start(TRIAL.assignment, parent=CheckpointRef(0, 1))),
    Reported(TRIAL, 0.5, metrics={"default": 0.5}),
    Measured(TRIAL, 0.5, metrics={"default": 0.5}),
    Stopped(TRIAL, 0.5, "no hope"),
    Failed(TRIAL, FAILURE),
    Lost(TRIAL, FAILURE),
]


def asked_after(events: list[Event]) -> list[Suggestion]:
    tuner = PROVIDER.build(PROVIDER.options(), PROBLEMS["smooth"])
    for event in events:
        tuner.tell(event)
    return list(tuner.ask(2))


@pytest.mark.parametrize("number", range(len(STORY)))
def test_an_event_lost_doubled_or_out_of_place_is_noticed(number: int) -> None:
    lost = STORY[:number] + STORY[number + 1 :]
    doubled = [*STORY[:number], STORY[number], *STORY[number:]]
    displaced = [*lost, STORY[number]] if number < len(STORY) - 1 else [STORY[number], *lost]
    asked = asked_after(STORY)

    assert all(asked_after(story) != asked for story in (lost, doubled, displaced))


@pytest.mark.parametrize("number", range(len(STORY)))
def test_another_number_or_assignment_is_noticed(number: int) -> None:
    for trial in (replace(TRIAL, number=1), replace(TRIAL, assignment={"x": 1.0})):
        changed = [*STORY[:number], replace(STORY[number], trial=trial), *STORY[number + 1 :]]

        assert asked_after(changed) != asked_after(STORY)


def test_another_attempt_is_not() -> None:
    later = [event if isinstance(event, Opened) else replace(event, attempt=4) for event in STORY]
    later[0] = Opened(TRIAL, Start(TRIAL.assignment, parent=CheckpointRef(0, 4)))

    assert asked_after(later) == asked_after(STORY)
