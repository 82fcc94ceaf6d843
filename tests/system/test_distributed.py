"""Trials of several processes that train one network, one of whose workers is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from sweepwright.events import Reported, Started, StudyEvent
from tests.core.recorded_sweeps import read_events
from tests.optional_packages import require

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 150
STRUCK = 1
"""The trial whose worker is killed in its first attempt."""


class Struck:
    """A sweep of three trials on digits, with a blow to one of them."""

    def __init__(self, experiment: str, store: Path, worker: int) -> None:
        self._store = store
        command = [
            *(sys.executable, str(ROOT / "run.py"), f"+experiment={experiment}"),
            *(f"store.path={store}", "max_trials=3", "budget.maximum=8"),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sweep:
            try:
                self.pids = self._wait_for(STRUCK)
                os.kill(self.pids[worker], signal.SIGKILL)
                self.printed, _ = sweep.communicate(timeout=PATIENCE_SECONDS)
            finally:
                sweep.kill()
        self.exit_code = sweep.returncode

    @property
    def trials(self) -> list[dict[str, Any]]:
        export = [sys.executable, str(ROOT / "run.py"), "export", f"store.path={self._store}"]
        ran = subprocess.run([*export, "--format", "jsonl"], capture_output=True, check=True)
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def _wait_for(self, trial: int) -> list[int]:
        """Wait until a trial has reported; return the processes of its first attempt."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            events = [event for event in self._events() if event.trial.number == trial]
            if any(isinstance(event, Reported) for event in events):
                [handle] = [event.handle for event in events if isinstance(event, Started)]
                pids: list[int] = handle["pids"]
                return pids
            time.sleep(0.05)
        raise TimeoutError(f"trial {trial} has not reported")

    def _events(self) -> Iterator[StudyEvent]:
        for journal in self._store.glob("[!.]*/journal.sqlite"):
            yield from (entry.event for entry in read_events(journal.parent))


@pytest.mark.ci_only
@pytest.mark.parametrize(
    ("library", "experiment", "processes", "worker"),
    [
        ("torch", "mnist_distributed_pytorch", 2, "role `worker` rank 0"),
        ("tensorflow", "mnist_distributed_tf", 4, "role `worker` rank 1"),
    ],
)
def test_a_killed_worker_fails_its_attempt_which_is_retried(
    tmp_path: Path, library: str, experiment: str, processes: int, worker: str
) -> None:
    require(library)
    struck = Struck(experiment, tmp_path / "sweeps", worker=-1)

    assert struck.exit_code == 0, struck.printed
    assert len(struck.pids) == processes
    assert f"trial {STRUCK} retrying: {worker}: killed by SIGKILL" in " ".join(
        struck.printed.split()
    )
    assert [(trial["state"], trial["attempts"]) for trial in struck.trials] == [
        ("measured", 2 if trial == STRUCK else 1) for trial in range(3)
    ]
    assert not any(map(psutil.pid_exists, struck.pids))
