"""What a sweep costs at worst: never less than the driver could make of it."""

from dataclasses import replace
from typing import Any

import pytest

from sweepwright.contracts import Bracket, Budget, Rung
from sweepwright.core.driver.cost_estimate import Cost, Spending, TunerForecast, worst_case
from sweepwright.core.driver.tuner_simulation import DryRun
from sweepwright.core.plan.plan import Limits, Plan
from sweepwright.core.views.cost_text import cost_rows, rung_rows
from sweepwright.events import FailureKind
from tests.core.examples import plan

RETRIES = {FailureKind.KILLED: 1, FailureKind.LOST: 2}
HALVING = (
    Bracket((Rung(1, 9), Rung(3, 3), Rung(9, 1))),
    Bracket((Rung(3, 4), Rung(9, 1))),
)


def limited(budget: Budget | None = None, **limits: Any) -> Plan:
    return replace(plan(), budget=budget, limits=Limits(**{"retries": {}, **limits}))


def rows(of: Plan, known: TunerForecast) -> dict[str, str]:
    return dict(cost_rows(of, worst_case(of, known), rungs=bool(known.brackets)))


def test_a_trial_that_is_tried_again_keeps_its_slot() -> None:
    of = limited(max_trials=5, concurrency=2, retries=RETRIES)

    assert worst_case(of, TunerForecast(trial_seconds=10)) == Cost(
        trials=5,
        ended_by="max_trials",
        tries=4,
        attempts=20,
        budget=None,
        idle=None,
        attempt_seconds=10,
        attempt_bound="trial_seconds",
        seconds=30,
        most_seconds=120,
    )


def test_without_an_estimate_time_is_unknown() -> None:
    cost = worst_case(limited(max_trials=5), TunerForecast())

    assert (cost.attempt_seconds, cost.seconds, cost.most_seconds) == (None, None, None)


@pytest.mark.parametrize(
    ("limits", "estimate", "bound", "most"),
    [
        ({"trial_timeout": 4.0}, 10.0, "trial_timeout", 8.0),
        ({"trial_timeout": 60.0}, 10.0, "trial_seconds", 20.0),
        ({"trial_timeout": 60.0}, None, "trial_timeout", 120.0),
        ({"max_duration": 15.0}, 10.0, "trial_seconds", 15.0),
        ({"max_duration": 15.0}, None, None, 15.0),
    ],
)
def test_the_nearest_limit_holds(
    limits: dict[str, Any], estimate: float | None, bound: str | None, most: float
) -> None:
    of = limited(max_trials=4, concurrency=2, **limits)
    cost = worst_case(of, TunerForecast(trial_seconds=estimate))

    assert (cost.attempt_bound, cost.most_seconds) == (bound, most)


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
def test_a_tuner_may_end_before_its_last_trial(
    max_trials: int | None, ends_after: int | None, trials: int | None, ended_by: str | None
) -> None:
    cost = worst_case(limited(max_trials=max_trials), TunerForecast(ends_after=ends_after))

    assert (cost.trials, cost.ended_by, cost.attempts) == (trials, ended_by, trials)


def test_rungs_are_added_up_afresh_and_resumed() -> None:
    of = limited(Budget(9), max_trials=20, concurrency=2, retries={FailureKind.LOST: 1})
    known = TunerForecast(uses_budget=True, brackets=HALVING, ends_after=13, trial_seconds=90)
    cost = worst_case(of, known)

    assert cost.trials == 13
    assert cost.attempts == 2 * 18
    assert cost.budget == Spending(afresh=48, resumed=39, full=117)
    assert cost.seconds == (5 * 10 + 2 * 30 + 90) + (2 * 30 + 90)


def test_what_is_given_to_start_with_comes_on_top_of_what_the_tuner_means_to_do() -> None:
    given = replace(limited(Budget(9), max_trials=20), start=({"lr": 1}, {"lr": 2}))
    own = worst_case(given, TunerForecast(ends_after=5))
    halving = worst_case(given, TunerForecast(uses_budget=True, brackets=HALVING, ends_after=13))

    assert (own.trials, own.attempts) == (7, 7)
    assert (halving.trials, halving.attempts) == (15, 20)
    assert halving.budget == Spending(afresh=48 + 18, resumed=39 + 18, full=135)


def test_a_budget_without_a_schedule_may_be_spent_in_full_by_each_trial() -> None:
    of = limited(Budget(9), max_trials=20)

    assert worst_case(of, TunerForecast(uses_budget=True)).budget == Spending(180, 180, 180)
    assert worst_case(of, TunerForecast()).budget is None
    assert worst_case(limited(max_trials=20), TunerForecast(uses_budget=True)).budget is None


