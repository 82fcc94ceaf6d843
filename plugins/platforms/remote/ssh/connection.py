"""SSH connections: one to each machine, each of which carries many streams.

`connect` goes from hop to hop. For each it opens a socket (the first) or a tunnel through the hop
before, checks the host key, and only then logs in. All hops share one deadline.
"""

import logging
from collections.abc import Sequence
from socket import socket
from threading import Timer, current_thread
from typing import Any, cast

from paramiko import Channel, ChannelException, SSHException, Transport
from paramiko.ssh_exception import IncompatiblePeer

from ..options import Machine
from .authentication import log_in
from .channel_stream import ChannelStream, close_channel, limit_unread
from .connect_error import ConnectError, Deadline
from .host_keys import HostKey, check_host_key, preferred_types, read_known_hosts
from .sockets import Wire, open_wire
from .ssh_config import Hop, find_route

_KEEPALIVE_SECONDS = 30
"""Interval of messages that keep a firewall from forgetting the connection. They do not detect a
frozen server; the platform's pings do."""
_JOIN_SECONDS = 1.0
_FORBIDDEN = 1  # SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, RFC 4254, section 5.1
_SAME_FORMAT = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")}
"""For types of keys: the algorithms of signatures whose names differ from that of the type."""

# Keep paramiko from logging: without a handler, logging would print its tracebacks, and its
# messages for debugging do not belong in a log file.
_SILENT = "sweepwright.ssh"
logging.getLogger(_SILENT).setLevel(logging.CRITICAL + 1)


class Connection:
    """An open connection to a machine. All methods may be called from any thread."""

    def __init__(self, hop: Hop, wire: Wire, transports: Sequence[Transport]) -> None:
        self._hop = hop
        self._wire = wire
        self._transports = transports

    @property
    def host(self) -> str:
        """The machine's address, as the SSH configuration resolves it."""
        return self._hop.server.host

    @property
    def alive(self) -> bool:
        """Whether the connection has not ended; this does not detect a frozen machine."""
        return self._transports[-1].is_active()

    def open(self, command: str, seconds: float = 10.0) -> ChannelStream:
        """Run a shell command on the machine, and return the stream of its standard streams.

        Raises
        ------
        ConnectError
            If the connection has ended, or the machine does not start the command in time.
        """
        try:
            channel = self._transports[-1].open_session(timeout=seconds)
            limit_unread(channel)
            _execute(channel, command, seconds)
        except ChannelException:
            raise _no_session(self._hop) from None
        except TimeoutError:
            raise _silent(self._hop, seconds) from None
        except (SSHException, EOFError, OSError):
            raise (_silent(self._hop, seconds) if self.alive else _ended(self._hop)) from None
        return ChannelStream(channel)

    def close(self) -> None:
        """Close the connection and its streams, also if a thread is blocked in one of them."""
        _close(self._wire, self._transports)


def connect(machine: Machine, seconds: float | None = None) -> Connection:
    """Connect to a machine within a number of seconds, by default that of the SSH configuration.

    Raises
    ------
    ConnectError
        If there is no connection by then, or a host key or the login is refused.
    """
    route = find_route(machine)
    deadline = Deadline(route.connect_seconds if seconds is None else seconds)
    secrets = {name for hop in route.hops if (name := hop.password_env)}
    wire = open_wire(route.hops[0], secrets, deadline)
    transports: list[Transport] = []
    try:
        for number, hop in enumerate(route.hops):
            before = route.hops[number - 1] if number else None
            end = _tunnel(transports[-1], before, hop, deadline) if before else wire.socket
            transports.append(_prepare(end, hop))
            _greet(transports[-1], hop, deadline)
            log_in(transports[-1], hop, deadline)
    except BaseException:
        _close(wire, transports)
        raise
    transports[-1].set_keepalive(_KEEPALIVE_SECONDS)
    return Connection(route.hops[-1], wire, transports)


