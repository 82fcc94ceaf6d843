"""Commands that show recorded sweeps: list, show, best, export."""

import csv
import json
import os
from pathlib import Path

import pytest
import yaml

from sweepwright.core.plan.plan import Direction, Objective
from sweepwright.core.store.sweep_files import JOURNAL
from tests.core.cli.application import ROOT, App, folders, run_python
from tests.core.examples import plan
from tests.core.recorded_sweeps import OUT_OF_MEMORY, record, record_repeats


def test_sweeps_are_listed(app: App) -> None:
    assert app("list").out == "no sweep in the store sweeps; to use another: store.path=FOLDER\n"

    folder = record(Path("sweeps"), [0.5, 0.75])
    lines = app("list").out.splitlines()

    assert lines[0].split() == ["sweep", "began", "state", "trials", "best", "tuner", "trial"]
    assert lines[1].split()[:1] == [folder.name]
    assert lines[1].split()[3:] == ["done", "2", "0.75", "random", "example"]


def test_store_path_selects_another_store(app: App) -> None:
    folder = record(Path("elsewhere"), [0.5])

    assert folder.name in app("list", "store.path=elsewhere").out
    assert json.loads(app("best", "store.path='elsewhere'", "--format", "json").out)["trial"] == 0


def test_the_best_trial_is_printed_in_three_formats(app: App) -> None:
    folder = record(Path("sweeps"), [0.5, 0.75])
    body = json.loads(app("best", "--format", "json").out)

    assert (body["sweep"], body["trial"], body["value"]) == (folder.name, 1, 0.75)
    assert body["assignment"]["layers"] == 2
    assert body["metrics"] == {"default": 0.75, "test_accuracy": 0.74}
    assert yaml.safe_load(app("best", "--format", "yaml").out) == body
    assert app("best").out.startswith(f"sweep {folder.name}, trial 1\n  objective      0.75\n")


def test_a_sweep_without_a_result_has_no_best_trial(app: App) -> None:
    folder = record(Path("sweeps"), [OUT_OF_MEMORY], "failed")

    assert app("best") == (1, "", f"error: no trial of sweep {folder.name} has a result\n")


def test_trials_are_exported_as_a_json_object_a_line(app: App) -> None:
    handles = [{"machine": "box1"}]
    record(Path("sweeps"), [0.5, OUT_OF_MEMORY, "hopeless", None], handles=handles)
    lines = [json.loads(line) for line in app("export", "--format", "jsonl").out.splitlines()]

    assert [line["number"] for line in lines] == [0, 1, 2, 3]
    assert [line["state"] for line in lines] == ["measured", "failed", "stopped", "running"]
    assert lines[0]["value"] == 0.5
    assert lines[0]["assignment"] == {"lr": 0.01, "layers": 2, "activation": "tanh"}
    assert [line["machines"] for line in lines] == ["box1", "", "", ""]
    assert lines[1]["failure"] == "memory: the trial ran out of memory"
    assert lines[0]["opened"] <= lines[0]["started"] <= lines[0]["ended"]


def test_a_csv_has_a_column_for_each_parameter(app: App) -> None:
    record(Path("sweeps"), [0.5, 0.25], handles=[{"machine": "box1"}])
    app("export", "--output", "trials.csv")
    with Path("trials.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert [row["number"] for row in rows] == ["0", "1"]
    assert [row["machines"] for row in rows] == ["box1", ""]
    assert rows[1]["space.lr"] == "0.011"
    assert json.loads(rows[1]["assignment"])["lr"] == 0.011
    assert app("export").out.splitlines()[0].startswith("number,state,value,")


def test_an_export_tells_which_trials_measured_an_assignment_again(app: App) -> None:
    record_repeats(Path("sweeps"))
    lines = [json.loads(line) for line in app("export", "--format", "jsonl").out.splitlines()]
    rows = list(csv.DictReader(app("export").out.splitlines()))

    assert [line["repeats"] for line in lines] == [None, None, 0, 0, 0]
    assert [line["median"] for line in lines] == [0.6, 0.8, 0.6, 0.6, 0.6]
    assert [line["reason"] for line in lines[1:3]] == ["", "too good to be true"]
    assert [(row["value"], row["repeats"], row["median"]) for row in rows[1:4]] == [
        ("0.8", "", "0.8"),
        ("0.5", "0", "0.6"),
        ("", "0", "0.6"),
    ]


def test_the_best_of_repeated_measurements_is_a_median(app: App) -> None:
    minimised = plan(objective=Objective(direction=Direction.MINIMIZE))
    folder = record_repeats(Path("sweeps"), minimised)
    body = json.loads(app("best", "--format", "json").out)

    assert (body["trial"], body["value"], body["measured_in"]) == (0, 0.6, [0, 2, 4])
    assert app("best").out.startswith(
        f"sweep {folder.name}, trial 0\n  objective      0.6, median of 3\n"
    )
    assert app("list").out.splitlines()[1].split()[3:6] == ["done", "5", "0.6"]


def test_sweeps_without_repeats_have_no_columns_about_them(app: App) -> None:
    record(Path("sweeps"), [0.5])
    head = app("export").out.splitlines()[0].split(",")
    body = json.loads(app("export", "--format", "jsonl").out)

    assert not {"repeats", "median", "reason"} & {*head, *body}
    assert "measured_in" not in json.loads(app("best", "--format", "json").out)
    assert "again" not in app("show").out


def test_an_export_of_a_sweep_on_one_machine_names_none(app: App) -> None:
    record(Path("sweeps"), [0.5])

    assert "machines" not in app("export").out
    assert "machines" not in app("export", "--format", "jsonl").out


def test_an_export_to_an_invalid_path_is_an_error_on_one_line(app: App) -> None:
    record(Path("sweeps"), [0.5])

    assert app("export", "--output", "no/where").err == (
        "error: cannot write no/where: No such file or directory\n"
    )


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_an_export_overwrites_no_journal(app: App, suffix: str) -> None:
    journal = record(Path("sweeps"), [0.5]) / JOURNAL
    Path("link").symlink_to(f"{journal}{suffix}")
    before = journal.read_bytes()

    for path in (f"{journal}{suffix}", "link"):
        assert app("export", "--output", path) == (
            2,
            "",
            f"error: {path} is a file of a sweep's journal; name another: --output FILE\n",
        )
    assert journal.read_bytes() == before


@pytest.mark.parametrize("command", ["show", "best", "export", "resume"])
def test_an_empty_store_is_an_error_on_one_line(app: App, command: str) -> None:
    code, out, err = app(command)

    assert (code, out) == (2, "")
    assert err.startswith("error: no sweep in the store sweeps")
    assert folders() == []


def test_a_sweep_without_overrides_shows_none(app: App) -> None:
    record(Path("sweeps"), [0.5])

    assert "composed with" not in app("show").out


def test_a_curve_is_shown_on_a_terminal_that_knows_only_ascii(tmp_path: Path) -> None:
    record(tmp_path, [0.25, 0.5])
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = run_python(str(ROOT / "run.py"), "show", f"store.path={tmp_path}", env=environment)

    assert ran.returncode == 0, ran.stderr
    assert "best so far" in ran.stdout
