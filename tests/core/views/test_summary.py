"""Tables: the end of a sweep, told so that nothing has to be looked up."""

from pathlib import Path

import pytest

from sweepwright.core.store.history import read_history
from sweepwright.core.views.summary import headline, moment, resume_command, summary, table
from sweepwright.events import Failure, FailureKind
from tests.core.recorded_sweeps import OUT_OF_MEMORY, record


def summary_of(store: Path, *endings: object, state: str | None = "done") -> str:
    return str(summary(read_history(record(store, endings, state)), "python run.py"))


def test_a_summary_names_the_best_trial_with_all_its_metrics(tmp_path: Path) -> None:
    said = summary_of(tmp_path, 0.5, 0.975, 0.25)

    assert "3 trials finished" in said
    assert "best 0.975 in trial 1" in said
    assert "best trial: 1 (maximize default)" in said
    assert "  default        0.975\n  test_accuracy  0.965\nwith\n  lr             0.011" in said


def test_a_summary_lists_the_best_five_in_order(tmp_path: Path) -> None:
    said = summary_of(tmp_path, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    rows = said.partition("the best 5:\n")[2].partition("\n\n")[0].splitlines()

    assert [row.split()[0] for row in rows] == ["trial", "5", "4", "3", "2", "1"]


def test_a_summary_draws_the_best_so_far(tmp_path: Path) -> None:
    said = summary_of(tmp_path, 0.5, 0.25, 0.75)

    assert "best so far, trial by trial:\n  0.75 ┤  ╭" in said


def test_a_summary_counts_failures_by_their_reason(tmp_path: Path) -> None:
    other = Failure(FailureKind.ERROR, "ValueError: no")
    said = summary_of(tmp_path, OUT_OF_MEMORY, 0.5, other, OUT_OF_MEMORY)

    assert "1 trial finished, 3 failed" in said
    assert (
        "failed trials, by reason:\n"
        "  2 x  memory  the trial ran out of memory  (first in trial 0)\n"
        "  1 x  error   ValueError: no               (first in trial 2)"
    ) in said


def test_a_summary_says_where_things_are_and_how_to_go_on(tmp_path: Path) -> None:
    folder = record(tmp_path, [0.5, None], state=None)
    said = summary(read_history(folder), "sweepwright")

    assert f"sweep {folder.name} is interrupted: 1 trial finished, 1 under way" in said
    assert f"journal: {folder}/journal.sqlite\nlogs:    {folder}/trials\n" in said
    assert said.endswith(f"resume:  sweepwright resume {folder.name} store.path={tmp_path}")


def test_a_sweep_that_is_done_goes_on_with_more_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = record(Path("sweeps"), [0.5])

    assert resume_command(read_history(folder), "python run.py") == (
        f"python run.py resume {folder.name} max_trials=N"
    )


def test_a_sweep_without_a_result_has_nothing_to_show(tmp_path: Path) -> None:
    said = summary_of(tmp_path)

    assert "0 trials finished" in said
    assert "best" not in said


def test_a_headline_says_how_long_it_took(tmp_path: Path) -> None:
    done = read_history(record(tmp_path, [0.5]))

    assert " in " in headline(done)
    assert headline(done).endswith("ms, best 0.5 in trial 0")


def test_a_trial_that_never_started_took_no_time(tmp_path: Path) -> None:
    history = read_history(record(tmp_path, [0.5, 0.25]))
    history.trials[1].started = None

    assert "1      0.25   -  " in summary(history, "x")


def test_a_table_is_aligned() -> None:
    assert table(("a", "b"), [("xx", "y"), ("x", "yyy")]) == ["a   b", "xx  y", "x   yyy"]


def test_a_moment_is_readable() -> None:
    assert moment(0).startswith("19")
