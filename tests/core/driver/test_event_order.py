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
    telling: OrderedFeed | ImmediateFeed, event: Any, reports: list[Reported] | None = None
) -> list[Any]:
    """Enter an event of the trial with the suggestion's number."""
    return list(telling.enter(event, live(event.trial.number, reports)))


def test_as_they_come_everything_but_the_drivers_own_business_is_told() -> None:
    telling = ImmediateFeed()
    trial = Trial(0, {})
    told = [
        Opened(trial, Start({})),
        Reported(trial, 0.1),
        Measured(trial, 0.1),
        Stopped(trial, None),
    ]
    told += [Failed(trial, OOM), Lost(trial, OOM)]
    untold = [Started(trial, 1), Reported(trial, 0.1, final=True), Retried(trial, OOM)]

    assert [event for event in told for event in enter(telling, event)] == told
    assert [event for event in untold for event in enter(telling, event)] == []
    assert list(telling.catch_up(9)) == []
    assert telling.before_asking(5, 1) == ()
    assert telling.after_asking_in_vain() is None


def test_in_order_a_result_waits_for_the_results_before_it() -> None:
    telling = OrderedFeed()
    first, second = Measured(Trial(0, {}), 1.0), Measured(Trial(1, {}), 2.0)

    assert enter(telling, second) == []
    assert telling.before_asking(2, 2) is None
    assert enter(telling, first) == []
    assert telling.before_asking(2, 2) == [first]
    assert telling.before_asking(3, 2) == [second]
    assert telling.told == 2


def test_in_order_no_more_is_told_than_the_order_asks_for() -> None:
    telling = OrderedFeed()
    for number in range(3):
        enter(telling, Measured(Trial(number, {}), 1.0))

    assert len(telling.before_asking(3, 3) or ()) == 1
    assert telling.told == 1


def test_in_order_a_tuner_that_suggests_nothing_hears_the_next_result() -> None:
    telling = OrderedFeed()
    result = Failed(Trial(0, {}), OOM)

    assert telling.after_asking_in_vain() is None
    enter(telling, result)
    assert telling.after_asking_in_vain() == [result]


def test_in_order_reports_are_told_with_their_result() -> None:
    telling = OrderedFeed()
    report = Reported(Trial(0, {}), 0.3)
    result = Measured(Trial(0, {}), 0.5)

    assert enter(telling, report) == []
    enter(telling, result, [report])
    assert list(telling.catch_up(1)) == [report, result]


def test_in_order_openings_are_told_at_once() -> None:
    opened = Opened(Trial(0, {}), Start({}))

    assert enter(OrderedFeed(), opened) == [opened]
