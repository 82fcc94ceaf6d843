"""The route to a machine: a chain of hops, from its options and the SSH configuration.

paramiko reads the configuration, except for ``Include``, which this module replaces by the
files that it names.
"""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from getpass import getuser
from pathlib import Path

from paramiko import ConfigParseError, SSHConfig, SSHConfigDict

from ..jump_address import JUMP_HELP, JumpAddress, split_jumps
from ..options import Machine
from ..ssh_names import HOST_FAULT, HOST_HELP, USER_FAULT, is_host, is_user
from .connect_error import ConnectError, expand
from .host_keys import SSH_PORT, Server

CONNECT_SECONDS = 10.0
_MAX_HOPS = 8
_MAX_INCLUDES = 16  # as deep as ssh itself goes
_USER_FILES = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
_GLOBAL_FILES = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")
_DEFAULT_KEYS = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")


@dataclass(frozen=True, slots=True)
class Hop:
    """An SSH server on the way to a machine, and how to log in there."""

    server: Server
    user: str
    keys: tuple[str, ...]
    """Paths of private keys to try."""
    explicit_key: bool = False
    """Whether the options name the key, so that it must exist and no other key is tried."""
    agent: bool = True
    identities_only: bool = False
    """Whether the agent's other keys are left alone."""
    password_env: str | None = None
    proxy_command: str | None = None

    def __str__(self) -> str:
        """Describe the hop as users know it: ``user@host port 22``."""
        return f"`{self.user}@{self.server.host}` port {self.server.port}"

    @property
    def ssh_command(self) -> str:
        """The command that would connect to the hop by hand."""
        return f"ssh -p {self.server.port} {shlex.quote(f'{self.user}@{self.server.host}')}"


@dataclass(frozen=True, slots=True)
class Route:
    """The hops to a machine, of which the last is the machine itself."""

    hops: tuple[Hop, ...]
    connect_seconds: float = CONNECT_SECONDS


def find_route(machine: Machine) -> Route:
    """Resolve a machine by its options and the SSH configuration.

    Raises
    ------
    ConnectError
        If the configuration cannot be read, or its jumps lead in a circle.
    """
    lines = _read_config(machine.ssh_config)
    found = _lookup(lines, machine.host, machine.user, machine.port)
    jump = found.get("proxyjump", "none") if machine.jump is None else machine.jump
    jumps = _jump_hops(lines, machine, jump, 1)
    hop = _machine_hop(machine, found, behind=bool(jumps))
    return Route((*jumps, hop), _seconds(found.get("connecttimeout")))


def _machine_hop(machine: Machine, found: SSHConfigDict, *, behind: bool) -> Hop:
    hop = _hop(machine.host, found, machine, behind=behind)
    explicit = machine.identity_file is not None
    return replace(
        hop,
        keys=(machine.identity_file,) if machine.identity_file is not None else hop.keys,
        explicit_key=explicit,
        identities_only=hop.identities_only or explicit,
        password_env=machine.password_env,
        proxy_command=None if behind or machine.jump == "none" else hop.proxy_command,
    )


def _jump_hops(lines: Sequence[str], machine: Machine, jump: str, depth: int) -> tuple[Hop, ...]:
    """Resolve jumps in the order in which they are passed.

    Like ssh, look up further jumps for the first of them alone.
    """
    if jump.lower() == "none":
        return ()
    if depth > _MAX_HOPS:
        message = f"the jumps to `{machine.host}` lead in a circle"
        raise ConnectError(
            "configuration", message, "correct `ProxyJump` in the SSH configuration"
        )
    (user, host, port), *others = _split_jumps(jump)
    found = _lookup(lines, host, user, port)
    before = _jump_hops(lines, machine, found.get("proxyjump", "none"), depth + 1)
    hops = [*before, _jump_hop(machine, host, found, behind=bool(before))]
    for user, host, port in others:
        found = _lookup(lines, host, user, port)
        hops.append(_jump_hop(machine, host, found, behind=True))
    return tuple(hops)


