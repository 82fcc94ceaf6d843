"""Converts a submission that any machine could run to one for this machine.

A driver does not know this machine's paths. In what it sends, the attempt's folder, the pipe for
reports and the inherited checkpoint are relative to the sweep's folder, and the trial's folder is
relative to the code. Values from the user are copied as they are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..fork_server import checkpoint

_PATH = "PYTHONPATH"


class Places(NamedTuple):
    """Where a driver's jobs run on this machine."""

    sweep: Path
    code: Path
    kit: Path
    """Folder in which ``import sweepwright`` finds the trial API."""
    python: str


def localise(submission: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """Return a submission with the paths and the interpreter of this machine."""
    sweep = places.sweep
    folder = str(sweep / submission["attempt_folder"])
    reports = str(sweep / submission["reports"])
    interpreter = submission["interpreter"]
    inherited = submission["inherited"]
    known = interpreter["environment"].get(_PATH, os.environ.get(_PATH, ""))
    return {
        **submission,
        "interpreter": {
            **interpreter,
            "python": places.python,
            "environment": {**interpreter["environment"], _PATH: _joined(places.kit, known)},
        },
        "folder": str(places.code / submission["folder"]),
        "attempt_folder": folder,
        "reports": reports,
        "inherited": None if inherited is None else str(sweep / inherited),
        "environment": {
            **_with_kit(submission["environment"], places.kit),
            "SWEEPWRIGHT_CHECKPOINTS": f"{folder}/{checkpoint.UNFINISHED}",
            "SWEEPWRIGHT_TENSORBOARD": f"{folder}/tensorboard",
        },
        "processes": [_process(process, places, reports) for process in submission["processes"]],
    }


def _process(process: Mapping[str, Any], places: Places, reports: str) -> dict[str, Any]:
    environment = _with_kit(process["environment"], places.kit)
    if "SWEEPWRIGHT_REPORTS" in environment:
        environment["SWEEPWRIGHT_REPORTS"] = f"file:{reports}"
    return {
        **process,
        "environment": environment,
        "own_interpreter": _with_kit(process["own_interpreter"], places.kit),
    }


def _with_kit(environment: Mapping[str, str], kit: Path) -> dict[str, str]:
    """Let an environment that sets the import path begin it with the kit."""
    if _PATH not in environment:
        return dict(environment)
    return {**environment, _PATH: _joined(kit, environment[_PATH])}


def _joined(kit: Path, path: str) -> str:
    return f"{kit}{os.pathsep}{path}" if path else str(kit)
