"""An engine that runs small programs; it needs nothing but the runner, as on another machine."""

import sys
import time
from pathlib import Path
from typing import Any

from sweepwright.runner.capacity import Capacity
from sweepwright.runner.engine import Engine
from sweepwright.runner.settings import Settings

PATIENCE_SECONDS = 60.0


class EngineHarness:
    """Launches jobs on an engine, and records its events."""

    def __init__(self, folder: Path, cpus: float = 2.0) -> None:
        self.folder = folder
        self.engine = Engine(Settings(str(folder), Capacity(cpus), session="harness"))
        self.seen: list[dict[str, Any]] = []

    def launch(self, name: str, *programs: str, **changes: Any) -> None:
        """Launch a job with a process for each program."""
        processes = [self.process(name, rank, text) for rank, text in enumerate(programs)]
        submission = {
            "interpreter": {
                "python": sys.executable,
                "preload": [],
                "prestart": False,
                "environment": {},
            },
            "time_limit": None,
            "folder": str(self.folder),
            "files": [],
            "attempt_folder": str(self.folder / "trials" / name / "1"),
            "reports": str(self.folder / "reports" / name),
            "inherited": None,
            "environment": {"SWEEPWRIGHT_TRIAL": '{"sweep": "s", "assignment": {"x": 1}}'},
            "processes": processes,
        }
        self.engine.launch(name, {**submission, **changes})

    def process(self, name: str, rank: int, text: str, **changes: Any) -> dict[str, Any]:
        """Describe a process that runs the text of a Python program."""
        path = self.folder / f"{name}-{rank}.py"
        path.write_text(text)
        process = {
            "role": "main",
            "rank": rank,
            "entry": {"file": str(path), "arguments": []},
            "prologue": None,
            "environment": {
                "SWEEPWRIGHT_RANK": str(rank),
                "SWEEPWRIGHT_REPORTS": f"file:{self.folder / 'reports' / name}",
                "SWEEPWRIGHT_CHECKPOINTS": str(
                    self.folder / "trials" / name / "1" / "checkpoint.part"
                ),
            },
            "wiring": {},
            "resources": {},
            "memory": None,
            "decides": True,
            "own_interpreter": {},
        }
        return {**process, **changes}

    def wait(self, event: str, name: str, count: int = 1) -> dict[str, Any]:
        """Poll until a job has had an event for the given time, and return it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found := self.of(event, name)) < count:
            assert time.monotonic() < deadline, f"in vain; seen so far: {self.seen[-10:]}"
            self.seen += self.engine.poll(0.1)
        return found[count - 1]

    def of(self, event: str, name: str) -> list[dict[str, Any]]:
        """Return the events of one kind that a job has had."""
        return [seen for seen in self.seen if (seen["event"], seen["job"]) == (event, name)]

    def printed(self, name: str, rank: int = 0) -> str:
        """Return what a process has printed."""
        return (self.folder / "trials" / name / "1" / f"main-{rank}.stdout").read_text()
