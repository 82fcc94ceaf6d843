"""Starts the daemon of a sweep, hands it a connection, and ends it."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..fork_server.channel import Channel
from .control import Lock, connect
from .refusal import RefusalError

LOG = "runner.log"
LOCKED = 75
"""Exit code of a daemon that finds another one."""
_START_SECONDS = 30.0
_ANSWER_SECONDS = 10.0
_PAUSE_SECONDS = 0.01
_LONGEST_REASON = 500
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


def hand_over(
    folder: Path, message: dict[str, Any], files: Sequence[int], start: Callable[[], StartedDaemon]
) -> Channel:
    """Give the daemon of a sweep this connection; start the daemon if there is none.

    Two sessions may start a daemon at once. Then one of the daemons finds the lock taken, and both
    sessions reach the other.
    """
    daemon: StartedDaemon | None = None
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        channel = connect(folder)
        if channel is None:
            if daemon is None or daemon.has_ended():
                _refuse_other_host(folder)
                daemon = start()
            time.sleep(_PAUSE_SECONDS)
        elif _is_taken(channel, message, files):
            return channel
    raise RefusalError("runner", "the runner does not start; its `runner.log` may tell why")


def _is_taken(channel: Channel, message: dict[str, Any], files: Sequence[int]) -> bool:
    """Send descriptors, and return whether the daemon took them, which may be about to end."""
    channel.send(message, [os.dup(file) for file in files])
    if not select.select([channel], [], [], _ANSWER_SECONDS)[0]:
        raise RefusalError("runner", f"the runner does not answer within {_ANSWER_SECONDS:g} s")
    if answers := channel.receive():
        for answer, _ in answers:
            if "error" in answer:
                raise RefusalError("runner", answer["error"])
        return True
    channel.close()
    return False


def _refuse_other_host(folder: Path) -> None:
    """Refuse a folder that several machines share, if another machine has its daemon there."""
    lock = Lock(folder)
    host = lock.holder().get("host")
    if host and host != socket.gethostname() and not lock.is_free():
        reason = f"the runner on `{host}` uses this folder too; give each machine its own `folder`"
        raise RefusalError("shared", reason)


class StartedDaemon:
    """A daemon that this process has started, and that outlives it."""

    def __init__(self, folder: Path, program: Path, settings: dict[str, Any]) -> None:
        self._log = folder / LOG
        self._process = self._start(folder, program)
        assert self._process.stdin is not None, "it is a pipe"
        with suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(json.dumps(settings).encode())

    def has_ended(self) -> bool:
        """Return whether it has ended because of another daemon; raise an error if it failed."""
        code = self._process.poll()
        if code not in (None, 0, LOCKED):
            raise RefusalError("runner", f"the runner does not start: {_last_line(self._log)}")
        return code is not None

    def _start(self, folder: Path, program: Path) -> subprocess.Popen[bytes]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SWEEPWRIGHT_")}
        with os.fdopen(os.open(self._log, _APPEND, 0o600), "ab") as log:
            # It has a session of its own, so that no signal to this connection reaches it.
            return subprocess.Popen(
                [sys.executable, str(program), "daemon", str(folder)],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").split("\n")
    except OSError:
        return "it left no log"
    return next((line[:_LONGEST_REASON] for line in reversed(lines) if line.strip()), "no reason")


def end_daemon(folder: Path, patience: float) -> int | None:
    """End the daemon of a sweep, by force if necessary; return its process id, or None."""
    lock = Lock(folder)
    if lock.is_free():
        return None
    process = holder = lock.holder_process()
    _refuse_other_host(folder)
    with suppress(OSError):
        if channel := connect(folder):
            channel.send({"end": True})
            channel.close()
    deadline = time.monotonic() + patience
    while not lock.is_free():
        if time.monotonic() >= deadline:
            if process is None:
                raise RefusalError("runner", "the runner does not end; its process is not known")
            _kill(process, folder)
            process, deadline = None, time.monotonic() + patience
        time.sleep(_PAUSE_SECONDS)
    return holder


def _kill(process: int, folder: Path) -> None:
    """Kill a daemon, unless its process id belongs to another program by now."""
    with suppress(OSError):
        arguments = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        if arguments[-3:-1] == [b"daemon", os.fsencode(folder)]:
            os.kill(process, signal.SIGKILL)
