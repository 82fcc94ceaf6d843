"""The request to start a job: its submission, completed when the job starts.

Only then are the granted GPUs and the addresses of the job's processes known.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from itertools import zip_longest

from .fork_server.channel import Message
from .rendezvous import Member, fill_in, listeners
from .slots import Grant

HOST = "127.0.0.1"


class ReservedPorts:
    """Reserves one port per given process, until `close` is called.

    As long as a socket is bound, the system does not give its port to a process that asks for a
    free port, even if the socket never listens. The process that is to listen on the port must
    allow a shared address (``SO_REUSEADDR``, ``SO_REUSEPORT``), as PyTorch and TensorFlow do.
    """

    def __init__(self, members: Iterable[Member]) -> None:
        self._sockets = {member: _bound() for member in members}

    @property
    def numbers(self) -> Mapping[Member, int]:
        """Mapping from process to its port."""
        return {member: kept.getsockname()[1] for member, kept in self._sockets.items()}

    def close(self) -> None:
        """Release the ports; a second call does nothing."""
        for kept in self._sockets.values():
            kept.close()


def _bound() -> socket.socket:
    kept = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    kept.bind((HOST, 0))
    return kept


def reserve_ports(submission: Message) -> ReservedPorts:
    """Reserve a port for each process that other processes must find."""
    return ReservedPorts(listeners(process["wiring"] for process in submission["processes"]))


def complete_request(
    submission: Message, name: str, grant: Grant, ports: ReservedPorts
) -> Message:
    """Add the job's name, the GPUs and the peers' addresses of each process to a submission."""
    processes = submission["processes"]
    hosts = {(process["role"], process["rank"]): HOST for process in processes}
    return {
        **submission,
        "name": name,
        "processes": [
            {
                **process,
                "environment": {
                    **fill_in(process["wiring"], hosts, ports.numbers),
                    **process["environment"],
                    **_visible_gpus(process["resources"], share or {}),
                },
            }
            for process, share in zip_longest(processes, grant.shares)
        ],
    }


def _visible_gpus(needs: Mapping[str, float], share: Mapping[str, float]) -> dict[str, str]:
    """Return the variable that makes a process see its GPUs; none if it requests no ``gpu``."""
    return {"CUDA_VISIBLE_DEVICES": ",".join(share) or "-1"} if "gpu" in needs else {}
