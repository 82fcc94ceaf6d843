"""Races repeat, end at their targets, and are told of in tables; whole sweeps are timed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.budgets.costs import compute_costs
from benchmarks.budgets.participants import missing
from benchmarks.budgets.races import Race, curves_of, perform, problem_names, target_of
from benchmarks.budgets.simulated import FAMILIES, simulated
from benchmarks.budgets.sweep import sweep
from benchmarks.budgets.tables import report
from benchmarks.budgets.utilisation import busy_shares

NOWHERE = Path("nowhere")


def race(tuner: str, seed: int = 1, problem: str = "simulated/power") -> Race:
    return Race(tuner, problem, seed, trials=6, workers=3, patience=2.0)


@pytest.mark.parametrize("tuner", ["random", "asha", "hyperband:rounds=null"])
def test_a_race_repeats(tuner: str) -> None:
    one, again = (perform(race(tuner), NOWHERE) for _ in range(2))
    del one["cpu_seconds"], again["cpu_seconds"]

    assert one == again


def test_a_race_ends_where_the_target_is_reached() -> None:
    record = perform(race("asha"), NOWHERE)
    target = target_of("simulated/power", 1, 6, 3, NOWHERE)

    assert record["target"] == target.value
    assert 0 < record["target_reached"] == target.reached <= 6 * 81
    assert 0 < record["reached"] <= 2 * 6 * 81


def test_a_run_that_is_given_up_has_not_reached_the_target() -> None:
    record = perform(replace(race("random"), patience=0.01), NOWHERE)

    assert record["reached"] is None
    assert record["spent"] >= 0.01 * 6 * 81


def test_missing_tuners_are_named() -> None:
    assert missing(["asha", "nobody:x=1", "random"]) == ["nobody:x=1"]


def test_the_surrogates_are_left_out_where_there_are_none() -> None:
    assert problem_names(NOWHERE) == list(FAMILIES)
    assert curves_of("simulated/power", 1, NOWHERE).units == 81


def record(reached: int | None, target_reached: int = 400) -> dict[str, int | None]:
    return {"reached": reached, "target_reached": target_reached, "units": 100}


def test_costs_are_shares_of_the_whole_budget_of_random_search() -> None:
    races = [
        Race(tuner, problem, seed, trials=10, workers=1, patience=2.0)
        for tuner in ("random", "asha")
        for problem in ("simulated/power", "lcbench/1")
        for seed in (1, 2)
    ]
    records = {one: record(1000 if one.tuner == "random" else 250) for one in races}
    records[races[0]] = record(None)
    found = compute_costs(races, records)
    assert found is not None

    assert np.exp(found.shares["simulated/power"]) == pytest.approx(
        np.array([[2, 1], [0.25, 0.25]])
    )
    assert found.counts() == [(3, 4), (4, 4)]
    assert [str(one) for one in found.speed_ups()][1] == "4 [4, 4]"
    assert [str(one) for one in found.head_starts()][1] == "1.6 [1.6, 1.6]"
    assert str(found.only("lcbench").ratio("asha", "random")) == "4 [4, 4]"


def test_a_seed_counts_where_all_tuners_have_it() -> None:
    races = [race(tuner, seed) for tuner in ("random", "asha") for seed in (1, 2)]
    records = {one: record(100) for one in races[:3]}
    found = compute_costs(races, records)
    assert found is not None

    assert found.shares["simulated/power"].shape == (2, 1)
    assert compute_costs(races, {}) is None


def test_the_report_holds_each_table() -> None:
    races = [race(tuner, seed) for tuner in ("random", "asha", "syne-asha") for seed in (1, 2)]
    records = {one: record(500 if one.tuner == "syne-asha" else 100) for one in races}
    found = compute_costs(races, records)
    assert found is not None
    text = "\n".join(report(found))

    assert "| `asha` | 6 [6, 6] | 4 [4, 4] | 2 of 2 |" in text
    assert "| `syne-asha` | 5 [5, 5] more |" in text
    assert "| simulated/power | **6.00** (2) | **6.00** (2) | 1.20 (2) |" in text


def test_a_whole_sweep_runs_on_the_simulated_platform_and_its_asks_are_timed() -> None:
    found = sweep("asha", simulated("simulated/power", 1), 4, 20, reproducible=False)

    assert found.trials == 20
    assert sum(span.begins_trial for span in found.spans) == 20
    assert len(found.spans) > 20
    assert len(found.asks) >= 5
    assert 0.5 < busy_shares(found.spans, 4)[0] <= 1
