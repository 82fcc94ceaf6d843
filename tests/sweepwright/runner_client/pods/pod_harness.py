"""Runs agents as processes of this machine, each with a folder that stands for its container."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sweepwright.contracts import Job, PythonFile, Role
from sweepwright.events import Attempt, Trial
from sweepwright.protocol import describe_attempt
from sweepwright.runner_client.code_archive import pack
from sweepwright.runner_client.code_listing import scan
from sweepwright.runner_client.kit import build_kit
from sweepwright.runner_client.pods.bootstrap import BOOTSTRAP
from sweepwright.runner_client.pods.environment import (
    POD,
    RANK,
    Addresses,
    ArchivedCode,
    PodInputs,
    gzipped,
    pod_environment,
)
from sweepwright.runner_client.pods.log_reader import Gap, Item, LogReader, Record, Text
from sweepwright.runner_client.submission import Renderer

SWEEP = "sweep-1"
PATIENCE = 60.0
REPORTS = """
import sys
import sweepwright as nni
print("hello")
print("oops", file=sys.stderr, flush=True)
nni.report_intermediate_result(0.5)
nni.report_final_result(nni.get_next_parameter().get("x", 1))
print("bye")
"""
"""A script that prints and reports."""


@dataclass
class Finished:
    """What is left of a container."""

    code: int
    log: bytes
    message: str
    items: list[Item] = field(default_factory=list)

    @property
    def events(self) -> list[Any]:
        """The events in the log."""
        return [item.event for item in self.items if isinstance(item, Record)]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the events in the log."""
        return [event["event"] for event in self.events]

    @property
    def text(self) -> bytes:
        """The text in the log."""
        return text_of(self.items)

    @property
    def failure(self) -> Any:
        """Why the job failed."""
        return self.events[-1]["failure"]


def reported(events: list[Any]) -> list[Any]:
    """Return the metrics that events report."""
    lines = [json.loads(event["line"]) for event in events if event["event"] == "output"]
    return [line["metrics"]["default"] for line in lines]


def text_of(items: Sequence[Item]) -> bytes:
    """Join text, which must have no gap."""
    pieces = []
    size = 0
    for item in items:
        assert not isinstance(item, Gap), item
        if isinstance(item, Text):
            assert item.at == size
            size += len(item.data)
            pieces.append(item.data)
    return b"".join(pieces)


class Pod:
    """A container that has not started yet."""

    def __init__(self, folder: Path, job: Job, role: Role, inputs: PodInputs) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.message = folder / "termination-log"
        self.message.touch()
        self.log = folder / "log"
        submission = Renderer.for_other_machines(1).render(job)
        self.environment = {
            POD: pod_environment(
                job,
                role,
                submission,
                replace(inputs, scratch=str(folder / "scratch"), termination=str(self.message)),
                SWEEP,
            )
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(
        self,
        python: str = sys.executable,
        rank: int = 0,
        wrapper: Sequence[str] = (),
        **variables: str,
    ) -> "subprocess.Popen[bytes]":
        """Start the container's command."""
        given = {
            k: v for k, v in os.environ.items() if not k.startswith(("SWEEPWRIGHT", "PYTHON"))
        }
        environment = {**given, **self.environment, RANK: str(rank), **variables}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*wrapper, python, "-c", BOOTSTRAP],
                env=environment,
                stdout=log,
                stderr=log,
                cwd="/",
            )
        return self.process

    def finish(self) -> Finished:
        """Wait for the end."""
        assert self.process is not None
        code = self.process.wait(PATIENCE)
        log = self.log.read_bytes()
        reader = LogReader()
        items = [*reader.feed(log), *reader.finish()]
        return Finished(code, log, self.message.read_text(), items)

    def run(
        self,
        python: str = sys.executable,
        rank: int = 0,
        wrapper: Sequence[str] = (),
        **variables: str,
    ) -> Finished:
        """Run the container to its end."""
        self.start(python, rank, wrapper, **variables)
        return self.finish()


class Cluster:
    """Makes containers that share one kit and one folder of code."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code = folder / "code"
        self.code.mkdir()
        self.kit = folder / "kit.tgz"
        self.kit.write_bytes(build_kit().data)
        self.files: str | None = None
        self.addresses: Any = None
        self._count = 0

    def inputs(self) -> PodInputs:
        """Pack the code, and return what is where."""
        with pack(scan(self.code)) as archive:
            path = self.folder / f"code-{archive.hash[:8]}.tgz"
            path.write_bytes(gzipped(archive))
            code = ArchivedCode(str(path), archive.hash, archive.size)
        return PodInputs(str(self.kit), build_kit().hash, code, "", self.files, self.addresses)

    def pod(self, job: Job, role: Role | None = None, **changes: Any) -> Pod:
        """Make a container for a role of a job."""
        self._count += 1
        return Pod(
            self.folder / f"pod-{self._count}",
            job,
            role or job.roles[0],
            replace(self.inputs(), **changes),
        )

    def job(
        self,
        script: str,
        environment: Mapping[str, str] | None = None,
        resources: Mapping[str, float] | None = None,
        **changes: Any,
    ) -> Job:
        """Return a job of one process that runs a script."""
        (self.code / "train.py").write_text(script)
        entry = PythonFile("train.py")
        role = Role("main", entry, environment=environment or {}, resources=resources or {})
        return job_of((role,), **changes)

    def use_addresses(self, host: str, port: str) -> None:
        """Tell processes how to find one another."""
        self.addresses = Addresses(host, port)

    @staticmethod
    def free_port() -> int:
        """Return a port that was free a moment ago."""
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            return int(found.getsockname()[1])

    @staticmethod
    def reader() -> LogReader:
        """Return a reader of a log."""
        return LogReader()

    def run(self, script: str, **changes: Any) -> Finished:
        """Run a script in a container."""
        return self.pod(self.job(script, **changes)).run()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.01)


def job_of(
    roles: tuple[Role, ...],
    trial: int = 0,
    attempt: int = 1,
    assignment: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Job:
    """Return a job of an attempt."""
    described = Attempt(SWEEP, Trial(trial, assignment or {}), attempt)
    environment = {"SWEEPWRIGHT_TRIAL": describe_attempt(described)}
    return Job(described.job, roles, environment, trial=trial, attempt=attempt, **changes)
