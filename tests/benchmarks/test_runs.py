"""Runs are the same whenever they are made, and none that is written is made again."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison.ours import Ours
from benchmarks.comparison.participants import missing, participant
from benchmarks.comparison.predictions import prediction_table
from benchmarks.comparison.provenance import provenance
from benchmarks.comparison.regrets import compute_regrets
from benchmarks.comparison.results import Results
from benchmarks.comparison.runs import Run, perform
from benchmarks.comparison.simulation import problem_of, simulate
from benchmarks.comparison.tables import report
from benchmarks.problems.catalogue import landscape
from sweepwright.contracts import Belief, Prediction, Problem
from sweepwright.events import Event, Start
from sweepwright.seeds import rng

NOWHERE = Path("nowhere")
RUNS = [
    Run("random", problem, seed, trials=12)
    for problem in ("functions/scales", "functions/noisy", "functions/hierarchy")
    for seed in (1, 2, 3)
]


def test_a_run_repeats() -> None:
    made = [perform(RUNS[4], NOWHERE) for _ in range(2)]

    assert made[0]["observed"] == made[1]["observed"]
    assert made[0]["truths"] == made[1]["truths"]
    assert made[0]["truths"] != made[0]["observed"]


def test_workers_change_the_order_and_nothing_else_for_random_search() -> None:
    where = landscape("functions/scales", NOWHERE)
    one, many = (
        simulate(participant("random").build(problem_of(where, 1, 30, n)), where, 1, 30, n)
        for n in (1, 8)
    )

    assert sorted(one.truths) == sorted(many.truths)
    assert one.truths != many.truths


def test_a_grid_that_ends_early_ends_the_run() -> None:
    where = landscape("functions/words", NOWHERE)
    solver = participant("grid").build(problem_of(where, 1, 5))

    assert len(simulate(solver, where, 1, 5).observed) == 5


def test_options_follow_a_colon() -> None:
    one = participant("tpe:multivariate=false,startup=20,classic=nni")

    assert one.tuner == "tpe"
    assert one.options == {"multivariate": False, "startup": 20, "classic": "nni"}


def test_missing_tuners_are_named() -> None:
    there, nobody = participant("random"), participant("nobody:x=1")

    assert missing([there, nobody]) == [nobody]


def test_the_later_record_counts_and_an_incomplete_line_is_ignored(tmp_path: Path) -> None:
    results = Results(tmp_path, Run)
    first, second = record(RUNS[0], [1.0]), record(RUNS[0], [2.0])
    results.append(first)
    (path,) = tmp_path.iterdir()
    path.write_text(path.read_text() + json.dumps(second)[:30])
    assert results.read()[RUNS[0]]["observed"] == [1.0]
    results.append(second)

    assert results.read()[RUNS[0]]["observed"] == [2.0]


def record(run: Run, observed: list[float], versions: str = "1") -> dict[str, Any]:
    return {
        **{name: getattr(run, name) for name in Run.__slots__},
        "versions": {"random": versions},
        "cpu_seconds": 0.1,
        "observed": observed,
    }


def test_a_seed_counts_where_all_tuners_have_it() -> None:
    other = [Run("other", run.problem, run.seed, run.trials) for run in RUNS]
    records = {run: record(run, [1.0] * 12) for run in [*RUNS, *other[:2], other[3]]}
    found = compute_regrets([*RUNS, *other], records, NOWHERE)

    assert {name: curves.shape for name, curves in found.regrets.items()} == {
        "functions/scales": (2, 2, 12),
        "functions/noisy": (2, 1, 12),
    }
    assert found.seeds == "1 to 2"


def test_the_report_holds_each_table() -> None:
    records = {}
    for tuner, loss in (("random", 2.0), ("tpe", 0.5), ("optuna", 1.0)):
        for run in RUNS:
            mine = Run(tuner, run.problem, run.seed, run.trials)
            records[mine] = record(mine, [loss + 0.01 * run.seed] * 12)
    text = "\n".join(report(compute_regrets(list(records), records, NOWHERE), 12))

    assert "| `random` | " in text
    assert "| the best of `optuna`, " in text
    assert "| functions/scales | " in text
    assert "| `optuna`, on flat problems (2) | " in text
    assert "| `optuna`, on conditional problems (1) | " in text
    assert "| `tpe` | on none (1, " in text
    assert "critical difference 1.91" in text
    assert "| `tpe` | 1.33 |" in text


def test_results_of_other_versions_are_named() -> None:
    run = RUNS[0]
    versions = participant(run.tuner).versions()
    (line, _) = provenance([run], {run: record(run, [1.0], "0")}, lambda _: versions)

    assert "1 of 1 runs, random 0; now it is numpy" in line
    assert line.endswith("`--again random` runs them anew")


@pytest.mark.parametrize("name", ["random", "grid"])
def test_ours_can_be_told_a_history(name: str) -> None:
    where = landscape("functions/hierarchy", NOWHERE)
    solver = participant(name).build(problem_of(where, 1, 10))
    solver.remember([1.0, 2.0, 3.0])

    assert [number for number, _ in solver.ask(2)] == [3, 4]


def test_predicted_bests_are_compared_with_measured_bests() -> None:
    runs = [run for run in RUNS if run.problem == "functions/noisy"]
    where = landscape("functions/noisy", NOWHERE)
    half = (where.best + where.median) / 2
    records = {run: record(run, [1.0] * 12) for run in runs}
    for run, predicted in zip(runs[:2], (where.best, where.median), strict=True):
        records[run] |= {"truths": [half] * 12, "predicted": predicted}
    *_, line = prediction_table(runs, records, NOWHERE)

    assert line.startswith("| `random` | 1 | 2 | 0.5000 | 0.5000 | 0.5 [0.5, 0.5] | 0.5 [")
    assert line.endswith("| 1 : 1 |")


class Once:
    """Draws one assignment, repeats it, and believes in it."""

    def __init__(self, problem: Problem) -> None:
        (self._assignment,) = problem.space.decode(problem.space.sample(rng(0, "test"), 1))
        self._events: list[Event] = []
        self.tell = self._events.append

    def ask(self, count: int) -> list[Start]:
        return [Start(self._assignment, repeats=0 if self._events else None)] * count

    def belief(self) -> Belief:
        return Belief(Prediction(self._assignment, 0.0, 1.0), {})


def test_a_noisy_run_records_repeats_and_the_predicted_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def build(_name: str, _options: object, problem: Problem) -> Ours:
        return Ours(Once(problem), problem)

    monkeypatch.setattr("benchmarks.comparison.ours.build_ours", build)
    made = perform(Run("random", "functions/noisy", 1, trials=3), NOWHERE)

    assert made["firsts"] == [0, 0, 0]
    assert made["truths"] == [made["predicted"]] * 3
