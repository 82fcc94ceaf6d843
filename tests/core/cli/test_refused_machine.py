"""What the machine refuses to go on with ends in one line, and a resume completes a sweep."""

import json
from pathlib import Path

import pytest

from sweepwright.core.cli.error_handling import run_reporting_errors
from tests.core.cli.application import App, write_files
from tests.system.faults.limits import exhausted_descriptors

SCRIPT = """
    import os
    from sweepwright.trial import get_next_parameter, report_final_result
    report_final_result(get_next_parameter()["lr"])
    if not os.path.exists("repaired") and os.path.exists("train.py"):
        os.rename("train.py", "gone.py")
    """
FILES = {
    "mine/space/mine.yaml": "lr: loguniform(1e-4, 1e-1)",
    "mine/trial/mine.yaml": """
        defaults:
          - override /framework@_global_.framework: python
        name: mine
        folder: mine
        entries:
          python: train.py
        """,
    "mine/train.py": SCRIPT,
}


def test_a_script_that_vanishes_interrupts_the_sweep_and_costs_no_trial(
    app: App, tmp_path: Path
) -> None:
    write_files(tmp_path, FILES)
    sweep = ["--config-dir=mine", "space=mine", "trial=mine", "max_trials=4", "concurrency=1"]
    code, out, err = app(*sweep, "tuner=random")
    [folder] = (tmp_path / "sweeps").iterdir()

    assert code == 1
    assert "will run again: there is no `train.py`" in out
    assert " was interrupted: " in out
    assert " failed" not in out
    assert err == (
        "error: the sweep was interrupted: there is no `train.py`; once that is repaired,"
        f" `python run.py resume {folder.name}` goes on\n"
    )

    (tmp_path / "mine/gone.py").rename(tmp_path / "mine/train.py")
    (tmp_path / "mine/repaired").touch()
    assert app("resume").code == 0
    trials = [json.loads(line) for line in app("export", "--format=jsonl").out.splitlines()]
    assert [trial["state"] for trial in trials] == ["measured"] * 4


def test_a_file_that_the_machine_refuses_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "train.py"
    script.touch()
    with exhausted_descriptors():
        code = run_reporting_errors(lambda: len(script.read_bytes()))

    assert code == 1
    assert capsys.readouterr().err == (
        f"error: the machine refuses to go on: `{script}` cannot be used: Too many open files\n"
    )


def test_a_bug_shows_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run_reporting_errors(lambda: len((tmp_path / "missing").read_bytes()))
