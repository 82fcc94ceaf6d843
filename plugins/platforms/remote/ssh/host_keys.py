"""Known host keys: reads known_hosts files, and checks the key that a server presents.

A line of such a file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT") is ``[marker] hosts type key``. The
hosts are patterns separated by commas, or one hash of a name. A server on another port than 22 is
listed as ``[host]:port``.
"""

import base64
import binascii
import hashlib
import hmac
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from .connect_error import ConnectError, expand, shell_path

SSH_PORT = 22
_HASHED = "|1|"


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A line of a known_hosts file."""

    file: str
    line: int
    hosts: str
    """The second field as it is written: patterns separated by commas, or a hash."""
    key_type: str
    blob: bytes
    marker: Literal["", "@revoked", "@cert-authority"] = ""

    def covers(self, name: str) -> bool:
        """Whether the line is about a host of this name."""
        if self.hosts.startswith(_HASHED):
            return _is_hash_of(self.hosts, name)
        patterns = self.hosts.split(",")
        if any(_matches(each[1:], name) for each in patterns if each.startswith("!")):
            return False
        return any(_matches(each, name) for each in patterns)

    @property
    def lists_names(self) -> bool:
        """Whether the line names hosts, so that ``ssh-keygen -R`` finds it."""
        return not set("*?!") & set(self.hosts)


@dataclass(frozen=True, slots=True)
class HostKey:
    """The public key that a server has presented."""

    key_type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """The fingerprint as ``ssh-keygen -l`` prints it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"

    @property
    def short_type(self) -> str:
        """The type as ``ssh-keyscan -t`` takes it."""
        return self.key_type.removeprefix("ssh-").partition("-")[0]


@dataclass(frozen=True, slots=True)
class Server:
    """The server whose key is checked, and the files that may list the key."""

    host: str
    port: int
    alias: str | None = None
    """Name under which its key is listed instead (``HostKeyAlias``)."""
    files: tuple[str, ...] = ("~/.ssh/known_hosts",)
    behind: bool = False
    """Whether it is reached through another machine, so that ``ssh-keyscan`` cannot reach it."""

    @property
    def listed_name(self) -> str:
        """The name under which a known_hosts file lists the server."""
        if self.alias:
            return self.alias
        host = self.host.lower()
        return host if self.port == SSH_PORT else f"[{host}]:{self.port}"


def read_known_hosts(files: Iterable[str]) -> list[KnownKey]:
    """Read all keys in the files that exist; a line that cannot be read is left out."""
    return [key for file in files for key in _read(file)]


def preferred_types(server: Server, known: Sequence[KnownKey]) -> list[str]:
    """List the types of the server's known keys, so that it is asked for one of these."""
    return list(dict.fromkeys(key.key_type for key in _keys_of(server, known)))


def check_host_key(server: Server, shown: HostKey, known: Sequence[KnownKey]) -> None:
    """Refuse a key that is revoked, changed, or not known.

    Raises
    ------
    ConnectError
        Of kind ``host_key_changed`` or ``host_key_unknown``. It contains the key's fingerprint,
        and the command that accepts the key.
    """
    listed = _keys_of(server, known)
    same_key = [key for key in known if key.blob == shown.blob and key.marker == "@revoked"]
    names = (server.listed_name, server.host.lower())
    if revoked := next((key for key in same_key if any(map(key.covers, names))), None):
        raise _revoked(server, shown, revoked)
    if any(key.blob == shown.blob for key in listed) or _known_without_port(server, shown, known):
        return
    if other := next((key for key in listed if key.key_type == shown.key_type), None):
        raise _changed(server, shown, other)
    if listed:
        raise _other_type(server, shown, listed[0])
    raise _unknown(server, shown)


def _keys_of(server: Server, known: Sequence[KnownKey]) -> list[KnownKey]:
    return [key for key in known if not key.marker and key.covers(server.listed_name)]


def _known_without_port(server: Server, shown: HostKey, known: Sequence[KnownKey]) -> bool:
    """Whether the key is listed for the host without a port, as ssh accepts too."""
    host = server.host.lower()
    return not server.alias and any(
        key.blob == shown.blob and not key.marker and key.covers(host) for key in known
    )


