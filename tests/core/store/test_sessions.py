"""The sessions of a sweep: the plan in force, the time spent, and how the last one ended."""

from dataclasses import replace

from sweepwright.core.plan.plan import Selection
from sweepwright.core.store.entries import (
    BeliefStated,
    Entry,
    LateLine,
    SessionEnded,
    SessionStarted,
)
from sweepwright.core.store.sessions import Sessions, fold_sessions
from tests.core.examples import plan


def started(
    concurrency: int, time: float, platform: str = "simulated", clock: float | None = 0.0
) -> SessionStarted:
    """Return the beginning of a session."""
    limits = plan(concurrency=concurrency).limits
    return SessionStarted(
        limits, Selection("platform", platform), 1, "laptop", "0.1.0", time, clock
    )


def test_the_last_session_gives_limits_and_platform() -> None:
    sessions = fold_sessions(plan(), [started(4, 1.0), started(2, 5.0, "elsewhere")])

    assert sessions.plan == replace(
        plan(concurrency=2), platform=Selection("platform", "elsewhere")
    )
    assert sessions.most_concurrent == 4


def test_a_sweep_without_sessions_has_its_recorded_plan() -> None:
    assert fold_sessions(plan(), []) == Sessions(plan())


def test_time_between_sessions_does_not_count() -> None:
    """The first session is killed after 3 s; the second ends after 2 s."""
    entries: list[Entry] = [
        started(2, 10.0, clock=7.0),
        LateLine("s1-0-1", "", 13.0, clock=10.0),
        started(2, 100.0, clock=1.0),
        SessionEnded("done", "", 102.0, clock=3.0),
    ]

    assert fold_sessions(plan(), entries).seconds == 5.0


def test_the_time_in_which_a_tuner_says_what_it_believes_does_not_count() -> None:
    entries: list[Entry] = [
        started(2, 10.0, clock=7.0),
        SessionEnded("done", "", 13.0, clock=10.0),
        BeliefStated(None, 0, 20.0, clock=17.0),
    ]
    sessions = fold_sessions(plan(), entries)

    assert sessions.seconds == 3.0
    assert sessions.end == entries[1]


def test_a_step_of_the_system_clock_is_no_time_spent() -> None:
    """The clock is set forward by an hour, and back by two."""
    entries: list[Entry] = [
        started(2, 10.0, clock=7.0),
        LateLine("s1-0-1", "", 3610.0, clock=8.0),
        SessionEnded("done", "", -3590.0, clock=9.0),
    ]

    assert fold_sessions(plan(), entries).seconds == 2.0


def test_the_time_of_a_journal_of_version_1_is_that_of_the_system_clock() -> None:
    entries: list[Entry] = [
        started(2, 10.0, clock=None),
        SessionEnded("done", "", 13.0, clock=None),
    ]

    assert fold_sessions(plan(), entries).seconds == 3.0


def test_a_session_has_no_end_until_it_ends() -> None:
    end = SessionEnded("interrupted", "interrupted", 2.0)
    ended = fold_sessions(plan(), [started(2, 1.0), end])
    resumed = fold_sessions(plan(), [started(2, 1.0), end, started(2, 3.0)])

    assert (ended.end, resumed.end) == (end, None)
