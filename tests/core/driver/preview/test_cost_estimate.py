"""The cost estimate of a plan is an upper bound on what the driver can make of it."""

from dataclasses import replace
from typing import Any

import pytest

from sweepwright.contracts import Bracket, Budget, Rung
from sweepwright.core.driver.preview.cost_estimate import Cost, Spending, worst_case
from sweepwright.core.driver.preview.tuner_simulation import Simulation
from sweepwright.core.plan.plan import Limits, Plan
from sweepwright.core.views.cost_text import cost_rows, rung_rows
from sweepwright.events import FailureKind
from tests.core.examples import plan

RETRIES = {FailureKind.KILLED: 1, FailureKind.LOST: 2}
HALVING = (
    Bracket((Rung(1, 9), Rung(3, 3), Rung(9, 1))),
    Bracket((Rung(3, 4), Rung(9, 1))),
)
FINISHED = Simulation(
    20,
    12,
    finished=True,
    with_checkpoints=112.0,
    without_checkpoints=148.0,
    idle_share=0.125,
    makespan=64.0,
)
UNFINISHED = replace(FINISHED, finished=False)
"""The simulation of a tuner that uses budgets, whose figures count for nothing."""


def limited(
    budget: Budget | None = None,
    brackets: tuple[Bracket, ...] = (),
    ends_after: int | None = None,
    **limits: Any,
) -> Plan:
    return replace(
        plan(),
        budget=budget,
        brackets=brackets,
        ends_after=ends_after,
        limits=Limits(**{"retries": {}, **limits}),
    )


def rows(of: Plan, *estimates: Any) -> dict[str, str]:
    return dict(cost_rows(of, worst_case(of, *estimates)))


def test_a_retried_trial_keeps_its_slot() -> None:
    of = limited(max_trials=5, concurrency=2, retries=RETRIES)

    assert worst_case(of, trial_seconds=10) == Cost(
        trials=5,
        ended_by="max_trials",
        retry_factor=4,
        attempts=20,
        budget=None,
        idle_share=None,
        attempt_seconds=10,
        attempt_bound="trial_seconds",
        seconds=30,
        max_seconds=120,
    )


@pytest.mark.parametrize(
    ("trials", "seconds", "text"),
    [
        (60, 0.0, ": enough for all attempts at once"),
        (
            61,
            3600.0,
            ": the last attempt starts after 1 h 00 min or more",
        ),
        (
            206,
            3 * 3600.0,
            ": the last attempt starts after 3 h 00 min or more",
        ),
        (None, None, ""),
    ],
)
def test_a_platform_that_limits_launches_makes_a_sweep_longer(
    trials: int | None, seconds: float | None, text: str
) -> None:
    of = limited(max_trials=trials)
    cost = worst_case(of, 1.0, None, 60.0)

    assert cost.launch_seconds == seconds
    assert dict(cost_rows(of, cost))["submissions"] == f"at most 60 an hour (simulated){text}"
    if seconds:
        assert cost.seconds == max(seconds, float(trials or 0))


def test_without_an_estimate_time_is_unknown() -> None:
    cost = worst_case(limited(max_trials=5))

    assert (cost.attempt_seconds, cost.seconds, cost.max_seconds) == (None, None, None)


@pytest.mark.parametrize(
    ("limits", "estimate", "bound", "longest"),
    [
        ({"trial_timeout": 4.0}, 10.0, "trial_timeout", 8.0),
        ({"trial_timeout": 60.0}, 10.0, "trial_seconds", 20.0),
        ({"trial_timeout": 60.0}, None, "trial_timeout", 120.0),
        ({"max_duration": 15.0}, 10.0, "trial_seconds", 15.0),
        ({"max_duration": 15.0}, None, None, 15.0),
    ],
)
def test_the_smallest_limit_bounds_the_time(
    limits: dict[str, Any], estimate: float | None, bound: str | None, longest: float
) -> None:
    cost = worst_case(limited(max_trials=4, concurrency=2, **limits), estimate)

    assert (cost.attempt_bound, cost.max_seconds) == (bound, longest)


@pytest.mark.parametrize(
    ("max_trials", "ends_after", "trials", "ended_by"),
    [
        (20, None, 20, "max_trials"),
        (20, 6, 6, "tuner"),
        (20, 60, 20, "max_trials"),
        (None, 6, 6, "tuner"),
        (None, None, None, None),
    ],
)
def test_a_tuner_may_end_before_max_trials(
    max_trials: int | None, ends_after: int | None, trials: int | None, ended_by: str | None
) -> None:
    cost = worst_case(limited(max_trials=max_trials, ends_after=ends_after))

    assert (cost.trials, cost.ended_by, cost.attempts) == (trials, ended_by, trials)


def test_rungs_are_summed_with_and_without_checkpoints() -> None:
    of = limited(
        Budget(9), HALVING, 13, max_trials=20, concurrency=2, retries={FailureKind.LOST: 1}
    )
    cost = worst_case(of, 90, UNFINISHED)

    assert cost.trials == 13
    assert cost.attempts == 2 * 18
    assert cost.budget == Spending(39, 48, 117)
    assert cost.seconds == (5 * 10 + 2 * 30 + 90) + (2 * 30 + 90)


