"""The submission of a job: JSON that a dry run can print and an engine can run.

A submission for this machine has absolute paths. In one for other machines, paths of the sweep are
relative to its folder there, and ``folder`` and the files of entries are relative to the folder
with the code. The other machine completes it: it makes paths absolute, and adds its interpreter.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ..contracts import Command, Entry, Job, PythonFile, PythonModule, Role, Workspace
from ..events import Json
from ..jobs import THREAD_VARIABLES
from ..runner.fork_server import checkpoint
from ..runner.report_fifo import REPORTS

_READ_AT_START = (
    *("PYTHON", "LD_", "DYLD_", "LC_", "LANG", "HOME", "TMP", "TEMP"),
    *("MALLOC_", "GLIBC_"),
)
"""Prefixes of the variables that an interpreter or the C library reads only at its start."""
_READ_BY_LIBRARIES = (
    *("OMP_", "KMP_", "GOMP_", "MKL_", "OPENBLAS_", "NUMEXPR_"),
    *THREAD_VARIABLES,
)
"""Prefixes of the variables that numerical libraries read only while they are imported."""
# Libraries of macOS start hidden threads, and abort in a forked child.
_FORKING_IS_SAFE = sys.platform != "darwin"


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders the submissions of one sweep; each submission depends only on this and the job."""

    sweep: str
    """Prefix of paths in the sweep's folder."""
    here: Path | None
    """The folder to which folders of jobs are relative; None if jobs run on other machines."""
    python: str | None
    threads: int
    """Number of threads of a process that does not request CPUs."""
    forking_is_safe: bool = True
    given: Mapping[str, str] = field(default_factory=dict)
    """Variables that every interpreter inherits, as far as they are known."""

    @classmethod
    def for_this_machine(cls, workspace: Workspace, cpus: float, python: str) -> Self:
        """Return a renderer for jobs that share the CPUs of this machine."""
        threads = max(1, int(cpus // workspace.concurrency))
        sweep = f"{workspace.folder.absolute()}/"
        return cls(sweep, Path.cwd(), python, threads, _FORKING_IS_SAFE, dict(os.environ))

    @classmethod
    def for_other_machines(cls, threads: int) -> Self:
        """Return a renderer for machines that share nothing with this one."""
        return cls("", None, None, threads)

    def render(self, job: Job) -> Json:
        """Describe the processes of a job, and the interpreter that starts them."""
        source = job.inherits
        folder = self._attempt(job.trial, job.attempt)
        interpreter = self._interpreter_environment(job)
        return {
            "interpreter": {
                "python": self.python,
                "preload": list(job.preload),
                "prestart": not (job.fork_safe and self.forking_is_safe),
                "environment": interpreter,
            },
            "time_limit": job.time_limit,
            "folder": str(self.here / job.folder) if self.here else ".",
            "files": list(job.files),
            "attempt_folder": folder,
            "reports": self._pipe(job),
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

    def _pipe(self, job: Job) -> str:
        return f"{self.sweep}{REPORTS}/{job.name}"

    def _attempt(self, trial: int, attempt: int) -> str:
        return f"{self.sweep}trials/{trial}/{attempt}"

    def _process(self, job: Job, role: Role, rank: int, interpreter: Mapping[str, str]) -> Json:
        # Without a reporting role the job waits for all processes.
        reporting = any(other.reports for other in job.roles)
        reports = role.reports and rank == 0
        target = {"SWEEPWRIGHT_REPORTS": f"file:{self._pipe(job)}"} if reports else {}
        memory = role.resources.get("memory")
        threads = self._thread_environment(job.environment, role)
        return {
            "role": role.name,
            "rank": rank,
            "entry": _entry(role.entry if self.here else _portable(role.entry, job.folder)),
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
            if name.startswith(early) and known.get(name, self.given.get(name)) != value
        }

    def _thread_environment(self, given: Mapping[str, str], role: Role) -> dict[str, str]:
        """Limit a process's threads to its share of the CPUs, unless the user sets a limit."""
        if any(name in known for name in THREAD_VARIABLES for known in (given, self.given)):
            return {}
        threads = max(1, int(role.resources.get("cpu", self.threads)))
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


def _portable(entry: Entry, folder: str) -> Entry:
    """Return an entry whose absolute paths in a folder are relative to it."""
    match entry:
        case PythonFile(path, arguments):
            return PythonFile(_relative(path, folder), arguments)
        case PythonModule():
            return entry
        case Command(argv):
            program, *words = (_relative(word, folder) for word in argv)
            # Without a slash, a program is searched for on PATH.
            moved = program != argv[0] and "/" not in program
            return Command((f"./{program}" if moved else program, *words))


def _relative(path: str, folder: str) -> str:
    if not path.startswith("/"):
        return path
    # The folder may be given by a link; a link inside the folder is sent as a link.
    for place in (Path.cwd() / folder, Path(folder).resolve()):
        for name in (Path(path), Path(path).resolve()):
            if name.is_relative_to(place):
                return str(name.relative_to(place))
    return path
