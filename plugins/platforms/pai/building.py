"""Builds the platform from its options."""

import os
import time
from pathlib import Path
from queue import SimpleQueue

from sweepwright.contracts import Workspace

from .api import Api
from .calls import Answered, Calls
from .client import Client
from .options import PaiOptions, sweep_folder
from .platform import Pai
from .rate_budget import Clock
from .rendering import PaiRenderer, write_to_storage
from .scheduling.active_job import ActiveJob
from .scheduling.scheduler import Scheduler

NO_CLUSTER = "set `platform.url` to the address of an OpenPAI cluster"


def build_pai(options: PaiOptions, workspace: Workspace, clock: Clock = time.time) -> Pai:
    """Build the platform for one sweep; nothing is connected yet."""
    renderer = PaiRenderer(options, workspace.sweep, workspace.folder.parent)
    api = Api(options, workspace.sweep, Client(options, clock))
    answers: SimpleQueue[Answered] = SimpleQueue()
    calls = Calls(answers)
    kept = _Output(options, workspace)
    scheduler = Scheduler(options, api, calls.ask, clock, kept.write)
    prepared = False

    def prepare() -> str:
        nonlocal prepared
        if not options.url:
            return NO_CLUSTER
        if not prepared:
            fault = _prepare(options, workspace, renderer)
            if fault:
                return fault
            prepared = True
        return ""

    return Pai(renderer.render, scheduler, calls, answers, clock, prepare, api.close)


def _prepare(options: PaiOptions, workspace: Workspace, renderer: PaiRenderer) -> str:
    """Put kit and code on the storage, if they belong there; return why that fails."""
    if renderer.code.fault:
        return renderer.code.fault
    folder = sweep_folder(options, workspace.sweep)
    if options.code != "storage" or folder is None:
        return ""
    try:
        write_to_storage(renderer.code, folder / "input")
    except OSError as error:
        return f"cannot write to the storage `{options.files}`: {error.strerror or error}"
    return ""


class _Output:
    """Keeps what trials print, in the sweep's folder, unless a storage keeps it."""

    def __init__(self, options: PaiOptions, workspace: Workspace) -> None:
        stored = sweep_folder(options, workspace.sweep) is not None
        self._trials: Path | None = None if stored else workspace.folder / "trials"

    def write(self, job: ActiveJob, at: int, data: bytes) -> None:
        """Write output at its place, where an earlier driver may have written it before."""
        if self._trials is None:
            return
        path = self._trials / str(job.trial) / str(job.attempt) / job.output
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                os.pwrite(file, data, at)
            finally:
                os.close(file)
        except OSError as error:
            job.log_fault = f"its output cannot be kept: {error.strerror}"
