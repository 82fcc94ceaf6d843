"""Entries of a journal and their rows, whose names are the format of journals that exist."""

import json
from collections.abc import Sequence

import pytest

from sweepwright.contracts import Belief, Prediction
from sweepwright.core.plan.plan import Limits, Selection
from sweepwright.core.store.entries import (
    BeliefStated,
    Entry,
    EventEntry,
    JobWaiting,
    LateEnd,
    LateLine,
    SessionEnded,
    SessionStarted,
    write_entry,
)
from sweepwright.core.store.entry_decoder import EntryDecoder
from sweepwright.core.store.tables import Row
from sweepwright.events import (
    CheckpointRef,
    Failed,
    Failure,
    FailureKind,
    Lost,
    Measured,
    Opened,
    Promote,
    Reported,
    Retried,
    Start,
    Started,
    Stopped,
    Trial,
)
from tests.core.examples import ASSIGNMENT

FIRST, PROMOTED = Trial(0, ASSIGNMENT, 1.0), Trial(0, ASSIGNMENT, 3.0)
SECOND, THIRD = Trial(1, {"lr": 0.5}), Trial(2, {"lr": 0.1})
FOURTH = Trial(3, {"lr": 0.1})
CRASH = Failure(FailureKind.ERROR, "ValueError: no")

ENTRIES: Sequence[Entry] = (
    SessionStarted(
        Limits(8, None, 2, 60.0, {FailureKind.ERROR: 1}),
        Selection("platform", "local", {"gpus": [0]}, "sweepwright 0.1.0"),
        4711,
        "laptop",
        "0.1.0",
        time=1.0,
    ),
    EventEntry(Opened(FIRST, Start(ASSIGNMENT, 1.0)), results_told=0, time=2.0),
    EventEntry(Started(FIRST, 1, {"pid": 5}), time=3.0),
    EventEntry(
        Reported(FIRST, -0.5, 1, 0, {"default": 0.5}, final=False),
        role="main",
        rank=0,
        process="4f1c",
        cursor=[1, 80],
        time=4.0,
    ),
    EventEntry(Retried(FIRST, CRASH, 1, counted=False), dropped=3, time=5.0),
    EventEntry(Started(FIRST, 2), time=5.5),
    EventEntry(Measured(FIRST, -0.5, 2, {"default": 0.5}), dropped=0, time=6.0),
    EventEntry(Opened(PROMOTED, Promote(0, 3.0)), results_told=1, time=7.0),
    EventEntry(Stopped(PROMOTED, None, "slow", 3), time=8.0),
    EventEntry(Opened(SECOND, Start({"lr": 0.5}, None, CheckpointRef(0, 2))), time=9.0),
    EventEntry(Failed(SECOND, CRASH, 1), time=10.0),
    EventEntry(Opened(THIRD, Start({"lr": 0.1})), time=11.0),
    EventEntry(Lost(THIRD, Failure(FailureKind.LOST, "gone"), 1), time=12.0),
    LateLine("s1-0-1", "a line", time=13.0),
    LateEnd("s1-0-1", None, time=14.0),
    LateEnd("s1-0-3", "cancelled", time=15.0),
    SessionEnded("done", "", time=16.0),
    JobWaiting(7, 1, "1 gpu", time=17.0),
    JobWaiting(7, 1, None, time=18.0),
    EventEntry(Opened(FOURTH, Start({"lr": 0.1}, repeats=2, reason="doubtful")), time=19.0),
    BeliefStated(Belief(Prediction({"lr": 0.1}, -0.5, 0.1), {"lr": 1.0}), 17, time=20.0),
    BeliefStated(Belief(None, {}), 17, time=21.0),
    BeliefStated(None, 17, time=22.0),
    SessionStarted(
        Limits(), Selection("platform", "local"), 1, "laptop", "0.1.0", time=23.0, believes=True
    ),
)


def test_every_entry_comes_back_from_its_row() -> None:
    decoder = EntryDecoder()

    assert [decoder.decode(write_entry(entry)) for entry in ENTRIES] == list(ENTRIES)


@pytest.mark.parametrize(
    ("entry", "kind", "body"),
    [
        (ENTRIES[1], "opened", {"assignment": ASSIGNMENT, "budget": 1.0, "told": 0}),
        (
            ENTRIES[3],
            "reported",
            {
                "value": -0.5,
                "sequence": 0,
                "metrics": {"default": 0.5},
                "final": False,
                "cursor": [1, 80],
            },
        ),
        (ENTRIES[13], "late", {"job": "s1-0-1", "line": "a line"}),
        (ENTRIES[14], "late", {"job": "s1-0-1", "ended": None}),
        (ENTRIES[16], "closed", {"state": "done", "reason": ""}),
        (ENTRIES[17], "waiting", {"trial": 7, "attempt": 1, "wants": "1 gpu"}),
        (
            ENTRIES[19],
            "opened",
            {"assignment": {"lr": 0.1}, "repeats": 2, "reason": "doubtful"},
        ),
        (
            ENTRIES[20],
            "belief",
            {
                "belief": {
                    "best": {"assignment": {"lr": 0.1}, "mean": -0.5, "deviation": 0.1},
                    "importance": {"lr": 1.0},
                },
                "events": 17,
            },
        ),
        (ENTRIES[22], "belief", {"belief": None, "events": 17}),
    ],
)
def test_names_in_journals_stay_as_they_are(entry: Entry, kind: str, body: object) -> None:
    row = write_entry(entry)

    assert (row.kind, json.loads(row.body)) == (kind, body)


@pytest.mark.parametrize("entry", [JobWaiting(7, 1, "1 gpu"), BeliefStated(None, 17)])
def test_earlier_versions_skip_what_is_new(entry: Entry) -> None:
    """They skip a row of a kind that they do not know, but only if it belongs to no trial."""
    assert write_entry(entry).trial is None


@pytest.mark.parametrize(
    "body",
    [
        {"belief": {"best": {"assignment": {}, "mean": "0.5", "deviation": 0.1}}, "events": 1},
        {"belief": {"best": None, "importance": {"lr": "1"}}, "events": 1},
        {"belief": None, "events": "1"},
        {"belief": None},
    ],
)
def test_a_belief_of_other_types_is_damage(body: object) -> None:
    row = write_entry(BeliefStated(None, 17))._replace(body=json.dumps(body))

    with pytest.raises((KeyError, TypeError)):
        EntryDecoder().decode(row)


def test_a_report_is_placed_by_the_line_it_was_read_from() -> None:
    """Role, rank, process and line are unique within an attempt: a unique index enforces it."""
    row = write_entry(ENTRIES[3])

    assert (row.trial, row.attempt, row.role, row.rank) == (0, 1, "main", 0)
    assert (row.process, row.line) == ("4f1c", 0)


def test_a_kind_of_a_later_version_is_skipped() -> None:
    row = Row(1.0, 1.0, "moved", None, None, None, None, None, None, "{}")

    assert EntryDecoder().decode(row) is None