class _Tunnel:
    """A channel through one hop, which is the socket of the transport to the next hop.

    That transport closes it in a thread of its own. There, an error of the previous hop would
    print a traceback to the terminal.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def close(self) -> None:
        close_channel(self._channel)


def _tunnel(through: Transport, before: Hop, hop: Hop, deadline: Deadline) -> Channel:
    """Open a connection from one hop to the next."""
    target, origin = (hop.server.host, hop.server.port), ("127.0.0.1", 0)
    try:
        channel = through.open_channel("direct-tcpip", target, origin, timeout=deadline.left())
        return cast("Channel", _Tunnel(channel))  # it passes on all that a transport calls
    except ChannelException as error:
        raise _tunnel_refused(before, hop, error.code) from None
    except (SSHException, EOFError, OSError):
        raise (
            _silent_beyond(before, hop, deadline) if through.is_active() else _ended(before)
        ) from None


def _prepare(end: socket | Channel, hop: Hop) -> Transport:
    """Make a transport that asks for a host key of a known type."""
    transport = Transport(end)
    transport.set_log_channel(_SILENT)
    transport.use_compression(compress=False)
    known = preferred_types(hop.server, read_known_hosts(hop.server.files))
    wanted = [name for kind in known for name in _SAME_FORMAT.get(kind, (kind,))]
    security = transport.get_security_options()
    first = [name for name in wanted if name in security.key_types]
    security.key_types = [*first, *(each for each in security.key_types if each not in first)]
    return transport


def _greet(transport: Transport, hop: Hop, deadline: Deadline) -> None:
    """Agree on keys with a server, and check its host key."""
    transport.banner_timeout = transport.handshake_timeout = deadline.left()
    try:
        transport.start_client(timeout=deadline.left())
        shown = transport.get_remote_server_key()
    except IncompatiblePeer:
        raise _no_common_algorithm(hop) from None
    except (SSHException, EOFError, OSError) as error:
        raise _no_greeting(hop, deadline, str(error)) from None
    key = HostKey(shown.get_name(), shown.asbytes())
    check_host_key(hop.server, key, read_known_hosts(hop.server.files))


def _execute(channel: Channel, command: str, seconds: float) -> None:
    """Start a command; paramiko itself would wait for a frozen server for ever."""
    timer = Timer(seconds, close_channel, [channel])
    timer.daemon = True
    timer.start()
    try:
        channel.exec_command(command)
    finally:
        timer.cancel()


def _close(wire: Wire, transports: Sequence[Transport]) -> None:
    # The transports stop waiting before the socket does: a thread that is blocked in a write
    # then finds its transport closed.
    for transport in reversed(transports):
        transport.close()
    wire.close()
    for transport in transports:
        if transport is not current_thread() and transport.ident is not None:
            transport.join(_JOIN_SECONDS)


def _no_greeting(hop: Hop, deadline: Deadline, reason: str) -> ConnectError:
    """Explain why the connection failed before the login."""
    if deadline.passed or "timed out" in reason.lower():
        message = f"{hop} accepts connections, but has not answered within {deadline.seconds:g} s"
        help_ = "check whether the machine hangs, and whether `port` is that of its SSH server"
        return ConnectError("timeout", message, help_)
    if "protocol version" in reason or "Invalid SSH banner" in reason:
        message = f"no SSH server answers at {hop}"
        return ConnectError("not_ssh", message, "correct `port`")
    message = f"{hop} closed the connection before the login"
    limit = "the server may limit connections (`MaxStartups`)"
    help_ = f"check what `{hop.ssh_command}` prints; {limit}"
    return ConnectError("closed", message, help_)


def _no_common_algorithm(hop: Hop) -> ConnectError:
    message = f"{hop} supports no key algorithm that is considered secure today"
    return ConnectError("protocol", message, "update the SSH server of the machine")


def _tunnel_refused(before: Hop, hop: Hop, code: int) -> ConnectError:
    if code == _FORBIDDEN:
        message = f"{before} does not allow connections to {hop}"
        help_ = "set `AllowTcpForwarding yes` and `PermitOpen any` in its `sshd_config`"
        return ConnectError("configuration", message, help_)
    message = f"{before} cannot connect to {hop}"
    help_ = "start the SSH server there, or correct `host` and `port`, as seen from the jump host"
    return ConnectError("refused", message, help_)


def _silent_beyond(before: Hop, hop: Hop, deadline: Deadline) -> ConnectError:
    message = f"{hop} has not answered {before} within {deadline.seconds:g} s"
    help_ = (
        "check whether the machine is on, `host` and `port` are right as seen from the jump host,"
        " and no firewall drops packets"
    )
    return ConnectError("timeout", message, help_)


def _no_session(hop: Hop) -> ConnectError:
    message = f"{hop} refuses another session on this connection"
    return ConnectError("sessions", message, "raise `MaxSessions` in its `sshd_config`")


def _silent(hop: Hop, seconds: float) -> ConnectError:
    message = f"{hop} has not started the command within {seconds:g} s"
    return ConnectError("timeout", message, f"check whether `{hop.ssh_command}` hangs, too")


def _ended(hop: Hop) -> ConnectError:
    message = f"the connection to {hop} has ended"
    return ConnectError("closed", message, "check whether the machine is on and the network works")
