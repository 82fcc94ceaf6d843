"""Splitting of a job into parts, one for each machine, and the addresses of its processes."""

import re
from collections.abc import Mapping, Sequence

from sweepwright.events import CheckpointRef, Json
from sweepwright.rendezvous import Member, fill_in, listeners

from .active_job import Part
from .placement import Share

_PART = re.compile(r"-part(\d+)of(\d+)-[0-9a-f]+$")
_JOB = re.compile(r"-(\d+)-(\d+)$")


def split(
    job: str, token: str, submission: Json, shares: Sequence[Share], *, first: bool
) -> list[Part]:
    """Make the parts of a job, without the addresses of its processes.

    A machine starts nothing under a name that it knows. So only the first placement of a job on
    one machine uses the job's name; the names of any other placement contain their own token.
    The part that reports comes first.
    """
    if len(shares) == 1 and first:
        return [Part(shares[0].machine, job, submission, shares[0].processes)]
    ordered = sorted(shares, key=lambda share: not _reports(submission, share))
    return [
        _part(f"{job}-part{index}of{len(shares)}-{token}", submission, share)
        for index, share in enumerate(ordered)
    ]


def job_of(part: str) -> str:
    """Return the name of the job that a part belongs to, from the part's name."""
    return _PART.sub("", part)


def is_whole(part: str) -> bool:
    """Tell from a part's name whether it consists of all processes of its job."""
    found = _PART.search(part)
    return found is None or found[2] == "1"


def attempt_of(part: str) -> CheckpointRef | None:
    """Return the attempt that a part belongs to; None if the name is not that of a job."""
    found = _JOB.search(job_of(part))
    return CheckpointRef(int(found[1]), int(found[2])) if found else None


def checkpoint_of(part: str) -> CheckpointRef | None:
    """Return the checkpoint that a part may leave: the part that reports, which is the first."""
    found = _PART.search(part)
    return attempt_of(part) if found is None or found[1] == "0" else None


def trial_of(part: str) -> int:
    """Return the number of the trial that a part belongs to; -1 if it belongs to none."""
    attempt = attempt_of(part)
    return attempt.trial if attempt else -1


def listening_members(parts: Sequence[Part]) -> dict[str, list[Member]]:
    """Map the name of each part to its processes that must have a port."""
    wirings = [p["wiring"] for part in parts for p in part.submission["processes"]]
    wanted = set(listeners(wirings))
    return {
        part.name: [member for member in _members(part.submission) if member in wanted]
        for part in parts
    }


def wire(parts: Sequence[Part], addresses: Mapping[str, str]) -> None:
    """Fill in the addresses of all processes, once the ports of all parts are reserved.

    `addresses` maps each machine to the address at which the other machines reach it.
    """
    hosts = {
        member: addresses[part.machine] for part in parts for member in _members(part.submission)
    }
    ports = {(role, rank): port for part in parts for role, rank, port in part.ports or ()}
    for part in parts:
        processes = [
            {**process, "wiring": fill_in(process["wiring"], hosts, ports)}
            for process in part.submission["processes"]
        ]
        own = [list(entry) for entry in part.ports or ()]
        part.submission = {**part.submission, "processes": processes, "ports": own}


def _part(name: str, submission: Json, share: Share) -> Part:
    processes = [submission["processes"][index] for index in share.processes]
    decides = any(process["decides"] for process in processes)
    if not decides:
        # A part without a deciding process would succeed at once. It ends by itself when all its
        # processes have ended, or else when the job has succeeded.
        processes = [{**process, "decides": True} for process in processes]
    return Part(
        share.machine, name, {**submission, "processes": processes}, share.processes, decides
    )


def _members(submission: Json) -> list[Member]:
    return [(process["role"], process["rank"]) for process in submission["processes"]]


def _reports(submission: Json, share: Share) -> bool:
    processes = [submission["processes"][index] for index in share.processes]
    return any("SWEEPWRIGHT_REPORTS" in process["environment"] for process in processes)
