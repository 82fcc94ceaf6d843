"""The environment variable that tells the agent of a container what to do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from gzip import compress

from ...contracts import Job, Role
from ...events import Json
from ..code_archive import CodeArchive

POD = "SWEEPWRIGHT_POD"
"""The variable that `pod_environment` is the value of."""
RANK = "SWEEPWRIGHT_RANK"
"""The variable in which the cluster tells the rank of a container within its role."""
VERSION = 1
LONGEST = (1 << 17) - len(f"{POD}=") - 1
"""Maximum length of the value, in bytes: Linux gives a program at most 128 KiB in one variable."""
TERMINATION_SECONDS = 20
"""Seconds that an agent needs to end its job, after SIGTERM."""
# Kubernetes expands `$(X)` in values. The others mean something to a shell or to a template, into
# which some clusters put the value.
_ESCAPED = str.maketrans({c: f"\\u{ord(c):04x}" for c in "$'`<>&!%"})


@dataclass(frozen=True, slots=True)
class ArchivedCode:
    """The trial's folder as a tar file, compressed by gzip or not, at a place in the container."""

    archive: str
    hash: str
    """SHA-256 of the tar file, as in `CodeArchive`."""
    size: int
    """Number of bytes of the tar file."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """How a container finds the host and the port of another process of its job.

    In a template, ``{role}`` and ``{rank}`` are replaced. If it then begins with ``$``, it is the
    name of an environment variable that the cluster sets, or else it is the address itself.
    """

    host: str
    port: str


@dataclass(frozen=True, slots=True)
class PodInputs:
    """What is where in a container."""

    kit: str
    """Path of the kit's archive."""
    kit_hash: str
    code: ArchivedCode | str
    """The trial's folder, as an archive or as the path of a folder."""
    scratch: str
    """Path of a folder that the container can write to, and that no other container uses."""
    files: str | None = None
    """Path or URL of the sweep's folder for checkpoints; None if no attempt inherits any."""
    addresses: Addresses | None = None
    """None if the operator of the job's kind tells processes how to find one another."""
    termination: str | None = "/dev/termination-log"
    """File for the outcome; None if the cluster has none."""
    max_output: int = 64 << 20
    """Bytes to keep of each file with output in the container. The log gets all of it."""


def pod_environment(job: Job, role: Role, submission: Json, inputs: PodInputs, sweep: str) -> str:
    """Return what ``$SWEEPWRIGHT_POD`` is in the containers of a role, as ASCII without ``$``.

    `submission` is that of the whole job, from `Renderer.for_other_machines`. Raises `ValueError`
    if the value would be longer than Linux allows.
    """
    processes = [each for each in submission["processes"] if each["role"] == role.name]
    pod = {
        "version": VERSION,
        "sweep": sweep,
        "job": job.name,
        "role": role.name,
        "reports": role.reports,
        "kit": {"archive": inputs.kit, "hash": inputs.kit_hash},
        "code": _code(inputs.code),
        "scratch": inputs.scratch,
        "files": _files(inputs.files),
        "termination": inputs.termination,
        "max_output": inputs.max_output,
        "addresses": _addresses(inputs.addresses),
        "wiring": [each["wiring"] for each in processes] if inputs.addresses else [],
        "submission": {
            **submission,
            "processes": [_process(processes[0])],
            "part": len(submission["processes"]) > 1,
        },
    }
    text = json.dumps(pod, separators=(",", ":")).translate(_ESCAPED)
    if len(text) > LONGEST:
        raise ValueError(
            f"the submission of role `{role.name}` takes {len(text):,} bytes in an environment "
            f"variable, which holds at most {LONGEST:,}"
        )
    return text


def gzipped(archive: CodeArchive) -> bytes:
    """Compress the archive of the code, to the same bytes each time."""
    return compress(b"".join(archive.chunks()), mtime=0)


def _process(process: Mapping[str, Json]) -> Json:
    """Return the submission of one process, whose resources the cluster grants and limits."""
    return {**process, "resources": {}, "decides": True, "wiring": {}}


def _code(code: ArchivedCode | str) -> Json:
    if isinstance(code, str):
        return {"folder": code}
    return {"archive": code.archive, "hash": code.hash, "size": code.size}


def _files(files: str | None) -> Json:
    if files is None:
        return None
    return {"url": files} if "://" in files else {"folder": files}


def _addresses(addresses: Addresses | None) -> Json:
    return addresses and {"host": addresses.host, "port": addresses.port}
