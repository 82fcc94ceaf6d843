"""The request to start a job: its submission, completed by what is known only at the start.

These are the granted GPUs and the addresses of the job's processes.
"""

import socket
from collections.abc import Iterable, Mapping
from itertools import zip_longest

from sweepwright.events import Json
from sweepwright.rendezvous import Member, fill_in, listeners

from .slots import Grant

HOST = "127.0.0.1"


class ReservedPorts:
    """Reserves one port for each of some processes until it is closed.

    A socket that is bound but never listens keeps the system from giving its port to anyone who
    asks for a free one. A process that then listens on the port must share the address, as
    PyTorch's and TensorFlow's do (``SO_REUSEADDR``, ``SO_REUSEPORT``).
    """

    def __init__(self, members: Iterable[Member]) -> None:
        self._sockets = {member: _bound() for member in members}

    @property
    def numbers(self) -> Mapping[Member, int]:
        """The port of each process."""
        return {member: kept.getsockname()[1] for member, kept in self._sockets.items()}

    def close(self) -> None:
        """Release the ports; may be called again."""
        for kept in self._sockets.values():
            kept.close()


def _bound() -> socket.socket:
    kept = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    kept.bind((HOST, 0))
    return kept


def reserve_ports(submission: Json) -> ReservedPorts:
    """Reserve a port for each process that others must find."""
    return ReservedPorts(listeners(process["wiring"] for process in submission["processes"]))


def complete_request(submission: Json, name: str, grant: Grant, ports: ReservedPorts) -> Json:
    """Add the job's name, each process's GPUs and the addresses of others to a submission."""
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
    """Show a process that requests GPUs those it was granted, or none if it requests 0."""
    return {"CUDA_VISIBLE_DEVICES": ",".join(share) or "-1"} if "gpu" in needs else {}
