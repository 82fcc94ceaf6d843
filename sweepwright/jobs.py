"""Jobs, which platforms run, and the events that platforms report about jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from .events import CheckpointRef, Failure, Json

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
)
"""Environment variables that limit the threads of numerical libraries."""


@dataclass(frozen=True, slots=True)
class PythonFile:
    """Runs a Python file as ``__main__``."""

    path: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PythonModule:
    """Runs a module as ``python -m`` does."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """Runs a program of any language, without a shell."""

    argv: tuple[str, ...]


Entry: TypeAlias = PythonFile | PythonModule | Command


class Capability(StrEnum):
    """A feature of jobs that only some platforms can run."""

    PYTHON = "Python code"
    PROGRAMS = "programs of any language"
    ROLES = "several roles"


@dataclass(frozen=True, slots=True)
class Role:
    """A part of a trial: `replicas` processes of one entry."""

    name: str
    entry: Entry
    replicas: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, float] = field(default_factory=dict)
    """Amount of each resource that one replica needs: ``cpu``, ``gpu``, ``memory`` in bytes."""
    reports: bool = True
    """Whether rank 0 of this role reports metrics; exactly one role of a job does."""


@dataclass(frozen=True, slots=True)
class TrialCode:
    """The code of a sweep's trials, as the configuration describes it."""

    name: str
    roles: tuple[Role, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "."
    """Working directory of every process; relative paths are relative to this folder."""
    structure: tuple[str, ...] = ()
    """Parameters that fix the shape of a checkpoint, such as the width of a layer."""
    kind: str | None = None
    """Kubeflow's kind of the trial's jobs, as in `Job.kind`."""


@dataclass(frozen=True, slots=True)
class Job:
    """The processes of one attempt, which start and end together.

    A job succeeds when every process of its reporting role has succeeded; its other processes are
    then stopped. A job fails as soon as any of its processes fails.
    """

    name: str
    roles: tuple[Role, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "."
    files: tuple[str, ...] = ()
    """Files and folders that the job needs, relative to `folder`."""
    preload: tuple[str, ...] = ()
    """Modules to import once, before trials start."""
    fork_safe: bool = True
    """Whether a process that has imported `preload` may be forked."""
    read_on_import: tuple[str, ...] = ()
    """Prefixes of the environment variables that the preloaded modules read only while they are
    imported. Jobs that differ in such a variable cannot share preloaded modules."""
    prologue: str | None = None
    """Function that each Python process calls right before its entry, for example to seed a
    library; written as ``package.module:function``."""
    time_limit: float | None = None
    """Number of seconds after which the platform ends the job."""
    trial: int = 0
    attempt: int = 1
    inherits: CheckpointRef | None = None
    kind: str | None = None
    """Kubeflow's kind of this job, such as ``PyTorchJob``."""
    rendezvous: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    """Mapping from role to one set of variables per rank, by which a process finds its peers. The
    variables contain placeholders for addresses (see `sweepwright.rendezvous`), which the platform
    fills in. A cluster that has an operator for this `kind` sets its own variables instead."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job waits for what it lacks; the platform keeps the job, and goes on with it by itself.

    `wants` names what the job lacks: a resource that other jobs use, such as ``1 gpu``, or a
    resource that the machine refuses, such as ``space on the disk of /data``. A job waits no
    longer once it is launched or ends, or if `wants` is empty.
    """

    job: str
    wants: str
    refusal: str = ""
    """The system's reason if the machine refuses, such as ``No space left on device``; empty if
    other jobs use the resource."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A job cannot run, for a reason that is not its own and that waiting does not remove.

    Examples: the disk has become read-only, the sweep's folder has vanished. No process of the job
    is left, and its name may be launched again. The driver launches no further job and ends its
    session; the attempt uses up no retry, and a resume runs it.
    """

    job: str
    reason: str


@dataclass(frozen=True, slots=True)
class Launched:
    """A job runs; `handle` is the platform's own name for the job, which `reattach` receives.

    If jobs run on several machines, `handle` names the machine for users, see `machines_of`.
    """

    job: str
    handle: Json = None


def machines_of(handle: Json) -> Sequence[str]:
    """List the machines that a job's handle names, each once; none if it names none.

    A handle names a machine under the key ``machine``. If processes of the job are spread, each of
    its ``parts`` does so too.
    """
    match handle:
        case {"machine": str(), "parts": [*parts]}:
            names = (name for part in parts for name in machines_of(part))
            return list(dict.fromkeys(names))
        case {"machine": str(machine)}:
            return [machine]
    return []


@dataclass(frozen=True, slots=True)
class Output:
    """A job wrote a line to its reports; `cursor` is the position after this line in its log."""

    job: str
    line: str
    cursor: Json = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A job and all its processes have ended; the job has succeeded if `failure` is None.

    A `failure` is a fact about the job itself. What the machine refuses is `Waiting` or `Refused`.
    """

    job: str
    failure: Failure | None = None


JobEvent: TypeAlias = Launched | Waiting | Output | Ended | Refused
"""Event of a job. The events of a job come in the order `Launched`, any number of `Output`,
`Ended`. `Waiting` may come before `Launched`; after it if the job's machine cannot be reached; and
before `Ended` if the machine refuses what a finished job still needs, such as space to keep its
checkpoint. `Refused` may come instead of
`Ended`, also without `Launched`."""
