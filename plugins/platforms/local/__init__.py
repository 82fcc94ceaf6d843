"""The platform ``local``: trials are processes of this machine, started by a fork server."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweepwright.contracts import Platform, PlatformProvider, Workspace
from sweepwright.hooks import hookimpl
from sweepwright.runner.capacity import count_capacity


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """Options of ``platform=local``."""

    cpus: float | None = None
    """Number of CPUs that roles can request as ``cpu``; null for all available CPUs."""
    gpus: int | tuple[str, ...] | None = None
    """Number of GPUs to use, or their ids; null for all visible GPUs."""
    python: str | None = None
    """Interpreter of trials, Python 3.8 or newer; null for the interpreter of the sweep."""
    max_output_mib: int | None = 64
    """MiB to keep of each file with a process's output, whose middle is dropped; null for all."""


def _slots(options: LocalOptions) -> Mapping[str, float]:
    found = count_capacity(options.cpus, options.gpus)
    return {"cpu": found.cpus, "gpu": float(len(found.gpus)), "memory": found.memory}


def _python(options: LocalOptions) -> str:
    return options.python or sys.executable


def _build(options: LocalOptions, workspace: Workspace) -> Platform:
    # Imported here because `--help` does not need the code that controls processes.
    from .platform import Local  # noqa: PLC0415

    found = count_capacity(options.cpus, options.gpus)
    limit = None if options.max_output_mib is None else options.max_output_mib << 20
    return Local(found, _python(options), workspace, limit)


def _leftovers(_options: LocalOptions, folder: Path, sessions: Sequence[str], *, end: bool) -> int:
    from sweepwright.runner.leftovers import leftovers  # noqa: PLC0415 - as above

    return leftovers(folder, sessions, end=end)


@hookimpl
def sweep_platforms() -> list[PlatformProvider[LocalOptions]]:
    """Offer ``platform=local``."""
    summary = "processes of this machine, started in milliseconds by a fork server"
    return [
        PlatformProvider(
            "local",
            LocalOptions,
            _build,
            summary,
            slots=_slots,
            python=_python,
            leftovers=_leftovers,
        )
    ]
