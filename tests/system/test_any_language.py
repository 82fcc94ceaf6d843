"""The trial in a shell that the documentation shows is a whole trial."""

import json
import re
from pathlib import Path

from tests.forked_commands import ROOT, run_forked

PAGE = (ROOT / "docs" / "any-language.md").read_text()
FILES = {"train.sh": ("sh", 0), "space/mine.yaml": ("yaml", 0), "trial/shell.yaml": ("yaml", 1)}


def write_down(folder: Path) -> None:
    for name, (language, number) in FILES.items():
        blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(blocks[number])


def run(folder: Path, *arguments: str) -> str:
    ended = run_forked(arguments, folder=folder)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_trial_of_the_documentation_runs(tmp_path: Path) -> None:
    write_down(tmp_path / "mine")
    (command,) = re.findall(r"^sweepwright (--config-dir .*)$", PAGE, re.MULTILINE)
    run(tmp_path, *command.split())
    trials = [
        json.loads(line) for line in run(tmp_path, "export", "--format", "jsonl").split("\n")[:-1]
    ]

    assert len(trials) == 5
    assert all(abs(t["value"] - 1 + t["assignment"]["learning_rate"]) < 1e-5 for t in trials)