def _unknown(server: Server, shown: HostKey) -> ConnectError:
    message = (
        f"the host key of `{server.listed_name}` is not known: it presents the"
        f" {shown.short_type.upper()} key {shown.fingerprint}"
    )
    help_ = (
        "if the machine's `ssh-keygen -lf /etc/ssh/ssh_host_"
        f"{shown.short_type}_key.pub` prints the same fingerprint, accept the key:"
        f" `{_acceptance(server, shown)}`"
    )
    return ConnectError("host_key_unknown", message, help_)


def _changed(server: Server, shown: HostKey, listed: KnownKey) -> ConnectError:
    message = (
        f"the host key of `{server.listed_name}` has changed: it presents the"
        f" {shown.short_type.upper()} key {shown.fingerprint}, not the one in line {listed.line}"
        f" of `{listed.file}`; somebody may be intercepting the connection"
    )
    name, file = shlex.quote(server.listed_name), shell_path(listed.file)
    removal = (
        f"`ssh-keygen -R {name} -f {file}`"
        if listed.lists_names
        else f"`sed -i {listed.line}d {file}`"
    )
    help_ = (
        f"if you know why it changed, remove the old key: {removal}, and accept the new one:"
        f" `{_acceptance(server, shown)}`"
    )
    return ConnectError("host_key_changed", message, help_)


def _other_type(server: Server, shown: HostKey, listed: KnownKey) -> ConnectError:
    """Refuse a key of a type that is not known, from a server of which another type is known.

    The server was asked for the known type first (`preferred_types`), so it has no key of that
    type.
    """
    known = HostKey(listed.key_type, listed.blob).short_type.upper()
    message = (
        f"the host key of `{server.listed_name}` has changed: it presents the"
        f" {shown.short_type.upper()} key {shown.fingerprint} instead of the {known} key in line"
        f" {listed.line} of `{listed.file}`; somebody may be intercepting the connection"
    )
    help_ = f"if you know why it changed, accept the new key: `{_acceptance(server, shown)}`"
    return ConnectError("host_key_changed", message, help_)


def _revoked(server: Server, shown: HostKey, revoked: KnownKey) -> ConnectError:
    message = (
        f"the host key of `{server.listed_name}`, {shown.fingerprint}, is revoked in line"
        f" {revoked.line} of `{revoked.file}`"
    )
    help_ = "do not connect; ask the administrator of the machine for its current key"
    return ConnectError("host_key_changed", message, help_)


def _acceptance(server: Server, shown: HostKey) -> str:
    """Write the command that adds the key to the first file of known hosts."""
    file = server.files[0]
    folder = expand(file).parent
    made = "" if folder.is_dir() else f"mkdir -p -m 700 {shell_path(file.rpartition('/')[0])} && "
    if server.behind or server.alias:
        key = base64.b64encode(shown.blob).decode()
        line = shlex.quote(f"{server.listed_name} {shown.key_type} {key}")
        return f"{made}echo {line} >> {shell_path(file)}"
    host = shlex.quote(server.host)
    return f"{made}ssh-keyscan -t {shown.short_type} -p {server.port} {host} >> {shell_path(file)}"


def _read(file: str) -> Iterable[KnownKey]:
    try:
        text = expand(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for number, line in enumerate(text.splitlines(), 1):
        if key := _parse(file, number, line.split()):
            yield key


def _parse(file: str, number: int, words: list[str]) -> KnownKey | None:
    marker: Literal["", "@revoked", "@cert-authority"] = ""
    if words and words[0] in ("@revoked", "@cert-authority"):
        marker = "@revoked" if words[0] == "@revoked" else "@cert-authority"
        words = words[1:]
    if len(words) < 3 or words[0].startswith("#"):  # noqa: PLR2004 - hosts, type and key
        return None
    try:
        blob = base64.b64decode(words[2], validate=True)
    except binascii.Error:
        return None
    return KnownKey(file, number, words[0], words[1], blob, marker)


def _matches(pattern: str, name: str) -> bool:
    # In a pattern of ssh only `*` and `?` are special; a bracket begins `[host]:port`.
    return fnmatchcase(name, re.sub(r"\[", "[[]", pattern.lower()))


def _is_hash_of(hashed: str, name: str) -> bool:
    try:
        salt, digest = (base64.b64decode(part) for part in hashed[len(_HASHED) :].split("|"))
    except ValueError:
        return False
    return hmac.compare_digest(hmac.new(salt, name.encode(), hashlib.sha1).digest(), digest)
