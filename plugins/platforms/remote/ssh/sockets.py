"""Sockets to the first hop: over TCP, or over the standard streams of a ``ProxyCommand``."""

import os
import re
import shlex
import socket
import subprocess
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from .connect_error import ConnectError, Deadline
from .ssh_config import Hop

T = TypeVar("T")

UNSENT_MILLISECONDS = 30_000
"""Time after which the connection to a machine that accepts no more bytes is closed."""

_FOR_A_SHELL = re.compile(r"[|&;<>()$`\\\n*?#~=]")


@dataclass(slots=True)
class Wire:
    """A connected socket, and the process at its other end if there is one."""

    socket: socket.socket
    process: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """Close the socket, which frees threads that are blocked in it, and end the process."""
        with suppress(OSError):  # the other end may have closed it already
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def open_wire(hop: Hop, secrets: Collection[str], deadline: Deadline) -> Wire:
    """Connect to a hop that needs no other hop.

    Parameters
    ----------
    secrets : collection of str
        Environment variables that a ``ProxyCommand`` must not inherit.

    Raises
    ------
    ConnectError
        If there is no connection by the deadline.
    """
    if hop.proxy_command:
        return _run_proxy(hop, hop.proxy_command, secrets)
    return Wire(_open_tcp(hop, deadline))


def _open_tcp(hop: Hop, deadline: Deadline) -> socket.socket:
    addresses = _resolve(hop, deadline)
    failure: OSError = TimeoutError()
    for number, (family, address) in enumerate(addresses):
        # Of several addresses, such as those of IPv6 and IPv4, each gets its share of the time.
        seconds = deadline.left() / (len(addresses) - number)
        try:
            return _connect(family, address, seconds)
        except OSError as error:
            failure = error
    raise _not_connected(hop, deadline, failure)


def _connect(family: int, address: tuple[str, int], seconds: float) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.settimeout(seconds)
        opened.connect(address)
        # Launches and reports are small messages, which Nagle's algorithm would delay.
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if user_timeout := getattr(socket, "TCP_USER_TIMEOUT", None):
            # A frozen machine takes nothing; without this, a full socket would block for ever.
            opened.setsockopt(socket.IPPROTO_TCP, user_timeout, UNSENT_MILLISECONDS)
    except BaseException:
        opened.close()
        raise
    return opened


def _resolve(hop: Hop, deadline: Deadline) -> list[tuple[int, tuple[str, int]]]:
    server = hop.server
    look_up = partial(socket.getaddrinfo, server.host, server.port, type=socket.SOCK_STREAM)
    try:
        found = _within(deadline, look_up)
    except TimeoutError:
        message = f"the name `{server.host}` was not resolved within {deadline.seconds:g} s"
        raise ConnectError("timeout", message, "check the name servers of this machine") from None
    except (OSError, UnicodeError):
        message = f"the name `{server.host}` cannot be resolved"
        help_ = f"correct `host`, or define `Host {server.host}` in the SSH configuration"
        raise ConnectError("unresolved", message, help_) from None
    return [(family, address) for family, _, _, _, address in found]  # type: ignore[misc]


def _within(deadline: Deadline, call: Callable[[], T]) -> T:
    """Return what a call returns, or raise what it raises.

    Looking up a name may block for minutes. The call goes on in a thread that ends with the
    process.

    Raises
    ------
    TimeoutError
        If the deadline passes.
    """
    answers: SimpleQueue[tuple[bool, T | BaseException]] = SimpleQueue()

    def run() -> None:
        try:
            answers.put((True, call()))
        except BaseException as error:  # noqa: BLE001 - raised again below
            answers.put((False, error))

    Thread(target=run, daemon=True).start()
    try:
        done, answer = answers.get(timeout=deadline.left())
    except Empty:
        raise TimeoutError from None
    if done:
        return answer  # type: ignore[return-value]
    raise answer  # type: ignore[misc]


def _not_connected(hop: Hop, deadline: Deadline, failure: OSError) -> ConnectError:
    server = hop.server
    place = f"`{server.host}` port {server.port}"
    if isinstance(failure, TimeoutError):
        message = f"{place} has not answered within {deadline.seconds:g} s"
        help_ = (
            "check whether the machine is on and `port` is right, and whether a firewall drops"
            " packets; if the machine is slow, raise `connect_timeout`"
        )
        return ConnectError("timeout", message, help_)
    if isinstance(failure, ConnectionRefusedError):
        message = f"{place} refuses connections"
        help_ = "start the SSH server of the machine, or correct `host` or `port`"
        return ConnectError("refused", message, help_)
    message = f"{place} cannot be reached: {(failure.strerror or 'an error').lower()}"
    help_ = "check the network and the VPN, or use a jump host (option `jump`)"
    return ConnectError("unreachable", message, help_)


def _run_proxy(hop: Hop, command: str, secrets: Collection[str]) -> Wire:
    """Run a ``ProxyCommand`` whose standard streams are one end of a pair of sockets."""
    words = _proxy_words(command)
    ours, theirs = socket.socketpair()
    try:
        process = subprocess.Popen(
            words,
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name not in secrets},
            start_new_session=True,  # Ctrl-C is for the driver
        )
    except OSError as error:
        ours.close()
        message = f"the `ProxyCommand` of {hop} cannot be run: {(error.strerror or '').lower()}"
        raise ConnectError("configuration", message, f"correct it: `{command}`") from None
    finally:
        theirs.close()
    return Wire(ours, process)


def _proxy_words(command: str) -> list[str]:
    """Split a command that needs no shell."""
    try:
        words = [] if _FOR_A_SHELL.search(command) else shlex.split(command)
    except ValueError:
        words = []
    if words and words[0] == "exec":
        words = words[1:]
    if not words:
        message = f"the `ProxyCommand` needs a shell: `{command}`"
        help_ = "use `ProxyJump` or the option `jump`, or put the command in a script"
        raise ConnectError("configuration", message, help_)
    return words
