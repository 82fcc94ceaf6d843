"""A trial of several programs, which live and die together, through the whole program."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.forked_commands import run_forked

PROGRAMS = Path(__file__).parent / "data" / "roles"
MARK = "SWEEPWRIGHT_TEST_OF_ROLES"


class Outcome:
    """What became of a sweep of one trial, whose leader is a shell script."""

    def __init__(self, folder: Path, *overrides: str, helpers: int = 1) -> None:
        store = folder / "sweeps"
        given = [
            "framework=script",
            f"trial.folder={folder}",
            f"+trial.environment.{MARK}={folder.name}",
            f"+trial.roles.leader.entry=[sh,{PROGRAMS / 'leader.sh'}]",
            f"+trial.roles.helper.entry=[{sys.executable},{PROGRAMS / 'helper.py'}]",
            f"+trial.roles.helper.replicas={helpers}",
            f"+trial.environment.HELPERS={helpers}",
            "max_trials=1",
            *overrides,
        ]
        self.ran = _run(f"store.path={store}", *given)
        exported = _run("export", f"store.path={store}", "--format", "jsonl").stdout
        self.trial: dict[str, Any] = json.loads(exported)
        self.sweep = next(store.iterdir())
        self.survivors = _marked(folder.name)

    def printed(self, attempt: int, name: str) -> str:
        return (self.sweep / "trials" / "0" / str(attempt) / name).read_text()


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_forked(arguments)


def _marked(mark: str) -> list[int]:
    """List the processes of this test's trials that still run, given a moment to be gone."""
    for _ in range(50):
        found = [p.pid for p in psutil.process_iter() if _environment(p).get(MARK) == mark]
        if not found:
            break
        time.sleep(0.1)
    return found


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


@pytest.fixture(scope="module")
def retried(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The helper dies in the first attempt, while the leader waits for it."""
    folder = tmp_path_factory.mktemp("retried")
    return Outcome(folder, "+trial.environment.DIES=1", "retries.exit=1")


def test_an_attempt_fails_with_the_failure_of_one_role_and_is_retried(
    retried: Outcome,
) -> None:
    assert retried.ran.returncode == 0, retried.ran.stderr
    assert "retrying: role `helper` rank 0: exit code 7" in retried.ran.stdout
    assert (retried.trial["state"], retried.trial["attempts"]) == ("measured", 2)


def test_the_other_role_is_stopped_with_all_its_processes(retried: Outcome) -> None:
    assert "leads attempt 1" in retried.printed(1, "leader-0.stdout")
    assert "is done" not in retried.printed(1, "leader-0.stdout")
    assert retried.survivors == []


def test_programs_in_two_languages_form_one_trial(retried: Outcome) -> None:
    assert "leads attempt 2" in retried.printed(2, "leader-0.stdout")
    assert "is done" in retried.printed(2, "leader-0.stdout")
    assert retried.trial["metrics"] == {"default": 0.25, "helpers": 1}


def test_without_retries_the_sweep_fails_and_says_why(tmp_path: Path) -> None:
    failed = Outcome(tmp_path, "+trial.environment.DIES=9")

    assert failed.ran.returncode == 1
    assert failed.trial["state"] == "failed"
    assert "role `helper` rank 0: exit code 7" in failed.ran.stderr
    assert failed.survivors == []


def test_a_waiting_role_is_stopped_when_the_reporting_role_ends(tmp_path: Path) -> None:
    ended = Outcome(tmp_path, helpers=3)

    assert ended.ran.returncode == 0, ended.ran.stderr
    assert ended.trial["metrics"]["helpers"] == 3
    assert ended.survivors == []
