"""A harness that runs small programs on the local platform."""

import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

from sweepwright.contracts import (
    Ended,
    Entry,
    Job,
    JobEvent,
    Launched,
    Output,
    PythonFile,
    Refused,
    Role,
    Waiting,
    Workspace,
)
from sweepwright.events import Attempt, Failure, Trial
from sweepwright.plugins.platforms.local import LocalOptions, sweep_platforms
from sweepwright.protocol import describe_attempt

PATIENCE_SECONDS = 60.0
"""A server may import TensorFlow while other tests keep the machine busy."""


class LocalHarness:
    """Launches programs on the local platform and records its events."""

    def __init__(self, folder: Path, options: LocalOptions, concurrency: int) -> None:
        [provider] = sweep_platforms()
        self.folder = folder
        self.platform: Any = provider.build(options, Workspace("harness", folder, concurrency))
        self.seen: list[JobEvent] = []
        self._jobs = 0

    def file(self, code: str, name: str = "trial") -> PythonFile:
        """Write the source of a program to a Python file."""
        path = self.folder / f"{name}{self._jobs}.py"
        path.write_text(dedent(code))
        return PythonFile(str(path))

    def job(self, program: str | Entry | tuple[Role, ...], **changes: Any) -> Job:
        """Make a job from a program's source, an entry, or roles."""
        number = changes.setdefault("trial", self._jobs)
        entry = self.file(program) if isinstance(program, str) else program
        roles = entry if isinstance(entry, tuple) else (Role("main", entry),)
        self._jobs += 1
        attempt = Attempt("harness", Trial(number, {"x": 1}), changes.get("attempt", 1))
        environment = {"SWEEPWRIGHT_TRIAL": describe_attempt(attempt)}
        environment |= changes.pop("environment", {})
        folder = changes.pop("folder", str(self.folder))
        return Job(attempt.job, roles, environment, folder, **changes)

    def launch(self, program: str | Entry | tuple[Role, ...], **changes: Any) -> Job:
        """Launch a job."""
        job = self.job(program, **changes)
        self.platform.launch(job, self.platform.render(job))
        return job

    def run(self, program: str | Entry | tuple[Role, ...], **changes: Any) -> Failure | None:
        """Run a job to its end, and return its failure."""
        return self.end(self.launch(program, **changes))

    def end(self, job: Job) -> Failure | None:
        """Poll until a job has ended, and return its failure."""
        self.watch(lambda: bool(self.of(job, Ended) or self.of(job, Refused)))
        assert not self.of(job, Refused), "refused"
        return self.of(job, Ended)[0].failure

    def refused(self, program: str | Entry | tuple[Role, ...], **changes: Any) -> str:
        """Run a job that the machine refuses for good, and return the reason."""
        job = self.launch(program, **changes)
        self.watch(lambda: bool(self.of(job, Refused)))
        assert not self.of(job, Ended)
        reason: str = self.of(job, Refused)[0].reason
        return reason

    def start(self, job: Job) -> list[int]:
        """Poll until a job has reported, and return its process ids."""
        self.watch(lambda: bool(self.of(job, Output)))
        pids: list[int] = self.of(job, Launched)[0].handle["pids"]
        return pids

    def watch(self, until: Callable[[], bool]) -> None:
        """Poll until a condition holds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not until():
            assert time.monotonic() < deadline, f"in vain; seen so far: {self.seen[-10:]}"
            self.seen += self.platform.poll(0.1)

    def of(self, job: Job, kind: type[Any] = object) -> list[Any]:
        """Return the events of a job."""
        return [s for s in self.seen if s.job == job.name and isinstance(s, kind)]

    def lines(self, job: Job) -> list[str]:
        """Return the lines that a job reported."""
        return [output.line for output in self.of(job, Output)]

    def waits(self) -> list[tuple[str, str]]:
        """Return what jobs waited for."""
        return [(s.job, s.wants) for s in self.seen if isinstance(s, Waiting)]

    def printed(self, trial: int, stem: str = "main-0", attempt: int = 1) -> tuple[str, str]:
        """Read a process's stdout and stderr."""
        folder = self.folder / "trials" / str(trial) / str(attempt)
        stdout, stderr = (folder / f"{stem}.{name}" for name in ("stdout", "stderr"))
        return stdout.read_text(errors="replace"), stderr.read_text(errors="replace")
