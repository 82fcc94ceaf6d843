"""The stage on which a platform performs: it launches scripts and keeps all that is seen."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any
from zlib import crc32

from sweepwright.contracts import (
    Ended,
    Entry,
    Job,
    JobEvent,
    Launched,
    Output,
    Platform,
    PythonFile,
    Role,
)
from sweepwright.events import Attempt, Failure, Trial
from sweepwright.protocol import TrialLine, describe_attempt, read_line

from .scripts import SCRIPTS

POLL_SECONDS = 0.05


class Stage(AbstractContextManager["Stage"]):
    """Drives a platform by hand; closes it in the end."""

    def __init__(self, platform: Platform, folder: Path, patience: float) -> None:
        self.platform = platform
        self.seen: list[JobEvent] = []
        """All that the platform saw, in order."""
        self._folder = folder
        self._patience = patience
        self._sweep = f"suite{crc32(str(folder).encode()):08x}"
        self._jobs = 0

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.platform.close()

    def job(self, script: str, **changes: Any) -> Job:
        """Make a job of one role that runs a script, unless told otherwise."""
        changes.setdefault("trial", self._jobs)
        self._jobs += 1
        number = changes.get("attempt", 1)
        attempt = Attempt(self._sweep, Trial(changes["trial"], {"x": 1}), number)
        environment = {
            "SWEEPWRIGHT_TRIAL": describe_attempt(attempt),
            **changes.pop("environment", {}),
        }
        roles = changes.pop("roles", (Role("main", self.entry(script)),))
        return Job(attempt.job, roles, environment, str(self._folder), **changes)

    def entry(self, script: str) -> Entry:
        """Write a script out; return the entry that runs it."""
        path = self._folder / f"{script}.py"
        path.write_text(SCRIPTS[script], encoding="utf-8")
        return PythonFile(str(path))

    def launch(self, script: str, **changes: Any) -> Job:
        """Launch a job that runs a script."""
        return self.start(self.job(script, **changes))

    def start(self, job: Job) -> Job:
        """Launch a job."""
        self.platform.launch(job, self.platform.render(job))
        return job

    def watch(self, until: Callable[[], bool]) -> None:
        """Poll until something is so; complain when it does not come about."""
        deadline = time.monotonic() + self._patience
        while not until():
            assert time.monotonic() < deadline, f"in vain; seen so far: {self.seen[-20:]}"
            self.seen += self.platform.poll(POLL_SECONDS)

    def watch_to_end(self, *jobs: Job) -> None:
        """Poll until these jobs have ended, and a little longer."""
        self.watch(lambda: all(self.endings(job) for job in jobs))
        for _ in range(3):
            self.seen += self.platform.poll(POLL_SECONDS)

    def watch_to_start(self, job: Job) -> None:
        """Poll until a job has written its first line."""
        self.watch(lambda: bool(self.outputs(job)))

    def of(self, job: Job) -> list[JobEvent]:
        """Pick what was seen of a job."""
        return [event for event in self.seen if event.job == job.name]

    def launches(self, job: Job) -> list[Launched]:
        """Pick a job's launches, of which there should be one."""
        return [event for event in self.of(job) if isinstance(event, Launched)]

    def outputs(self, job: Job) -> list[Output]:
        """Pick the lines that a job wrote."""
        return [event for event in self.of(job) if isinstance(event, Output)]

    def endings(self, job: Job) -> list[Ended]:
        """Pick a job's ends, of which there should be one."""
        return [event for event in self.of(job) if isinstance(event, Ended)]

    def lines(self, job: Job) -> list[TrialLine]:
        """Read the reports of a job."""
        read = (read_line(output.line) for output in self.outputs(job))
        return [line for line in read if line]

    def failure(self, job: Job) -> Failure | None:
        """Return how a job failed, None when it ended well."""
        assert self.endings(job), "it has not ended"
        return self.endings(job)[0].failure
