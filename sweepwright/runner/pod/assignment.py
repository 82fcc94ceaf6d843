"""What this container is to do: read from ``$SWEEPWRIGHT_POD``, and completed for this place.

`sweepwright.runner_client.pods.environment` writes it, and describes its keys.
"""

from __future__ import annotations

import gzip
import os
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Dict, NamedTuple, cast

from ..rendezvous import Member, fill_in
from ..service.refusal import RefusalError, refusal_of
from ..service.submissions import Places, localise
from ..service.unpacking import Payload, unpack

RANK = "SWEEPWRIGHT_RANK"
"""Variable of the container with the rank of its process."""
_GZIP = b"\x1f\x8b"


class Assignment(NamedTuple):
    """One process of a job, for this container."""

    job: str
    scratch: Path
    """A folder of this container alone."""
    sweep: Path
    """The folder with the attempt's folder, which is on a volume if others are to inherit."""
    submission: dict[str, Any]
    leads: bool
    """Whether this process reports, and leaves the checkpoint of the attempt."""
    url: str | None
    """Where checkpoints are kept, if that is not a folder."""
    max_output: int

    @property
    def outputs(self) -> list[str]:
        """Paths of the files with the output of the process."""
        folder = self.submission["attempt_folder"]
        process = self.submission["processes"][0]
        stem = f"{folder}/{process['role']}-{process['rank']}"
        return [f"{stem}.stdout", f"{stem}.stderr"]


def read_assignment(pod: Mapping[str, Any], environment: Mapping[str, str]) -> Assignment:
    """Complete what the driver has written; raises `RefusalError` if something is not as it says.

    The code is unpacked. Only the process that leads uses the folder of the attempt on a volume:
    another container of the same job would remove or complete its unfinished checkpoint.
    """
    scratch = Path(pod["scratch"])
    rank = _rank(environment)
    leads = bool(pod["reports"]) and rank == 0
    files = pod["files"] or {}
    kept = Path(files["folder"]) if "folder" in files else None
    own = scratch / "sweep"
    sweep = kept if kept is not None and leads else own
    try:
        for folder in (own, sweep):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        places = Places(sweep, _code(pod["code"], scratch), _kit(), sys.executable)
    except OSError as error:
        raise refusal_of(error) from error
    submission = {
        **pod["submission"],
        "processes": [_process(pod, rank, environment)],
    }
    completed = localise(submission, places)
    _keep_pipe_here(completed, own / submission["reports"])
    if submission["inherited"] and kept is not None:
        completed["inherited"] = str(kept / submission["inherited"])
    return Assignment(
        pod["job"], scratch, sweep, completed, leads, files.get("url"), pod["max_output"]
    )


def _rank(environment: Mapping[str, str]) -> int:
    text = environment.get(RANK) or "0"
    if not text.isdecimal():
        raise RefusalError("request", f"${RANK} is `{text}`, not a number")
    return int(text)


def _kit() -> Path:
    """Return the folder in which ``import sweepwright`` finds the package of this file."""
    return Path(__file__).absolute().parents[3]


def _code(code: Mapping[str, Any], scratch: Path) -> Path:
    if "folder" in code:
        folder = Path(code["folder"])
        if not folder.is_dir():
            raise RefusalError("missing", f"there is no folder `{folder}` with the trial's code")
        return folder
    target = scratch / "code"
    if not target.is_dir():
        _unpack(Path(code["archive"]), target, code["size"], code["hash"])
    return target


def _unpack(archive: Path, target: Path, size: int, sha256: str) -> None:
    with archive.open("rb") as file:
        is_packed = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        source = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if is_packed else file

        def read(length: int) -> bytes:
            try:
                return source.read(length)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise RefusalError("damaged", f"`{archive}` is damaged: {error}") from error

        unpack(Payload(read, size), target, size, sha256)


def _process(pod: Mapping[str, Any], rank: int, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the submission of the process of this rank."""
    process = dict(pod["submission"]["processes"][0])
    variables = {**process["environment"], RANK: str(rank)}
    if rank:
        variables.pop("SWEEPWRIGHT_REPORTS", None)
    wirings = pod["wiring"]
    wiring = wirings[rank] if rank < len(wirings) else {}
    return {
        **process,
        "rank": rank,
        "environment": variables,
        "wiring": _wired(wiring, pod["addresses"], environment),
    }


def _wired(
    wiring: Mapping[str, str], addresses: Mapping[str, str] | None, environment: Mapping[str, str]
) -> dict[str, str]:
    """Fill in the addresses of other processes, which the cluster tells or which are known."""
    if not wiring or addresses is None:
        return {}
    hosts, ports = (_Addresses(addresses[kind], environment) for kind in ("host", "port"))
    return fill_in(wiring, hosts, ports)


class _Addresses(Dict[Member, Any]):
    """Hosts or ports of processes, each looked up when it is needed."""

    def __init__(self, template: str, environment: Mapping[str, str]) -> None:
        super().__init__()
        self._template = template
        self._environment = environment

    def __missing__(self, member: Member) -> str:
        role, rank = member
        text = self._template.replace("{role}", role).replace("{rank}", str(rank))
        if not text.startswith("$"):
            return text
        if text[1:] not in self._environment:
            reason = f"the cluster has not set {text}, an address of {role} {rank}"
            raise RefusalError("missing", reason)
        return self._environment[text[1:]]


def _keep_pipe_here(submission: dict[str, Any], pipe: Path) -> None:
    """Move the pipe for reports into this container, because few volumes can hold a pipe."""
    pipe.parent.mkdir(parents=True, exist_ok=True)
    submission["reports"] = os.fspath(pipe)
    for process in submission["processes"]:
        if "SWEEPWRIGHT_REPORTS" in process["environment"]:
            process["environment"]["SWEEPWRIGHT_REPORTS"] = f"file:{pipe}"
