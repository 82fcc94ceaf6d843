"""When the tuner is told what, in both orders."""

from typing import Any

from sweepwright.core.driver.event_order import ImmediateFeed, OrderedFeed
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
    """Make the n-th suggestion's trial."""
    return RunningTrial(Trial(number, {}), number, 1, None, reports=reports or [])


def enter(
    feed: OrderedFeed | ImmediateFeed, event: Any, reports: list[Reported] | None = None
) -> list[Any]:
    """Enter an event of the trial with the suggestion's number."""
    return list(feed.enter(event, live(event.trial.number, reports)))


def test_as_they_come_everything_but_the_drivers_own_business_is_told() -> None:
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


def test_in_order_a_result_waits_for_the_results_before_it() -> None:
    feed = OrderedFeed()
    first, second = Measured(Trial(0, {}), 1.0), Measured(Trial(1, {}), 2.0)

    assert enter(feed, second) == []
    assert feed.before_ask(2, 2) is None
    assert enter(feed, first) == []
    assert feed.before_ask(2, 2) == [first]
    assert feed.before_ask(3, 2) == [second]
    assert feed.told == 2


def test_in_order_no_more_is_told_than_the_order_asks_for() -> None:
    feed = OrderedFeed()
    for number in range(3):
        enter(feed, Measured(Trial(number, {}), 1.0))

    assert len(feed.before_ask(3, 3) or ()) == 1
    assert feed.told == 1


def test_in_order_a_tuner_that_suggests_nothing_hears_the_next_result() -> None:
    feed = OrderedFeed()
    result = Failed(Trial(0, {}), OOM)

    assert feed.after_empty_ask() is None
    enter(feed, result)
    assert feed.after_empty_ask() == [result]


def test_in_order_reports_are_told_with_their_result() -> None:
    feed = OrderedFeed()
    report = Reported(Trial(0, {}), 0.3)
    result = Measured(Trial(0, {}), 0.5)

    assert enter(feed, report) == []
    enter(feed, result, [report])
    assert list(feed.catch_up(1)) == [report, result]


def test_in_order_openings_are_told_at_once() -> None:
    opened = Opened(Trial(0, {}), Start({}))

    assert enter(OrderedFeed(), opened) == [opened]
