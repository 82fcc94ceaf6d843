"""The order in which the two feeds tell events."""

from typing import Any

from sweepwright.core.driver.ordering.event_order import ImmediateFeed, OrderedFeed
from sweepwright.core.driver.running_trial import RunningTrial
from sweepwright.events import (
    Failed,
    Failure,
    FailureKind,
    Lost,
    Measured,
    Opened,
    Reported,
    Retried,
    Start,
    Started,
    Stopped,
    Trial,
)

OOM = Failure(FailureKind.MEMORY, "out of memory")


def live(number: int, reports: list[Reported] | None = None) -> RunningTrial:
    """Make the trial of a suggestion."""
    return RunningTrial(Trial(number, {}), number, 1, None, reports=reports or [])


def enter(
    feed: OrderedFeed | ImmediateFeed, event: Any, reports: list[Reported] | None = None
) -> list[Any]:
    """Enter an event of the trial whose number is that of its suggestion."""
    return list(feed.enter(event, live(event.trial.number, reports)))


def test_the_immediate_feed_tells_every_event_that_tuners_know() -> None:
    feed = ImmediateFeed()
    trial = Trial(0, {})
    told = [
        Opened(trial, Start({})),
        Reported(trial, 0.1),
        Measured(trial, 0.1),
        Stopped(trial, None),
    ]
    told += [Failed(trial, OOM), Lost(trial, OOM)]
    untold = [Started(trial, 1), Reported(trial, 0.1, final=True), Retried(trial, OOM)]

    assert [event for event in told for event in enter(feed, event)] == told
    assert [event for event in untold for event in enter(feed, event)] == []
    assert list(feed.catch_up(9)) == []
    assert feed.before_ask(5, 1) == ()
    assert feed.after_empty_ask() is None
    assert feed.rest() == ()


def test_the_ordered_feed_holds_a_result_until_earlier_ones_are_told() -> None:
    feed = OrderedFeed()
    first, second = Measured(Trial(0, {}), 1.0), Measured(Trial(1, {}), 2.0)

    assert enter(feed, second) == []
    assert feed.before_ask(2, 2) is None
    assert enter(feed, first) == []
    assert feed.before_ask(2, 2) == [first]
    assert feed.before_ask(3, 2) == [second]
    assert feed.told == 2


def test_the_ordered_feed_tells_a_fixed_number_before_each_suggestion() -> None:
    feed = OrderedFeed()
    for number in range(3):
        enter(feed, Measured(Trial(number, {}), 1.0))

    assert len(feed.before_ask(3, 3) or ()) == 1
    assert feed.told == 1


def test_the_ordered_feed_tells_the_next_result_after_an_empty_ask() -> None:
    feed = OrderedFeed()
    result = Failed(Trial(0, {}), OOM)

    assert feed.after_empty_ask() is None
    enter(feed, result)
    assert feed.after_empty_ask() == [result]


def test_the_ordered_feed_has_a_rest_after_the_last_suggestion() -> None:
    feed = OrderedFeed()
    results = [Measured(Trial(number, {}), 1.0) for number in (3, 1)]
    for result in results:
        enter(feed, result)

    assert feed.rest() == [results[1], results[0]], "in the order of suggestions"


def test_the_ordered_feed_tells_reports_with_their_result() -> None:
    feed = OrderedFeed()
    report = Reported(Trial(0, {}), 0.3)
    result = Measured(Trial(0, {}), 0.5)

    assert enter(feed, report) == []
    enter(feed, result, [report])
    assert list(feed.catch_up(1)) == [report, result]


def test_the_ordered_feed_tells_openings_at_once() -> None:
    opened = Opened(Trial(0, {}), Start({}))

    assert enter(OrderedFeed(), opened) == [opened]
