"""The summary of a recorded sweep."""

import math
from pathlib import Path

import pytest

from sweepwright.core.plan.plan import Direction, Objective
from sweepwright.core.store.history import read_history
from sweepwright.core.views.summary import describe_sweep, headline, resume_command
from sweepwright.events import Failure, FailureKind
from tests.core.examples import plan
from tests.core.recorded_sweeps import OUT_OF_MEMORY, record, record_repeats


def summary_of(store: Path, *endings: object, state: str | None = "done") -> str:
    return str(describe_sweep(read_history(record(store, endings, state)), "python run.py"))


def test_a_summary_shows_the_best_trial_with_all_its_metrics(tmp_path: Path) -> None:
    text = summary_of(tmp_path, 0.5, 0.975, 0.25)

    assert "3 trials finished" in text
    assert "best 0.975 in trial 1" in text
    assert "best trial: 1 (objective maximized)" in text
    assert (
        "  objective      0.975\n  test_accuracy  0.965\nwith parameters\n  lr             0.011"
    ) in text


def test_a_summary_lists_the_best_five_in_order(tmp_path: Path) -> None:
    text = summary_of(tmp_path, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    rows = text.partition("best 5 trials:\n")[2].partition("\n\n")[0].splitlines()

    assert [row.split()[0] for row in rows] == ["trial", "5", "4", "3", "2", "1"]


def test_a_summary_draws_the_best_value_so_far(tmp_path: Path) -> None:
    text = summary_of(tmp_path, 0.5, 0.25, 0.75)

    assert "best so far, trial by trial:\n  0.75 ┤  ╭" in text


def test_a_summary_counts_failures_by_their_reason(tmp_path: Path) -> None:
    other = Failure(FailureKind.ERROR, "ValueError: no")
    text = summary_of(tmp_path, OUT_OF_MEMORY, 0.5, other, OUT_OF_MEMORY)

    assert "1 trial finished, 3 failed" in text
    assert (
        "failed trials by reason:\n"
        "  2 x  memory  the trial ran out of memory  (first in trial 0)\n"
        "  1 x  error   ValueError: no               (first in trial 2)"
    ) in text


def test_a_summary_shows_medians_of_assignments_that_were_measured_again(tmp_path: Path) -> None:
    text = describe_sweep(read_history(record_repeats(tmp_path)), "x")

    assert "best 0.8 in trial 1" in text
    assert "  1      0.8  " in text
    assert "  0      0.6, median of 3  " in text
    assert (
        "trials that measured an assignment again:\n"
        "  trial  repeats  value  median  reason\n"
        "  4      0        0.6    0.6     too good to be true\n"
        "  3      0        -      0.6     too good to be true\n"
        "  2      0        0.5    0.6     too good to be true"
    ) in text
    assert "best so far, trial by trial; a repeat can worsen it:\n" in text


def test_the_best_trial_says_where_its_assignment_was_measured_again(tmp_path: Path) -> None:
    minimised = plan(objective=Objective(direction=Direction.MINIMIZE))
    history = read_history(record_repeats(tmp_path, minimised))
    text = describe_sweep(history, "x")

    assert headline(history).endswith(", best 0.6, median of 3, in trial 0")
    assert "best trial: 0 (objective minimized, measured again in 2, 4)" in text
    assert "  objective      0.6, median of 3\n" in text


def test_a_summary_lists_why_trials_were_stopped(tmp_path: Path) -> None:
    text = summary_of(tmp_path, "below the median", "hopeless")

    assert (
        "trials stopped by the assessor:\n"
        "  trial  reason\n"
        "  1      hopeless\n"
        "  0      below the median"
    ) in text


def test_a_summary_counts_the_trials_of_each_machine(tmp_path: Path) -> None:
    handles = [{"machine": name, "log": "x"} for name in ("box2", "box1", "box2", "box2")]
    folder = record(tmp_path, [0.5, 0.25, OUT_OF_MEMORY, None], state=None, handles=handles)
    (folder / "trials/0/1").mkdir(parents=True)  # a trial's files were fetched
    text = describe_sweep(read_history(folder), "sweepwright")

    assert (
        "trials by machine:\n"
        "  machine  running  finished  failed\n"
        "  box1     0        1         0\n"
        "  box2     1        1         1\n"
    ) in text
    rows = text.partition("best 2 trials:\n")[2].splitlines()
    assert rows[0].split() == ["trial", "value", "took", "machine", "parameters"]
    assert rows[1].split()[0] == "0"
    assert " box2 " in rows[1]
    assert "logs:    sweepwright logs TRIAL" in text


def test_a_summary_names_journal_logs_and_the_command_to_resume(tmp_path: Path) -> None:
    folder = record(tmp_path, [0.5, None], state=None)
    (folder / "trials").mkdir()
    text = describe_sweep(read_history(folder), "sweepwright")

    assert f"sweep {folder.name} was interrupted: 1 trial finished, 1 unfinished" in text
    assert f"journal: {folder}/journal.sqlite\nlogs:    {folder}/trials\n" in text
    assert text.endswith(f"resume:  sweepwright resume {folder.name} store.path={tmp_path}")


def test_logs_that_lie_elsewhere_are_printed_by_a_command(tmp_path: Path) -> None:
    folder = record(tmp_path, [0.5])
    text = describe_sweep(read_history(folder), "sweepwright")

    assert f"logs:    sweepwright logs TRIAL {folder.name} store.path={tmp_path}\n" in text


def test_a_completed_sweep_is_resumed_with_more_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = record(Path("sweeps"), [0.5])

    assert resume_command(read_history(folder), "python run.py") == (
        f"python run.py resume {folder.name} max_trials=N"
    )


def test_a_sweep_without_a_result_has_no_best_trial(tmp_path: Path) -> None:
    text = summary_of(tmp_path)

    assert "0 trials finished" in text
    assert "best" not in text


def test_a_headline_shows_the_duration_of_the_sweep(tmp_path: Path) -> None:
    done = read_history(record(tmp_path, [0.5]))

    assert " in " in headline(done)
    assert headline(done).endswith("ms, best 0.5 in trial 0")


def test_a_trial_that_never_started_has_no_duration(tmp_path: Path) -> None:
    history = read_history(record(tmp_path, [0.5, 0.25]))
    history.trials.started[1] = math.nan

    assert "1      0.25   -  " in describe_sweep(history, "x")
