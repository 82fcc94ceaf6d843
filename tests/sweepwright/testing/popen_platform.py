"""A plain platform of processes that keeps its contract, and ways to break it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from sweepwright.contracts import (
    Ended,
    Job,
    JobEvent,
    Launched,
    Output,
    PlatformProvider,
    PythonFile,
    Role,
    Workspace,
)
from sweepwright.events import CheckpointRef, Failure, FailureKind, Json
from tests.sweepwright.testing.options import NoOptions

MARK = "POPEN_PLATFORM_JOB"


@dataclass
class Running:
    job: Job
    processes: dict[tuple[str, int], subprocess.Popen[bytes]]
    folder: Path
    deadline: float
    read: int = 0
    cancelled: bool = False


class Processes:
    """Runs each process of a job by `subprocess`, and knows its descendants by a variable."""

    def __init__(self, _options: NoOptions, workspace: Workspace) -> None:
        self.folder = workspace.folder
        self.known: set[str] = set()
        self.running: dict[str, Running] = {}
        self.seen: list[JobEvent] = []

    def render(self, job: Job) -> Json:
        return {
            f"{role.name}{rank}": {"argv": self.argv(role), "env": self.variables(job, role, rank)}
            for role in job.roles
            for rank in range(role.replicas)
        }

    def argv(self, role: Role) -> list[str]:
        assert isinstance(role.entry, PythonFile)
        return [sys.executable, role.entry.path]

    def variables(self, job: Job, role: Role, rank: int) -> dict[str, str]:
        variables = {
            **job.environment,
            **role.environment,
            MARK: f"{os.getpid()}/{job.name}",
            "SWEEPWRIGHT_ROLE": role.name,
            "SWEEPWRIGHT_RANK": str(rank),
            "SWEEPWRIGHT_REPORTS": f"file:{self.reports(job, role, rank)}",
            "SWEEPWRIGHT_CHECKPOINTS": str(self.checkpoint(CheckpointRef(job.trial, job.attempt))),
        }
        inherited = (
            {"SWEEPWRIGHT_INHERITED": str(self.checkpoint(job.inherits))} if (job.inherits) else {}
        )
        return {**variables, **inherited}

    def reports(self, job: Job, role: Role, rank: int) -> str:
        return (
            str(self.folder / f"{job.name}.reports") if role.reports and not rank else os.devnull
        )

    def checkpoint(self, source: CheckpointRef) -> Path:
        return self.folder / f"checkpoint-{source.trial}-{source.attempt}"

    def launch(self, job: Job, submission: Json) -> None:
        if job.name in self.known:
            return
        self.known.add(job.name)
        (self.folder / f"{job.name}.reports").touch()
        processes = {
            (role.name, rank): self.start(submission[f"{role.name}{rank}"])
            for role in job.roles
            for rank in range(role.replicas)
        }
        deadline = time.monotonic() + (1e9 if job.time_limit is None else job.time_limit)
        self.running[job.name] = Running(job, processes, self.folder, deadline)
        self.seen.append(Launched(job.name, None))

    def start(self, described: Json) -> subprocess.Popen[bytes]:
        with (self.folder / "stdout").open("a") as out:
            return subprocess.Popen(
                described["argv"],
                env={**os.environ, **described["env"]},
                stdout=out,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        until = time.monotonic() + seconds
        while True:
            for running in list(self.running.values()):
                self.seen += self.look(running)
            if self.seen or time.monotonic() >= until:
                seen, self.seen = self.seen, []
                return seen
            time.sleep(0.01)

    def look(self, running: Running) -> Iterator[JobEvent]:
        done, failure = self.verdict(running)
        if done:
            self.kill_rest(running, failure)
        yield from self.output(running)
        if done:
            del self.running[running.job.name]
            yield Ended(running.job.name, failure)

    def verdict(self, running: Running) -> tuple[bool, Failure | None]:
        if running.cancelled:
            return True, Failure(FailureKind.KILLED, "cancelled")
        if time.monotonic() >= running.deadline:
            return True, Failure(FailureKind.TIMEOUT, "ran over its limit")
        for process in running.processes.values():
            if process.poll():
                return True, explain(process)
        decisive = [role.name for role in running.job.roles if role.reports]
        codes = [p.poll() for (role, _), p in running.processes.items() if role in decisive]
        return all(code == 0 for code in codes), None

    def output(self, running: Running) -> Iterator[JobEvent]:
        with (self.folder / f"{running.job.name}.reports").open("rb") as file:
            file.seek(running.read)
            for line in file.read().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    running.read += len(line)
                    yield Output(running.job.name, line.decode().rstrip(), running.read)

    def kill_rest(self, running: Running, failure: Failure | None) -> None:  # noqa: ARG002
        self.kill(running)

    def kill(self, running: Running) -> None:
        kill_marked(f"{os.getpid()}/{running.job.name}")
        for process in running.processes.values():
            process.wait()
            if process.stderr:
                process.stderr.close()

    def cancel(self, job: str) -> None:
        if job in self.running:
            self.running[job].cancelled = True

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:  # noqa: ARG002
        return False

    def close(self) -> None:
        for running in self.running.values():
            self.kill(running)
        self.running.clear()


def explain(process: subprocess.Popen[bytes]) -> Failure:
    assert process.stderr
    said = process.stderr.read().decode().strip().splitlines()
    if said:
        return Failure(FailureKind.ERROR, said[-1])
    return Failure(FailureKind.EXIT, f"exit code {process.returncode}")


def kill_marked(mark: str) -> None:
    """Kill whatever carries a mark in its environment, until nothing does."""
    while alive := [p for p in psutil.process_iter() if mark_of(p).startswith(mark)]:
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=0.1)


def mark_of(process: psutil.Process) -> str:
    try:
        dead = process.status() == psutil.STATUS_ZOMBIE
        return "" if dead else process.environ().get(MARK, "")
    except psutil.Error:
        return ""


class KillsTheLeader(Processes):
    def kill(self, running: Running) -> None:
        for process in running.processes.values():
            process.kill()


class KillsTheGroup(Processes):
    """Forgets those who formed a session of their own."""

    def kill(self, running: Running) -> None:
        for process in running.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, 9)


class LeavesTheDaemons(Processes):
    def kill_rest(self, running: Running, failure: Failure | None) -> None:
        if failure:
            super().kill_rest(running, failure)


class LetsRolesLive(Processes):
    def kill_rest(self, running: Running, failure: Failure | None) -> None:
        if failure is None or len(running.processes) == 1:
            super().kill_rest(running, failure)


class ClosesItsEyes(Processes):
    def close(self) -> None:
        self.running.clear()


class StartsTwice(Processes):
    def launch(self, job: Job, submission: Json) -> None:
        self.known.clear()
        super().launch(job, submission)


class ReadsLittle(Processes):
    def output(self, running: Running) -> Iterator[JobEvent]:
        if running.read < 100_000:
            yield from super().output(running)


class ForgetsTheRolesWords(Processes):
    def variables(self, job: Job, role: Role, rank: int) -> dict[str, str]:
        return super().variables(job, replace(role, environment={}), rank)


class HearsEverybody(Processes):
    def reports(self, job: Job, role: Role, rank: int) -> str:  # noqa: ARG002
        return str(self.folder / f"{job.name}.reports")


class GivesADescriptor(Processes):
    """Its reports go to a descriptor, which `subprocess` closes in the children of a trial."""

    def start(self, described: Json) -> subprocess.Popen[bytes]:
        variables = described["env"]
        path = variables["SWEEPWRIGHT_REPORTS"].removeprefix("file:")
        with Path(path).open("ab") as reports:
            number = reports.fileno()
            return subprocess.Popen(
                described["argv"],
                env={**os.environ, **variables, "SWEEPWRIGHT_REPORTS": f"fd:{number}"},
                stderr=subprocess.PIPE,
                start_new_session=True,
                pass_fds=[number],
            )


class KeepsNoCheckpoint(Processes):
    def checkpoint(self, source: CheckpointRef) -> Path:
        return self.folder / f"checkpoint-{source.trial}-{source.attempt}-{time.monotonic_ns()}"


class RaisesAtLaunch(Processes):
    def argv(self, role: Role) -> list[str]:
        assert isinstance(role.entry, PythonFile)
        if not Path(role.entry.path).exists():
            raise FileNotFoundError(role.entry.path)
        return super().argv(role)


CAUGHT_BY: Mapping[type[Processes], str] = {
    KillsTheLeader: "test_cancel_ends_every_descendant",
    KillsTheGroup: "test_time_limit_ends_every_descendant",
    LeavesTheDaemons: "test_a_good_end_leaves_nothing_behind",
    LetsRolesLive: "test_roles_die_together",
    ClosesItsEyes: "test_close_leaves_no_process",
    StartsTwice: "test_a_name_runs_once",
    ReadsLittle: "test_much_output_does_no_harm",
    ForgetsTheRolesWords: "test_each_process_knows_its_place",
    HearsEverybody: "test_one_process_reports",
    GivesADescriptor: "test_descendants_report",
    KeepsNoCheckpoint: "test_a_checkpoint_is_inherited",
    RaisesAtLaunch: "test_a_job_that_cannot_start_is_reported",
}
"""Each broken platform with the check that is meant for it."""


def offer(kind: type[Processes]) -> PlatformProvider[NoOptions]:
    return PlatformProvider(kind.__name__, NoOptions, kind)
