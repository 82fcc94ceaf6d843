"""Ports of this machine's own for the processes of one job."""

import socket
from collections.abc import Iterable, Mapping

from sweepwright.rendezvous import Member

HOST = "127.0.0.1"


class Ports:
    """Keeps a port for each of some processes, until it is closed.

    A socket that is bound and never listens keeps the system from giving its port to anybody
    who asks for a free one. A process that listens there says that it will share the address,
    as PyTorch's and TensorFlow's do (``SO_REUSEADDR``, ``SO_REUSEPORT``); then this one is not
    in its way.
    """

    def __init__(self, members: Iterable[Member]) -> None:
        self._sockets = {member: _bound() for member in members}

    @property
    def numbers(self) -> Mapping[Member, int]:
        """The port of each process."""
        return {member: kept.getsockname()[1] for member, kept in self._sockets.items()}

    def close(self) -> None:
        """Let the ports go; may be called again."""
        for kept in self._sockets.values():
            kept.close()


def _bound() -> socket.socket:
    kept = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    kept.bind((HOST, 0))
    return kept
