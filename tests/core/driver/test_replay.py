"""Replay of a journal: study and tuner are restored from any beginning of it."""

import shutil
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from sweepwright.core.driver.ordering.event_order import EventFeed, ImmediateFeed, OrderedFeed
from sweepwright.core.driver.replay import replay
from sweepwright.core.driver.study import Study
from sweepwright.core.plan.plan import Plan
from sweepwright.core.store.entries import Entry, EventEntry, LateEnd
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.core.store.sweep_files import JOURNAL
from sweepwright.events import Event, Measured, Opened, Reported, Start, Started, Stopped, Trial
from tests.core.examples import ASSIGNMENT, plan

RELEASED = Path(__file__).parents[1] / "store" / "data" / "journals" / "branching" / JOURNAL
FIRST, SECOND = Trial(0, ASSIGNMENT), Trial(1, ASSIGNMENT)
OPENED = EventEntry(Opened(FIRST, Start(ASSIGNMENT)), results_told=0)
STARTED = EventEntry(Started(FIRST, 1))


class Replayed:
    """A study and what its tuner was told, after a replay."""

    def __init__(
        self, entries: Iterable[Entry], of: Plan | None = None, feed: EventFeed | None = None
    ) -> None:
        self.study = Study(of or plan(), "s1")
        self.told: list[Event] = []
        self.uncancelled = replay(entries, self.study, feed or ImmediateFeed(), self.told.extend)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Sequence[Entry]]:
    """Return the plan and all entries of a journal of version 0.1.0."""
    folder = tmp_path_factory.mktemp("released")
    shutil.copy(RELEASED, folder)
    with closing(JournalReader(folder)) as reader:
        return reader.plan, list(reader.entries())


def test_every_beginning_of_a_journal_can_be_replayed(
    released: tuple[Plan, Sequence[Entry]],
) -> None:
    """A driver may have been killed after any commit."""
    recorded, entries = released
    for count in range(len(entries) + 1):
        study = Replayed(entries[:count], recorded).study
        opened = {e.event.trial.number for e in entries[:count] if isinstance(e, EventEntry)}

        assert study.opened == len(opened)
        assert study.counts.total() == len(opened)
        assert study.counts["due"] + study.counts["running"] == len(study.running)


def test_the_tuner_is_told_everything_but_final_reports_and_launches(
    released: tuple[Plan, Sequence[Entry]],
) -> None:
    recorded, entries = released
    events = [entry.event for entry in entries if isinstance(entry, EventEntry)]
    told = Replayed(entries, recorded).told

    assert [e for e in events if isinstance(e, Event) and not getattr(e, "final", False)] == told


def test_results_are_told_before_the_suggestion_that_followed_them() -> None:
    measured = Measured(FIRST, 0.5)
    second = EventEntry(Opened(SECOND, Start(ASSIGNMENT)), results_told=1)
    replayed = Replayed([OPENED, STARTED, EventEntry(measured), second], feed=OrderedFeed())

    assert replayed.told == [OPENED.event, measured, second.event]


def test_a_stopped_job_is_to_be_cancelled_until_its_end_was_seen() -> None:
    stopped = EventEntry(Stopped(FIRST, None, "slow", 1))
    entries: list[Entry] = [OPENED, STARTED, stopped]

    assert Replayed(entries).uncancelled == {"s1-0-1"}
    assert Replayed([*entries, LateEnd("s1-0-1", "cancelled")]).uncancelled == set()


def test_a_running_trial_continues_from_the_cursor_of_its_last_report() -> None:
    reports = [
        EventEntry(Reported(FIRST, 0.5, 1, line), role="main", rank=0, cursor=10 * line)
        for line in range(3)
    ]
    live = Replayed([OPENED, STARTED, *reports]).study.running[0]

    assert live.cursor == 20
    assert [report.sequence for report in live.reports] == [0, 1, 2]
