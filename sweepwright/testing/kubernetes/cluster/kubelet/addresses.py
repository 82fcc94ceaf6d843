"""Addresses of pods: each name and port of a pod becomes a free port of this machine.

In a cluster each pod has an address of its own, and all may listen on the same port. Here all pods
share one address, so a pod's name and port stand for a local port, the same in all pods.
"""

import re
import socket
from collections.abc import Mapping

_LOCAL = "127.0.0.1"
# Names of pods and of their services, as operators write them into variables.
_HOST_PORT = re.compile(
    r"(?P<host>[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*):(?P<port>\d{2,5})\b"
)
_ADDRESS_SUFFIX = "MASTER_ADDR"
_PORT_SUFFIX = "MASTER_PORT"


class Addresses:
    """Local ports for the names and ports of pods."""

    def __init__(self) -> None:
        self._ports: dict[tuple[str, str, int], int] = {}

    def port_of(self, namespace: str, host: str, port: int) -> int:
        """Return the local port that stands for a port of a pod."""
        key = (namespace, host.partition(".")[0], port)
        if key not in self._ports:
            self._ports[key] = _free_port()
        return self._ports[key]

    def localized(self, namespace: str, job: str, variables: Mapping[str, str]) -> dict[str, str]:
        """Return variables with the addresses of a job's pods replaced by local ones."""
        pods = re.compile(rf"{re.escape(job)}(-[a-z]+)(-0)?-\d+")

        def local(match: re.Match[str]) -> str:
            host = match["host"].partition(".")[0]
            if not pods.fullmatch(host):
                return match[0]
            return f"{_LOCAL}:{self.port_of(namespace, host, int(match['port']))}"

        changed = {name: _HOST_PORT.sub(local, text) for name, text in variables.items()}
        for name, text in variables.items():
            host = text.partition(".")[0]
            if name.endswith(_ADDRESS_SUFFIX) and pods.fullmatch(host):
                changed[name] = _LOCAL
                port_name = name.removesuffix(_ADDRESS_SUFFIX) + _PORT_SUFFIX
                if port_name in variables:
                    port = self.port_of(namespace, host, int(variables[port_name]))
                    changed[port_name] = str(port)
        return changed


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOCAL, 0))
        return int(probe.getsockname()[1])
