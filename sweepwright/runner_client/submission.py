"""The submission of a job: JSON that a dry run can print."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ..contracts import Command, Entry, Job, PythonFile, PythonModule, Role, Workspace
from ..events import Json
from ..jobs import THREAD_VARIABLES
from ..runner.fork_server import checkpoint
from ..runner.report_fifo import REPORTS

_READ_AT_START = (
    *("PYTHON", "LD_", "DYLD_", "LC_", "LANG", "HOME", "TMP", "TEMP"),
    *("MALLOC_", "GLIBC_"),
)
"""Prefixes of the variables that an interpreter, or the library of C, reads only at its start."""
_READ_BY_LIBRARIES = (
    *("OMP_", "KMP_", "GOMP_", "MKL_", "OPENBLAS_", "NUMEXPR_"),
    *THREAD_VARIABLES,
)
"""Prefixes of those that numerical libraries read only while they are imported."""
# Libraries of macOS start hidden threads, and abort in a forked child.
_FORKING_IS_SAFE = sys.platform != "darwin"


class Renderer:
    """Renders the submissions of one sweep; each submission depends only on this and the job."""

    def __init__(self, workspace: Workspace, cpus: float, python: str) -> None:
        self._trials = str((workspace.folder / "trials").absolute())
        self._reports = str((workspace.folder / REPORTS).absolute())
        self._here = Path.cwd()
        self._python = python
        self._threads = max(1, int(cpus // workspace.concurrency))
        self._given = dict(os.environ)

    def render(self, job: Job) -> Json:
        """Describe the processes of a job, and the interpreter that starts them."""
        source = job.inherits
        folder = self._attempt(job.trial, job.attempt)
        interpreter = self._interpreter_environment(job)
        return {
            "interpreter": {
                "python": self._python,
                "preload": list(job.preload),
                "prestart": not (job.fork_safe and _FORKING_IS_SAFE),
                "environment": interpreter,
            },
            "time_limit": job.time_limit,
            "folder": str(self._here / job.folder),
            "files": list(job.files),
            "attempt_folder": folder,
            "reports": f"{self._reports}/{job.name}",
            "inherited": f"{self._attempt(source.trial, source.attempt)}/{checkpoint.COMPLETE}"
            if source
            else None,
            "environment": {
                **job.environment,
                "SWEEPWRIGHT_CHECKPOINTS": f"{folder}/{checkpoint.UNFINISHED}",
                "SWEEPWRIGHT_TENSORBOARD": f"{folder}/tensorboard",
            },
            "processes": [
                self._process(job, role, rank, interpreter)
                for role in job.roles
                for rank in range(role.replicas)
            ],
        }

    def _attempt(self, trial: int, attempt: int) -> str:
        return f"{self._trials}/{trial}/{attempt}"

    def _process(self, job: Job, role: Role, rank: int, interpreter: Mapping[str, str]) -> Json:
        # Without a reporting role the job waits for all processes.
        reporting = any(other.reports for other in job.roles)
        reports = role.reports and rank == 0
        target = {"SWEEPWRIGHT_REPORTS": f"file:{self._reports}/{job.name}"} if reports else {}
        memory = role.resources.get("memory")
        threads = self._thread_environment(job.environment, role)
        return {
            "role": role.name,
            "rank": rank,
            "entry": _entry(role.entry),
            "prologue": None if isinstance(role.entry, Command) else job.prologue,
            "environment": {
                **threads,
                **role.environment,
                "SWEEPWRIGHT_ROLE": role.name,
                "SWEEPWRIGHT_RANK": str(rank),
                **target,
            },
            "wiring": dict(job.rendezvous[role.name][rank]) if role.name in job.rendezvous else {},
            "resources": dict(role.resources),
            "memory": int(memory) if memory else None,
            "decides": role.reports or not reporting,
            "own_interpreter": self._own_interpreter(job, role, threads, interpreter),
        }

    def _interpreter_environment(self, job: Job) -> dict[str, str]:
        """Select the variables that the interpreter or its libraries read only at their start."""
        threads = self._thread_environment(job.environment, job.roles[0]) if job.roles else {}
        early = {k: v for k, v in job.environment.items() if k.startswith(_read_early(job))}
        return {**threads, **early}

    def _own_interpreter(
        self, job: Job, role: Role, threads: Mapping[str, str], known: Mapping[str, str]
    ) -> dict[str, str]:
        """Select the variables of a role that the interpreter of the job has read otherwise.

        If there are any, processes of the role cannot be forked from that interpreter.
        """
        given = {**threads, **role.environment}
        early = _read_early(job) if job.preload else _READ_AT_START
        return {
            name: value
            for name, value in given.items()
            if name.startswith(early) and known.get(name, self._given.get(name)) != value
        }

    def _thread_environment(self, given: Mapping[str, str], role: Role) -> dict[str, str]:
        """Limit a process's threads to its share of the CPUs, unless the user sets a limit."""
        if any(name in known for name in THREAD_VARIABLES for known in (given, self._given)):
            return {}
        threads = max(1, int(role.resources.get("cpu", self._threads)))
        return dict.fromkeys(THREAD_VARIABLES, str(threads))


def _read_early(job: Job) -> tuple[str, ...]:
    return (*_READ_AT_START, *_READ_BY_LIBRARIES, *job.read_on_import)


def _entry(entry: Entry) -> Json:
    match entry:
        case PythonFile(path, arguments):
            return {"file": path, "arguments": list(arguments)}
        case PythonModule(name, arguments):
            return {"module": name, "arguments": list(arguments)}
        case Command(argv):
            return {"command": list(argv)}
