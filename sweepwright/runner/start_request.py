"""The request to start a job: its submission, completed when the job starts.

The granted GPUs and the addresses of the job's processes are not known earlier.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Tuple

from .fork_server.channel import Message
from .rendezvous import Member, fill_in, listeners
from .slots import Grant

HOST = "127.0.0.1"
ALL_INTERFACES = "0.0.0.0"  # noqa: S104 - processes on other machines connect

ListeningMember = Tuple[str, int, int]
"""Role, rank and port of a process that others must find."""


class ReservedPorts:
    """Reserves one port per given process, until `close` is called.

    As long as a socket is bound, the system does not give its port to a process that asks for a
    free port, even if the socket never listens. The process that is to listen on the port must
    allow a shared address (``SO_REUSEADDR``, ``SO_REUSEPORT``), as PyTorch and TensorFlow do.
    """

    def __init__(self, members: Iterable[Member], host: str = HOST) -> None:
        self._sockets = {member: _bound(host) for member in members}

    @property
    def numbers(self) -> Mapping[Member, int]:
        """Mapping from process to its port."""
        return {member: kept.getsockname()[1] for member, kept in self._sockets.items()}

    def close(self) -> None:
        """Release the ports; a second call does nothing."""
        for kept in self._sockets.values():
            kept.close()


def _bound(host: str) -> socket.socket:
    kept = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    kept.bind((host, 0))
    return kept


class Reservations:
    """The ports of jobs on several machines, each of which must know all ports."""

    def __init__(self) -> None:
        self._ports: dict[str, ReservedPorts] = {}

    def reserve(self, name: str, members: Iterable[Member]) -> list[ListeningMember]:
        """Reserve the ports of a job; a second call returns the same ports."""
        if name not in self._ports:
            self._ports[name] = ReservedPorts(members, ALL_INTERFACES)
        ports = self._ports[name].numbers
        return [(role, rank, port) for (role, rank), port in ports.items()]

    def release(self, name: str) -> None:
        """Release the ports of a job, which may have none."""
        if ports := self._ports.pop(name, None):
            ports.close()

    def close(self) -> None:
        """Release all ports."""
        for name in list(self._ports):
            self.release(name)


def reserve_ports(submission: Message) -> ReservedPorts | None:
    """Reserve a port for each process that other processes must find.

    Returns None if the addresses are filled in already, as in a part of a job.
    """
    if "ports" in submission:
        return None
    return ReservedPorts(listeners(process["wiring"] for process in submission["processes"]))


def complete_request(
    submission: Message, name: str, grant: Grant, ports: ReservedPorts | None
) -> Message:
    """Add the job's name, the GPUs and the peers' addresses of each process to a submission."""
    processes = submission["processes"]
    hosts = {(process["role"], process["rank"]): HOST for process in processes}
    numbers = ports.numbers if ports else None
    return {
        **submission,
        "name": name,
        "processes": [
            {
                **process,
                "environment": {
                    **_wired(process["wiring"], hosts, numbers),
                    **process["environment"],
                    **_visible_gpus(process["resources"], share or {}),
                },
            }
            for process, share in zip_longest(processes, grant.shares)
        ],
    }


def _wired(
    wiring: Mapping[str, str],
    hosts: Mapping[Member, str],
    ports: Mapping[Member, int] | None,
) -> Mapping[str, str]:
    return wiring if ports is None else fill_in(wiring, hosts, ports)


def _visible_gpus(needs: Mapping[str, float], share: Mapping[str, float]) -> dict[str, str]:
    """Return the variable that makes a process see its GPUs; none if it requests no ``gpu``."""
    return {"CUDA_VISIBLE_DEVICES": ",".join(share) or "-1"} if "gpu" in needs else {}