def test_start_assignments_are_added_to_the_trials_of_the_tuner() -> None:
    start = ({"lr": 1}, {"lr": 2})
    own = worst_case(replace(limited(ends_after=5, max_trials=20), start=start))
    halving = worst_case(
        replace(limited(Budget(9), HALVING, 13, max_trials=20), start=start), None, UNFINISHED
    )

    assert (own.trials, own.attempts) == (7, 7)
    assert (halving.trials, halving.attempts) == (15, 20)
    assert halving.budget == Spending(39 + 18, 48 + 18, 135)


def test_without_brackets_each_trial_may_spend_the_full_budget() -> None:
    of = limited(Budget(9), max_trials=20)

    assert worst_case(of, None, UNFINISHED).budget == Spending(180, 180, 180)
    assert worst_case(of).budget is None
    assert worst_case(limited(max_trials=20), None, UNFINISHED).budget is None


def test_text_names_the_factors_of_a_time() -> None:
    of = limited(max_trials=20, retries=RETRIES, max_duration=90.0)

    assert rows(of, 4) == {
        "trials": "20, limited by max_trials",
        "attempts": "80, including every retry (killed 1, lost 2)",
        "time": "40 s: 20 trials of 4.0 s, 2 at once; 2 min 40 s with every retry;"
        " max_duration ends the sweep after 1 min 30 s",
    }


@pytest.mark.parametrize(
    ("limits", "time"),
    [
        ({"trial_timeout": 60.0}, "4 min 00 s: 8 trials of up to 1 min 00 s (trial_timeout)"),
        ({"max_duration": 60.0}, "1 min 00 s, limited by max_duration; trials that are running"),
        ({}, "unknown; give trial_seconds=N for an estimate"),
    ],
)
def test_without_an_estimate_text_names_the_limits(limits: dict[str, Any], time: str) -> None:
    text = rows(limited(max_trials=8, concurrency=2, **limits))

    assert text["trials"] == "8, limited by max_trials"
    assert text["time"].startswith(time)
    assert "attempts" not in text


def test_brackets_without_a_last_trial_are_unlimited() -> None:
    endless = limited(Budget(9), HALVING, max_trials=None)

    assert rows(endless, 3, UNFINISHED) == {"trials": "unlimited"}


def test_an_unlimited_sweep_has_no_other_figures() -> None:
    assert rows(limited(max_trials=None), 3) == {"trials": "unlimited"}


@pytest.mark.parametrize(
    ("room", "begun"),
    [(4, [4]), (9, [9]), (11, [9, 2]), (13, [9, 4]), (30, [9, 4, 9, 4, 4]), (2, [2])],
)
def test_brackets_are_repeated_and_cut_to_the_room_there_is(room: int, begun: list[int]) -> None:
    """A tuner without an end begins another round; the rungs of a cut bracket shrink."""
    endless = worst_case(limited(Budget(9), HALVING, max_trials=room), None, UNFINISHED)
    once = worst_case(limited(Budget(9), HALVING, 13, max_trials=room), None, UNFINISHED)

    assert endless.trials == sum(begun) == room
    assert once.trials == min(room, 13)


def test_a_finished_simulation_gives_the_figures_of_a_tuner_with_budgets() -> None:
    of = limited(Budget(18), HALVING, max_trials=20, concurrency=2)

    assert rows(of, 18, FINISHED) == {
        "trials": "20, limited by max_trials",
        "attempts": "32, including promotions",
        "budget": "112 epochs with checkpoints, 148 without; 360 without early stopping",
        "idle time": "12 % expected (if all trials take equally long)",
        "time": "1 min 04 s: 18 s for 18 epochs, 2 at once",
    }
    assert worst_case(of, 18, UNFINISHED).idle_share is None


def test_text_compares_brackets_with_trials_of_full_budget() -> None:
    of = limited(Budget(9, unit="epochs"), HALVING, 13, max_trials=20)

    assert rows(of, 90, UNFINISHED) == {
        "trials": "13, the tuner suggests no more",
        "attempts": "18, including promotions",
        "budget": "39 epochs with checkpoints, 48 without; 117 without early stopping",
        "time": "5 min 50 s: 1 min 30 s for 9 epochs, 2 at once",
    }
    without_brackets = limited(Budget(9, unit="epochs"), max_trials=20)
    assert rows(without_brackets, None, UNFINISHED)["budget"] == "180 epochs: 20 trials of 9"


def test_rungs_are_listed_by_bracket() -> None:
    head = ("bracket", "epochs", "trials", "with checkpoints", "without")

    assert list(rung_rows(limited(Budget(9), HALVING))) == [
        head,
        ("0", "1", "9", "9", "9"),
        ("", "3", "3", "6", "9"),
        ("", "9", "1", "6", "9"),
        ("1", "3", "4", "12", "12"),
        ("", "9", "1", "6", "9"),
    ]
    assert list(rung_rows(limited())) == []
    assert next(rung_rows(limited(brackets=HALVING))) == ("bracket", "budget", *head[2:])
