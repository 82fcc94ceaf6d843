"""Machines of the tests, and the errors of connections to them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from sweepwright.plugins.platforms.remote.options import (
    Machine,
    MachineOptions,
    RemoteOptions,
    resolve_machines,
)
from sweepwright.plugins.platforms.remote.ssh.connect_error import ConnectError
from sweepwright.plugins.platforms.remote.ssh.connection import connect
from tests.openssh import Server


def machine(server: Server, **more: Any) -> Machine:
    """Describe a server as a machine, with more or other options."""
    options = RemoteOptions((MachineOptions(**server.options(**more)),))
    return resolve_machines(options)[0]


def failure(server: Server, seconds: float = 10.0, **more: Any) -> ConnectError:
    """Return the error with which a connection fails."""
    with pytest.raises(ConnectError) as caught:
        connect(machine(server, **more), seconds).close()
    return caught.value


def commands(error: ConnectError) -> list[str]:
    """List the commands in the help, which stand between backticks."""
    return error.help.split("`")[1::2]


def follow(command: str) -> None:
    """Run a command of a help in a shell, as a user would."""
    subprocess.run(["/bin/sh", "-c", command], check=True, capture_output=True)


_RELAY = """
import os, socket, sys, threading

def copy(source, sink):
    while data := os.read(source, 65536):
        os.write(sink, data)
    os._exit(0)

far = socket.create_connection((sys.argv[1], int(sys.argv[2])))
threading.Thread(target=copy, args=(far.fileno(), 1)).start()
copy(0, far.fileno())
"""


def proxy_command(folder: Path) -> str:
    """Write a program like ``nc``, and return the command that runs it with a host and a port."""
    program = folder / "relay.py"
    program.write_text(_RELAY)
    return f"{sys.executable} {program}"


def proxies(command: str) -> list[psutil.Process]:
    """List the children of this process that run a command."""
    children = psutil.Process().children()
    return [each for each in children if " ".join(each.cmdline()).startswith(command)]
