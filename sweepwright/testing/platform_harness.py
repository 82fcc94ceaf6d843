"""A harness for platforms: launches scripts, polls, and records every event."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any
from zlib import crc32

from sweepwright.contracts import (
    AttemptRef,
    Ended,
    Entry,
    Job,
    JobEvent,
    Launched,
    Output,
    Platform,
    PythonFile,
    Refused,
    Role,
    Waiting,
)
from sweepwright.events import Attempt, Failure, Trial
from sweepwright.protocol import TrialLine, describe_attempt, read_line

from .scripts import SCRIPTS

POLL_SECONDS = 0.05


def sweep_of(folder: Path) -> str:
    """Return the id of the sweep whose files a suite keeps in a folder."""
    return f"suite{crc32(str(folder).encode()):08x}"


class PlatformHarness(AbstractContextManager["PlatformHarness"]):
    """Context manager that drives a platform step by step, and closes it at the end."""

    def __init__(self, platform: Platform, folder: Path, patience: float) -> None:
        self.platform = platform
        self.seen: list[JobEvent] = []
        """All events that the platform returned, in order."""
        self._folder = folder
        self._patience = patience
        self.sweep = sweep_of(folder)
        """Id of the sweep to which the jobs belong."""
        self._jobs = 0
        # All scripts are there from the start, because a platform may send the folder only once.
        for name, source in SCRIPTS.items():
            (folder / f"{name}.py").write_text(source, encoding="utf-8")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.platform.close()

    def job(self, script: str, **changes: Any) -> Job:
        """Make a job that runs a script in one role; `changes` replace fields of the job."""
        changes.setdefault("trial", self._jobs)
        self._jobs += 1
        number = changes.get("attempt", 1)
        attempt = Attempt(self.sweep, Trial(changes["trial"], {"x": 1}), number)
        environment = {
            "SWEEPWRIGHT_TRIAL": describe_attempt(attempt),
            **changes.pop("environment", {}),
        }
        roles = changes.pop("roles", (Role("main", self.entry(script)),))
        return Job(attempt.job, roles, environment, str(self._folder), **changes)

    def entry(self, script: str) -> Entry:
        """Return an entry that runs a script."""
        return PythonFile(str(self._folder / f"{script}.py"))

    def launch(self, script: str, **changes: Any) -> Job:
        """Launch a job that runs a script."""
        return self.start(self.job(script, **changes))

    def start(self, job: Job) -> Job:
        """Launch a job."""
        self.platform.launch(job, self.platform.render(job))
        return job

    def watch(self, until: Callable[[], bool]) -> None:
        """Poll until a condition holds; fail if it is still false after `patience` seconds."""
        deadline = time.monotonic() + self._patience
        while not until():
            assert time.monotonic() < deadline, f"timed out; last events: {self.seen[-20:]}"
            self.seen += self.platform.poll(POLL_SECONDS)

    def watch_to_end(self, *jobs: Job) -> None:
        """Poll until these jobs have ended, and a little longer to catch events after the end."""
        self.watch(lambda: all(self.endings(job) for job in jobs))
        for _ in range(3):
            self.seen += self.platform.poll(POLL_SECONDS)

    def watch_to_start(self, job: Job) -> None:
        """Poll until a job has written its first line."""
        self.watch(lambda: bool(self.outputs(job)))

    def of(self, job: Job) -> list[JobEvent]:
        """Return the events of a job."""
        return [event for event in self.seen if event.job == job.name]

    def launches(self, job: Job) -> list[Launched]:
        """Return the `Launched` events of a job; a correct platform reports exactly one."""
        return [event for event in self.of(job) if isinstance(event, Launched)]

    def outputs(self, job: Job) -> list[Output]:
        """Return the `Output` events of a job."""
        return [event for event in self.of(job) if isinstance(event, Output)]

    def endings(self, job: Job) -> list[Ended]:
        """Return the `Ended` events of a job; a correct platform reports exactly one."""
        return [event for event in self.of(job) if isinstance(event, Ended)]

    def waits(self, job: Job) -> list[Waiting]:
        """Return the `Waiting` events of a job."""
        return [event for event in self.of(job) if isinstance(event, Waiting)]

    def refusals(self, job: Job) -> list[Refused]:
        """Return the `Refused` events of a job."""
        return [event for event in self.of(job) if isinstance(event, Refused)]

    def reference(self, job: Job) -> AttemptRef:
        """Return the attempt of a job, by which its files are found."""
        handles = [event.handle for event in self.launches(job)]
        return AttemptRef(job.trial, job.attempt, job.name, handles[0] if handles else None)

    def lines(self, job: Job) -> list[TrialLine]:
        """Parse the reports of a job."""
        read = (read_line(output.line) for output in self.outputs(job))
        return [line for line in read if line]

    def failure(self, job: Job) -> Failure | None:
        """Return the failure of an ended job, or None if it succeeded."""
        assert self.endings(job), "it has not ended"
        return self.endings(job)[0].failure