def _jump_hop(machine: Machine, host: str, found: SSHConfigDict, *, behind: bool) -> Hop:
    hop = _hop(host, found, machine, behind=behind)
    # What opens the machine often opens the way to it; the configuration may know better.
    own = (machine.identity_file,) if machine.identity_file and "identityfile" not in found else ()
    return replace(
        hop,
        keys=(*own, *hop.keys),
        password_env=machine.jump_password_env,
        proxy_command=None if behind else hop.proxy_command,
    )


def _hop(host: str, found: SSHConfigDict, machine: Machine, *, behind: bool) -> Hop:
    """Build a hop from the configuration, with the options that apply to all hops."""
    files = (machine.known_hosts,) if machine.known_hosts else _known_hosts_files(found)
    port = found.get("port", str(SSH_PORT))
    if not port.isdigit():
        message = f"the SSH configuration gives `{host}` the port `{port}`, which is not a number"
        raise ConnectError("configuration", message, "correct `Port`, or set `ssh_config`")
    name = found.get("hostname", host)
    server = Server(name, int(port), found.get("hostkeyalias"), files, behind=behind)
    keys = tuple(found.get("identityfile", ()))
    return Hop(
        server,
        found.get("user") or getuser(),
        keys or _DEFAULT_KEYS,
        agent=machine.agent,
        identities_only=found.get("identitiesonly", "no").lower() == "yes",
        proxy_command=found.get("proxycommand"),
    )


def _known_hosts_files(found: SSHConfigDict) -> tuple[str, ...]:
    user = shlex.split(found.get("userknownhostsfile", "")) or _USER_FILES
    system = shlex.split(found.get("globalknownhostsfile", "")) or _GLOBAL_FILES
    return (*user, *system)


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdigit() and int(text) else CONNECT_SECONDS


def _split_jumps(text: str) -> list[JumpAddress]:
    try:
        return split_jumps(text)
    except ValueError as error:
        raise ConnectError("configuration", str(error), JUMP_HELP) from None


def _read_config(path: str | None) -> Sequence[str]:
    """Return the lines of a configuration and of all that it includes; none if there is none."""
    file = expand(path or "~/.ssh/config")
    if path == "none" or (path is None and not file.exists()):
        return ()
    try:
        lines = list(_lines(file, 0))
        SSHConfig.from_text("\n".join(lines))
    except (OSError, UnicodeDecodeError, ConfigParseError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        message = f"the SSH configuration `{path or '~/.ssh/config'}` cannot be read: {reason}"
        help_ = "correct it, or name another in `ssh_config` (`none` for no configuration)"
        raise ConnectError("configuration", message, help_) from None
    return lines


def _lines(file: Path, depth: int) -> Iterator[str]:
    """Yield the lines of a configuration, with included files in the place of ``Include``."""
    block = "Host *"
    for line in file.read_text(encoding="utf-8").splitlines():
        keyword, _, value = line.strip().replace("=", " ", 1).partition(" ")
        if keyword.lower() in ("host", "match"):
            block = line
        if keyword.lower() != "include":
            yield line
            continue
        if depth >= _MAX_INCLUDES:
            raise ValueError("its files include each other")
        for included in _included_files(shlex.split(value)):
            yield from _lines(included, depth + 1)
        # The included file may have begun blocks of its own; what follows belongs to ours.
        yield block


def _included_files(patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        full = expand("~/.ssh") / expand(pattern)
        root = Path(full.anchor)
        yield from sorted(root.glob(str(full.relative_to(root))))


def _lookup(
    lines: Sequence[str], host: str, user: str | None = None, port: int | None = None
) -> SSHConfigDict:
    """Look up a host; a given user and port take precedence, as on ssh's command line.

    A plan that somebody else has written may contain any name.
    """
    if not is_host(host):
        raise ConnectError("configuration", f"a host {HOST_FAULT}", HOST_HELP)
    if user is not None and not is_user(user):
        raise ConnectError("configuration", f"a user {USER_FAULT}", "correct `user`")
    given = {"User": user, "Port": port}
    first = [f"{key} {value}" for key, value in given.items() if value is not None]
    try:
        return SSHConfig.from_text("\n".join([*first, *lines])).lookup(host)
    except Exception as error:  # noqa: BLE001 - paramiko, invoke and others' programs
        message = f"the SSH configuration cannot be applied to `{host}`: {_one_line(error)}"
        raise ConnectError("configuration", message, "correct it, or set `ssh_config`") from None


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