def test_words_say_what_a_time_is_made_of() -> None:
    of = limited(max_trials=20, retries=RETRIES, max_duration=90.0)

    assert rows(of, TunerForecast(trial_seconds=4)) == {
        "trials": "20, by max_trials",
        "attempts": "80, with every retry (killed 1, lost 2)",
        "time": "40 s: 20 trials of 4.0 s, 2 at once; 2 min 40 s with every retry;"
        " max_duration ends it after 1 min 30 s",
    }


@pytest.mark.parametrize(
    ("limits", "time"),
    [
        ({"trial_timeout": 60.0}, "4 min 00 s: 8 trials of up to 1 min 00 s by trial_timeout"),
        ({"max_duration": 60.0}, "1 min 00 s by max_duration; what runs then may go on"),
        ({}, "unknown; for an estimate give trial_seconds=N"),
    ],
)
def test_without_an_estimate_words_say_what_is_known(limits: dict[str, Any], time: str) -> None:
    said = rows(limited(max_trials=8, concurrency=2, **limits), TunerForecast())

    assert said["trials"] == "8, by max_trials"
    assert said["time"].startswith(time)
    assert "attempts" not in said


def test_a_ladder_that_is_climbed_again_and_again_has_no_end_either() -> None:
    endless = TunerForecast(uses_budget=True, brackets=HALVING, trial_seconds=3)

    assert rows(limited(Budget(9), max_trials=None), endless) == {"trials": "no end"}


def test_of_what_has_no_end_there_is_nothing_else_to_say() -> None:
    assert rows(limited(max_trials=None), TunerForecast(trial_seconds=3)) == {"trials": "no end"}


@pytest.mark.parametrize(
    ("room", "begun"),
    [(4, [4]), (9, [9]), (11, [9, 2]), (13, [9, 4]), (30, [9, 4, 9, 4, 4]), (2, [2])],
)
def test_brackets_are_gone_through_as_far_as_there_is_room(room: int, begun: list[int]) -> None:
    """Of a tuner without end they begin again; of a bracket that is cut the rungs are smaller."""
    of = limited(Budget(9), max_trials=room)
    endless = worst_case(of, TunerForecast(uses_budget=True, brackets=HALVING))
    once = worst_case(of, TunerForecast(uses_budget=True, brackets=HALVING, ends_after=13))

    assert endless.trials == sum(begun) == room
    assert once.trials == min(room, 13)


def test_a_dry_run_tells_what_a_tuner_with_budgets_comes_to() -> None:
    run = DryRun(20, 12, ended=True, resumed=112.0, afresh=148.0, idle=0.125, span=64.0)
    of = limited(Budget(18), max_trials=20, concurrency=2)
    known = TunerForecast(uses_budget=True, brackets=HALVING, dry_run=run, trial_seconds=18)

    assert rows(of, known) == {
        "trials": "20, by max_trials",
        "attempts": "32, promotions included",
        "budget": "148 epochs, 112 where trials go on from checkpoints;"
        " 20 trials of 18 come to 360",
        "idle": "12 % of the time of 2 slots, were all trials alike",
        "time": "1 min 04 s: 18 s for 18 epochs, 2 at once",
    }
    unended = replace(known, dry_run=replace(run, ended=False))
    assert worst_case(of, unended).idle is None


def test_words_compare_a_schedule_with_trials_in_full() -> None:
    of = limited(Budget(9, unit="epochs"), max_trials=20)
    said = rows(
        of, TunerForecast(uses_budget=True, brackets=HALVING, ends_after=13, trial_seconds=90)
    )

    assert said == {
        "trials": "13, all that the tuner means to try",
        "attempts": "18, promotions included",
        "budget": "48 epochs, 39 where trials go on from checkpoints; 13 trials of 9 come to 117",
        "time": "5 min 50 s: 1 min 30 s for 9 epochs, 2 at once",
    }
    assert rows(of, TunerForecast(uses_budget=True))["budget"] == "180 epochs: 20 trials of 9"


def test_rungs_are_listed_by_bracket() -> None:
    assert list(rung_rows(limited(Budget(9)), HALVING)) == [
        ("bracket", "epochs", "trials", "spent", "anew"),
        ("0", "1", "9", "9", "9"),
        ("", "3", "3", "6", "9"),
        ("", "9", "1", "6", "9"),
        ("1", "3", "4", "12", "12"),
        ("", "9", "1", "6", "9"),
    ]
    assert list(rung_rows(limited(), ())) == []
    assert next(rung_rows(limited(), HALVING)) == ("bracket", "budget", "trials", "spent", "anew")
