"""What platforms run: jobs of one or more roles, each of which has an entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from .events import Source


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
    time_limit: float | None = None
    """Seconds from start until the whole job is ended."""
    trial: int = 0
    attempt: int = 1
    inherits: Source | None = None
    kind: str | None = None
    """The kind of distributed job it is, such as ``pytorch`` or ``tensorflow``."""
