"""How processes of a job find one another, as long as nobody knows where they will be.

A framework writes the variables that its library reads, with placeholders for addresses. The
platform that runs the job fills them in::

    MASTER_PORT=<port of master 0>    becomes    MASTER_PORT=40123
"""

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

Member: TypeAlias = tuple[str, int]
"""A process of a job: its role and its rank in it."""

_PLACEHOLDER = re.compile(r"<(host|port) of ([a-z0-9-]+) (\d+)>")


def host_of(role: str, rank: int) -> str:
    """Stand for the host of a process."""
    return f"<host of {role} {rank}>"


def port_of(role: str, rank: int) -> str:
    """Stand for a port of a process's own, at which it can listen."""
    return f"<port of {role} {rank}>"


def address_of(role: str, rank: int) -> str:
    """Stand for both, as ``host:port``."""
    return f"{host_of(role, rank)}:{port_of(role, rank)}"


def listeners(variables: Iterable[Mapping[str, str]]) -> list[Member]:
    """List who is to have a port, in the order in which they are first named."""
    texts = (text for each in variables for text in each.values())
    found = (match for text in texts for match in _PLACEHOLDER.finditer(text))
    return list(dict.fromkeys((m[2], int(m[3])) for m in found if m[1] == "port"))


def fill_in(
    variables: Mapping[str, str], hosts: Mapping[Member, str], ports: Mapping[Member, int]
) -> dict[str, str]:
    """Put addresses in the place of their placeholders; `KeyError` for a process unknown."""

    def address(match: re.Match[str]) -> str:
        member = match[2], int(match[3])
        return hosts[member] if match[1] == "host" else str(ports[member])

    return {name: _PLACEHOLDER.sub(address, text) for name, text in variables.items()}
