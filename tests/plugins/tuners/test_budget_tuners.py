"""Under every order of events, tuners with budgets promote once, never wait, and end."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweepwright.contracts import Problem
from sweepwright.events import Event, Measured, Opened, Promote, Start, Suggestion
from sweepwright.testing.tuner_harness import (
    TunerHarness,
    failed,
    journaled,
    lost,
    measured,
    stopped,
)
from tests.plugins.tuners.budget_tuners import PROBLEM, VARIANTS, build

WAYS = {"well": measured, "failed": failed, "lost": lost, "stopped": stopped}
MOST_STEPS = 400


def play(name: str, data: Any, problem: Problem = PROBLEM) -> TunerHarness:
    """Play a sweep whose order of events and outcomes hypothesis chooses.

    Like the driver it opens no trial beyond `max_trials`, and continues to ask for promotions.
    """
    played = TunerHarness(build(name, problem))
    concurrency = data.draw(st.integers(1, 6), "concurrency")
    ways = data.draw(st.lists(st.sampled_from(sorted(WAYS)), min_size=1, max_size=12), "ways")
    for step in range(MOST_STEPS):
        room = concurrency - len(played.running)
        fitting = [s for s in played.ask(room) if _fits(s, played, problem)] if room else []
        for suggestion in fitting[: data.draw(st.integers(1, max(1, room)))]:
            played.open(suggestion)
        if not played.running:
            return played
        number = data.draw(st.sampled_from(sorted(played.running)))
        played.end(number, WAYS[ways[step % len(ways)]])
        if data.draw(st.booleans()):
            played.tuner.tell(played.events[-1])
    pytest.fail("the sweep does not end")


def _fits(suggestion: Suggestion, played: TunerHarness, problem: Problem) -> bool:
    most = problem.max_trials
    return isinstance(suggestion, Promote) or most is None or len(played.trials) < most


def rungs(played: TunerHarness) -> Counter[tuple[int, float | None]]:
    """Count how often each trial was opened at each budget."""
    return Counter(
        (event.trial.number, event.trial.budget)
        for event in played.events
        if isinstance(event, Opened)
    )


@pytest.mark.parametrize("name", VARIANTS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_sweep_ends_with_no_trial_at_a_rung_twice(name: str, data: Any) -> None:
    played = play(name, data)

    assert max(rungs(played).values()) == 1
    assert not played.ask(3) or len(played.trials) == PROBLEM.max_trials


@pytest.mark.parametrize("name", VARIANTS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_replay_up_to_any_event_gives_the_same_suggestions(name: str, data: Any) -> None:
    """As after an interruption, when a new tuner is told the journaled events."""
    played = play(name, data, replace(PROBLEM, max_trials=14))
    replayed = build(name, replace(PROBLEM, max_trials=14))
    told = 0
    for (until, count), asked in zip(played.asks, played.asked, strict=True):
        for event in played.events[told:until]:
            replayed.tell(journaled(event))
        told = until

        assert list(replayed.ask(count)) == asked, f"after {until} events"


@pytest.mark.parametrize("name", VARIANTS)
def test_good_trials_reach_the_largest_budget_although_others_fail(name: str) -> None:
    """Every third trial fails."""

    def every_third(trial: Any) -> list[Event]:
        return list((failed if trial.number % 3 == 0 else measured)(trial))

    played = TunerHarness(build(name)).run(200, every_third, concurrency=4)
    tops = [e.trial.number for e in played.events if _at(e, 9.0)]

    assert any(number % 3 for number in tops)


def _at(event: Event, budget: float) -> bool:
    return isinstance(event, Measured) and event.trial.budget == budget


@pytest.mark.parametrize("name", ["hyperband", "hyperband_serial", "halving", "bohb"])
@given(order=st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_promotions_do_not_depend_on_the_order_of_results(name: str, order: Any) -> None:
    """Early promotions, which no missing result can displace, promote the same trials."""
    worth = {number: order.random() for number in range(100)}

    def valued(trial: Any) -> list[Event]:
        return [Measured(trial, worth[trial.number])]

    played = TunerHarness(build(name, replace(PROBLEM, max_trials=None)))
    while True:
        for suggestion in played.ask(5 - len(played.running)):
            played.open(suggestion)
        if not played.running:
            break
        played.end(order.choice(sorted(played.running)), valued)

    for climbed, among in _ladders(played):
        best = sorted(among, key=worth.__getitem__)[: len(climbed)]
        assert sorted(climbed) == sorted(best)


def _ladders(played: TunerHarness) -> list[tuple[list[int], list[int]]]:
    """List the promoted trials of each rung of each bracket, and all trials of that rung."""
    first = {e.trial.number: e.trial.budget for e in played.events if _starts(e)}
    at: dict[tuple[Any, Any], list[int]] = {}
    for number, budget in rungs(played):
        at.setdefault((first[number], budget), []).append(number)
    pairs = []
    for (ladder, budget), among in at.items():
        above = [b for (other, b) in at if other == ladder and b > budget]
        if above:
            pairs.append((at[ladder, min(above)], among))
    return pairs


def _starts(event: Event) -> bool:
    return isinstance(event, Opened) and isinstance(event.suggestion, Start)
