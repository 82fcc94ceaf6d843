"""Renders the submissions of one sweep."""

import json
import re
from functools import cached_property
from pathlib import Path

from sweepwright.contracts import Job
from sweepwright.events import Json
from sweepwright.runner_client.pods.bootstrap import BOOTSTRAP
from sweepwright.runner_client.pods.environment import (
    Addresses,
    ArchivedCode,
    PodInputs,
    pod_environment,
)
from sweepwright.runner_client.submission import Renderer

from .command import container_command
from .inline_archive import CODE, KIT, Code, pack_code
from .names import variable_part
from .options import PaiOptions, sweep_mount
from .protocol import PORT, job_protocol

_ADDRESSES = Addresses("$PAI_HOST_IP_{role}_{rank}", f"$PAI_PORT_LIST_{{role}}_{{rank}}_{PORT}")
_ROLE = re.compile(r"(?<=<(?:host|port) of )([a-z0-9-]+)")


class PaiRenderer:
    """Renders jobs; the code is packed when the first job is rendered."""

    def __init__(self, options: PaiOptions, sweep: str, store: Path | None = None) -> None:
        self._options = options
        self._sweep = sweep
        self._store = store
        self._first: Job | None = None
        """The job that was rendered first; all jobs of a sweep have the same code."""

    @cached_property
    def code(self) -> Code:
        """Kit and code, as they were when the first job was rendered."""
        assert self._first is not None, "a job is rendered before it is launched"
        with_code = self._options.code != "image"
        return pack_code(self._first.folder, self._first.roles, self._store, with_code=with_code)

    @cached_property
    def _archive(self) -> str | None:
        return None if self._options.code == "storage" else self.code.inline

    def render(self, job: Job) -> Json:
        """Describe a job in OpenPAI's job protocol."""
        self._first = self._first or job
        options = self._options
        submission = Renderer.for_other_machines(max(1, options.cpus)).render(job)
        for process in submission["processes"]:
            process["wiring"] = {
                name: _ROLE.sub(lambda match: variable_part(match[1]), text)
                for name, text in process["wiring"].items()
            }
        commands = {
            role.name: container_command(
                options.python,
                options.scratch,
                sweep_mount(options, self._sweep),
                {
                    "bootstrap": BOOTSTRAP,
                    "pod": json.loads(
                        pod_environment(job, role, submission, self._inputs, self._sweep)
                    ),
                },
                inline=options.code != "storage",
                secrets=bool(options.secret_env),
            )
            for role in job.roles
        }
        return job_protocol(job, options, self._sweep, commands, self._archive)

    @property
    def _inputs(self) -> PodInputs:
        """Say what is where in a container; its start program fills in the folders."""
        code = self.code
        archived = ArchivedCode(CODE, code.code_hash, len(code.code or b""))
        image = self._options.code == "image"
        return PodInputs(
            kit=KIT,
            kit_hash=code.kit_hash,
            code=self._options.code_path or "" if image else archived,
            scratch="",
            files="-" if self._options.files else None,
            addresses=_ADDRESSES,
            termination=None,
        )


def write_to_storage(code: Code, folder: Path) -> None:
    """Put kit and code where the containers of a sweep find them, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in ((KIT, code.kit), (CODE, code.code)):
        target = folder / name
        if data is None or (target.exists() and target.read_bytes() == data):
            continue
        part = folder / f".part-{name}"
        part.write_bytes(data)
        part.replace(target)
