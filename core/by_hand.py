"""How a person would run a trial without any sweep, as a command to copy."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import join, quote
from typing import Any

from sweepwright.contracts import Command, Entry, Job, PythonFile, PythonModule, Role
from sweepwright.wire import dumps

from .secrecy import masked


def commands_by_hand(job: Job, assignment: Mapping[str, Any]) -> tuple[str, ...]:
    """Write a command for each role of a job; its reports are then printed."""
    return tuple(" ".join(_words(job, role, assignment)) for role in job.roles)


def _words(job: Job, role: Role, assignment: Mapping[str, Any]) -> Iterator[str]:
    if Path(job.folder).resolve() != Path.cwd():
        yield f"cd {quote(job.folder)} &&"
    given = masked({**job.environment, **role.environment})
    variables = {**given, "SWEEPWRIGHT_TRIAL": dumps({"assignment": assignment})}
    yield from (f"{name}={quote(value)}" for name, value in variables.items())
    yield join(_argv(role.entry))


def _argv(entry: Entry) -> tuple[str, ...]:
    match entry:
        case PythonFile(path, arguments):
            return (sys.executable, path, *arguments)
        case PythonModule(name, arguments):
            return (sys.executable, "-m", name, *arguments)
        case Command(argv):
            return argv
