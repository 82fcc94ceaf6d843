"""Addresses of jump hosts, written as ``ssh -J`` takes them."""

import re
from typing import NamedTuple

JUMP_HELP = "write it as `user@host:port`"

_ADDRESS = re.compile(
    r"""
    (?: (?P<user> .+) @ )?
    (?: \[ (?P<bracketed> [^\[\]@]+ ) \]
      | (?P<plain> [^:@\[\]\s]+ )
      | (?P<ipv6> [^@\[\]\s]* : [^@\[\]\s]* : [^@\[\]\s]* )
    )
    (?: : (?P<port> [0-9]+ ) )?
    """,
    re.VERBOSE,
)


class JumpAddress(NamedTuple):
    """A jump host; what is None is taken from the SSH configuration."""

    user: str | None
    host: str
    port: int | None


def split_jumps(text: str) -> list[JumpAddress]:
    """Split addresses that are separated by commas.

    Raises
    ------
    ValueError
        If one of them is not ``[ssh://][user@]host[:port]``.
    """
    return [_split(part.strip()) for part in text.split(",")]


def _split(text: str) -> JumpAddress:
    found = _ADDRESS.fullmatch(text.removeprefix("ssh://").rstrip("/"))
    if not found:
        raise ValueError(f"`{text}` is not the address of a jump host")
    host = found["bracketed"] or found["plain"] or found["ipv6"]
    return JumpAddress(found["user"], host, int(found["port"]) if found["port"] else None)
