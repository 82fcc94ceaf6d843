"""The commands that `plan` prints run the trial without a sweep."""

import subprocess
import sys
from pathlib import Path

from sweepwright.contracts import Command, Job, PythonFile, PythonModule, Role
from sweepwright.core.driver.preview.preview import manual_commands

SCRIPT = """
import os, sys
import sweepwright.trial as trial
print(trial.get_next_parameter({"lr": 1, "batch": 8}), os.environ["MODE"], sys.argv[1:])
trial.report_final_result(0.5)
"""


def run(command: str) -> str:
    shell = ["/bin/sh", "-c", command]
    return subprocess.run(shell, capture_output=True, text=True, check=True).stdout


def test_a_command_runs_a_script_with_its_folder_environment_and_assignment(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "the trial's"
    folder.mkdir()
    (folder / "train.py").write_text(SCRIPT)
    entry = PythonFile("train.py", ("--data=a b",))
    role = Role("main", entry, environment={"MODE": "fast one"})
    (command,) = manual_commands(Job("j", (role,), folder=str(folder)), {"lr": 0.1, "on": True})

    assert run(command) == (
        "{'lr': 0.1, 'batch': 8, 'on': True} fast one ['--data=a b']\nfinal result: 0.5\n"
    )


def test_every_role_has_a_command() -> None:
    roles = (Role("a", PythonModule("pkg.train")), Role("b", Command(("./serve", "--x=1"))))
    first, second = manual_commands(Job("j", roles), {})

    assert first.endswith(f"{sys.executable} -m pkg.train")
    assert second.endswith(" ./serve --x=1")
    assert "cd " not in first


def test_values_of_secrets_are_masked() -> None:
    job = Job("j", (Role("a", Command(("./a",))),), environment={"API_KEY": "hunter2"})

    assert "API_KEY='***'" in manual_commands(job, {})[0]
