"""The history of a sweep, read from its journal while it runs and afterwards."""

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sweepwright.contracts import Budget
from sweepwright.core.store.entries import EventEntry, LateLine, SessionEnded
from sweepwright.core.store.history import History, read_history
from sweepwright.core.store.journal import Journal
from sweepwright.core.store.store_errors import DamagedJournalError
from sweepwright.events import (
    Failed,
    Failure,
    FailureKind,
    Measured,
    Opened,
    Promote,
    Retried,
    Start,
    Started,
    Stopped,
    StudyEvent,
    Trial,
)
from tests.core.examples import ASSIGNMENT, plan
from tests.core.recorded_sweeps import record_repeats

CRASH = Failure(FailureKind.ERROR, "ValueError: bad lr")


def trial(number: int, budget: float | None = None) -> Trial:
    """Return a trial of the usual assignment."""
    return Trial(number, ASSIGNMENT, budget)


def opened(number: int) -> list[StudyEvent]:
    """Return the events that open a trial and start it."""
    return [Opened(trial(number), Start(ASSIGNMENT)), Started(trial(number), 1)]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Return the journal of a sweep that is being driven."""
    Journal.create(tmp_path, plan())
    driven = Journal(tmp_path)
    yield driven
    with suppress(OSError):  # a test may have closed it
        driven.close()


def history(journal: Journal, *events: StudyEvent) -> History:
    """Add events to the journal, and read its history."""
    for event in events:
        journal.append(EventEntry(event))
    journal.commit()
    return read_history(journal.folder)


def test_a_sweep_that_is_driven_is_running(journal: Journal) -> None:
    found = history(journal, *opened(0))

    assert (found.state, found.reason, found.ended) == ("running", "", None)
    assert [t.state.value for t in found.trials] == ["running"]
    assert found.best is None


def test_a_sweep_whose_driver_is_gone_was_interrupted(journal: Journal) -> None:
    history(journal, *opened(0))
    journal.close()
    found = read_history(journal.folder)

    assert (found.state, found.reason) == ("interrupted", "its driver ended unexpectedly")


def test_the_last_session_that_ended_gives_the_state(journal: Journal) -> None:
    journal.append(SessionEnded("failed", "no trial succeeded"))
    found = history(journal)

    assert (found.state, found.reason) == ("failed", "no trial succeeded")
    assert found.ended is not None


def test_a_measurement_has_the_value_that_the_trial_reported(journal: Journal) -> None:
    found = history(journal, *opened(0), Measured(trial(0), -0.9, 1, {"default": 0.9, "f1": 1}))
    best = found.best

    assert best is not None
    assert (best.value, best.assignment, best.metrics) == (
        0.9,
        ASSIGNMENT,
        {"default": 0.9, "f1": 1},
    )


def test_the_best_trials_come_first_and_of_equals_the_earlier(journal: Journal) -> None:
    events = [event for number in range(4) for event in opened(number)]
    values = [Measured(trial(n), -v) for n, v in enumerate([0.5, 0.9, 0.9, 0.7])]
    found = history(journal, *events, *values)

    assert [t.number for t in found.top(3)] == [1, 2, 3]
    assert found.best == found.trials[1]


def repeated(number: int, first: int, reason: str = "") -> Opened:
    """Return the opening of a trial that repeats another one."""
    return Opened(trial(number), Start(ASSIGNMENT, repeats=first, reason=reason))


def test_the_value_of_an_assignment_is_the_median_of_its_trials(tmp_path: Path) -> None:
    found = read_history(record_repeats(tmp_path))
    first, other, again, failed, _ = found.trials

    assert [(t.number, t.median) for t in found.top(5)] == [(1, 0.8), (0, 0.6)]
    assert (first.value, first.median, first.measured_in) == (0.9, 0.6, [0, 2, 4])
    assert (again.value, again.median, again.repeats) == (0.5, 0.6, 0)
    assert (failed.value, failed.median, failed.repeats) == (None, 0.6, 0)
    assert (other.repeats, other.measured_in) == (None, [1])
    assert again.suggested_because == "too good to be true"
    assert other.suggested_because == ""


def test_a_repeat_may_make_the_best_value_so_far_worse(tmp_path: Path) -> None:
    assert read_history(record_repeats(tmp_path)).curve() == [0.9, 0.9, 0.8, 0.8]


def test_an_assignment_is_known_by_its_first_measured_trial(journal: Journal) -> None:
    events = [*opened(0), Failed(trial(0), CRASH), repeated(1, 0), Started(trial(1), 1)]
    found = history(journal, *events, Measured(trial(1), -0.5))

    assert found.best == found.trials[1]
    assert found.trials[0].median == 0.5


@pytest.mark.parametrize("first", [-1, 1, 2])
def test_a_repeat_of_no_first_trial_is_damage(journal: Journal, first: int) -> None:
    events = [*opened(0), repeated(1, 0), repeated(2, first)]

    with pytest.raises(DamagedJournalError):
        history(journal, *events)


def test_a_retried_trial_is_due_and_keeps_its_failure_until_it_succeeds(journal: Journal) -> None:
    due = history(journal, *opened(0), Retried(trial(0), CRASH)).trials[0]
    again = history(journal, Started(trial(0), 2), Measured(trial(0), 1.0, 2)).trials[0]

    assert (due.state.value, due.failure) == ("due", CRASH)
    assert (again.state.value, again.failure, again.attempts) == ("measured", None, 2)


def test_a_trial_is_on_the_machine_of_its_last_attempt(journal: Journal) -> None:
    begun = [opened(0)[0], Started(trial(0), 1, {"machine": "box1"})]
    running = history(journal, *begun).trials[0].machines
    due = history(journal, Retried(trial(0), CRASH)).trials[0].machines
    again = history(journal, Started(trial(0), 2, {"machine": "box2"})).trials[0]

    assert (running, due, again.machines) == ("box1", "", "box2")
    assert [step.machines for step in again.evaluations] == ["box2"]


def test_a_trial_that_failed_or_was_stopped_says_why(journal: Journal) -> None:
    events = [*opened(0), *opened(1), Failed(trial(0), CRASH), Stopped(trial(1), 0.5, "slow")]
    failed, stopped = history(journal, *events).trials

    assert (failed.state.value, failed.failure) == ("failed", CRASH)
    assert (stopped.state.value, stopped.reason) == ("stopped", "slow")
    assert failed.metrics == {}


def test_a_promotion_is_the_same_trial_at_another_budget(tmp_path: Path) -> None:
    Journal.create(tmp_path, plan(budget=Budget(9.0)))
    measured = [*opened(0), Measured(trial(0), 1.0)]
    with closing(Journal(tmp_path)) as journal:
        found = history(journal, *measured, Opened(trial(0, 9.0), Promote(0, 9.0)))

    assert [(t.number, t.budget, t.state.value) for t in found.trials] == [(0, 9.0, "due")]
    assert found.trials[0].attempts == 1
    assert found.trials[0].assignment == ASSIGNMENT


def test_lines_of_attempts_that_are_over_change_nothing(journal: Journal) -> None:
    journal.append(LateLine("s1-0-1", "{}"))

    assert history(journal, *opened(0)).trials[0].state.value == "running"
