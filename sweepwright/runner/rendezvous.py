"""Rendezvous: how the processes of a job find one another.

A framework knows which variables its library reads, but it does not know the hosts and ports of
the processes. So it writes placeholders for the addresses. The platform that runs the job replaces
them::

    MASTER_PORT=<port of master 0>    becomes    MASTER_PORT=40123
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Tuple

Member = Tuple[str, int]
"""A process of a job: its role, and its rank in that role."""

_PLACEHOLDER = re.compile(r"<(host|port) of ([a-z0-9-]+) (\d+)>")


def host_of(role: str, rank: int) -> str:
    """Return the placeholder for the host of a process."""
    return f"<host of {role} {rank}>"


def port_of(role: str, rank: int) -> str:
    """Return the placeholder for a free port on which the process can listen."""
    return f"<port of {role} {rank}>"


def address_of(role: str, rank: int) -> str:
    """Return the placeholders for a process's ``host:port``."""
    return f"{host_of(role, rank)}:{port_of(role, rank)}"


def listeners(variables: Iterable[Mapping[str, str]]) -> list[Member]:
    """List the processes for whose ports there are placeholders, in order of appearance."""
    texts = (text for each in variables for text in each.values())
    found = (match for text in texts for match in _PLACEHOLDER.finditer(text))
    return list(dict.fromkeys((m[2], int(m[3])) for m in found if m[1] == "port"))


def fill_in(
    variables: Mapping[str, str], hosts: Mapping[Member, str], ports: Mapping[Member, int]
) -> dict[str, str]:
    """Replace placeholders by addresses; raise `KeyError` for an unknown process."""

    def address(match: re.Match[str]) -> str:
        member = match[2], int(match[3])
        return hosts[member] if match[1] == "host" else str(ports[member])

    return {name: _PLACEHOLDER.sub(address, text) for name, text in variables.items()}
