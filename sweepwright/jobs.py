"""What platforms run: jobs of one or more roles, each of which has an entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from .events import CheckpointRef

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
)
"""Environment variables by which libraries learn how many threads they may have."""


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
    """What a platform may be able to do for a job."""

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
    """How much of each named resource one replica needs: ``cpu``, ``memory`` in bytes, ``gpu``."""
    reports: bool = True
    """Whether this role's rank 0 reports metrics; one role of a job does."""


@dataclass(frozen=True, slots=True)
class TrialCode:
    """The code of a sweep's trials, as the configuration names it."""

    name: str
    roles: tuple[Role, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "."
    """Working directory of every process, and what relative paths are relative to."""
    structure: tuple[str, ...] = ()
    """Parameters on which a checkpoint depends, such as the size of a layer."""


@dataclass(frozen=True, slots=True)
class Job:
    """A runnable thing: every process of one attempt, which live and die together.

    It ends well once every process of its reporting role has, and whatever else of it still
    runs is stopped then. It fails with the first process that does.
    """

    name: str
    roles: tuple[Role, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "."
    files: tuple[str, ...] = ()
    """Files and folders that must be there, relative to `folder`."""
    preload: tuple[str, ...] = ()
    """Modules worth importing before the trial starts."""
    fork_safe: bool = True
    """Whether a process that imported `preload` may be forked."""
    read_on_import: tuple[str, ...] = ()
    """How the names of those variables in `environment` begin that `preload` reads as it is
    imported, and never again."""
    prologue: str | None = None
    """A function, as in ``package.module:function``, that each Python process calls right before
    its entry, to set up what it has imported."""
    time_limit: float | None = None
    """Seconds from start until the whole job is ended."""
    trial: int = 0
    attempt: int = 1
    inherits: CheckpointRef | None = None
    kind: str | None = None
    """What Kubeflow calls a job of several roles that find one another so: ``PyTorchJob``."""
    rendezvous: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    """By role, for each rank, the variables by which it finds the others. Where they need
    addresses, placeholders stand (see `sweepwright.rendezvous`), which a platform fills in, unless
    it has somebody who wires jobs of this `kind`."""
