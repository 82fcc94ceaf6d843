"""What the processes of one trial report forms one curve, and the last final result counts."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from sweepwright.core.store.history import read_history
from sweepwright.events import Reported
from tests.core.recorded_sweeps import read_events
from tests.forked_commands import run_forked

REPORT = f"{sys.executable} -c 'import sys, sweepwright as nni; nni.report_%s_result(%s)'"
STEPS = "\n".join(
    [
        "set -e",
        REPORT % ("intermediate", "1"),
        REPORT % ("intermediate", "2"),
        REPORT % ("final", "0.25"),
        REPORT % ("final", "0.75"),
    ]
)
FOLDS = """
    import os
    import sweepwright as nni

    nni.report_intermediate_result(1)
    for fold in range(3):
        if os.fork() == 0:
            nni.report_intermediate_result(2 + fold)
            os._exit(0)
        os.wait()
    nni.report_final_result(0.75)
"""


@pytest.mark.parametrize(
    ("framework", "entry", "code", "expected"),
    [
        ("script", "[bash, train]", STEPS, [1, 2, 0.25, 0.75]),
        ("python", "./train", dedent(FOLDS), [1, 2, 3, 4, 0.75]),
    ],
)
def test_every_report_is_heard_in_order(
    framework: str, entry: str, code: str, expected: list[float], tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    for folder in ("space", "trial"):
        (mine / folder).mkdir(parents=True)
    (mine / "train").write_text(code)
    (mine / "space" / "mine.yaml").write_text("x: uniform(0, 1)\n")
    (mine / "trial" / "mine.yaml").write_text(
        f"name: mine\nfolder: {mine}\nentries:\n  {framework}: {entry}\n"
    )
    options = ["space=mine", "trial=mine", f"framework={framework}", "max_trials=1"]
    ended = run_forked(["--config-dir", str(mine), *options], folder=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (sweep,) = (tmp_path / "sweeps").iterdir()
    entries = read_events(sweep)
    reports = [entry.event for entry in entries if isinstance(entry.event, Reported)]

    assert [report.metrics["default"] for report in reports] == expected
    assert len({entry.process for entry in entries if entry.process}) == 4
    assert read_history(sweep).trials[0].value == 0.75
