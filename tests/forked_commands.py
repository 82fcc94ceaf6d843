"""Command lines of ``run.py`` that start in milliseconds, as forks of a warm interpreter.

A fresh interpreter takes most of a short sweep's time to import what a driver needs. Here one
interpreter imports it once, and forks a process for each command line. The command has its own
process, environment, folder and streams; signals and faults reach it as they reach any other.

One thing is not as in a fresh interpreter: all forks share one seed of hashes.
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NoReturn

ROOT = Path(__file__).parents[1]
RUN_PY = str(ROOT / "run.py")
MODULES = [
    *("cli.commands.export", "cli.commands.list", "cli.commands.resume", "cli.commands.run"),
    *("cli.commands.show", "driver.sweep"),
]
"""What commands import of `core`; plugins are imported as well."""
LONGEST_REQUEST = 2**18


class ForkedCommand:
    """A command line in a process of its own, with the interface of `subprocess.Popen`."""

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str] = os.environ,
        folder: Path | None = None,
        *,
        merged: bool = False,
    ) -> None:
        """Start a command; if `merged`, errors are written where the output is."""
        self.args = [sys.executable, RUN_PY, *words]
        self.returncode: int | None = None
        self._streams = [_unnamed_file() for _ in range(1 if merged else 2)]
        reader, status = os.pipe()
        self._status = os.fdopen(reader)
        request = {
            "words": words,
            "environment": dict(environment),
            "folder": str(folder or Path.cwd()),
        }
        streams = [stream.fileno() for stream in (self._streams[0], self._streams[-1])]
        try:
            _server(environment.get("LD_PRELOAD", "")).request(request, [*streams, status])
        finally:
            os.close(status)
        self.pid = int(self._status.readline())

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the command has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # its end is about to be told
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the command."""
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        """Return the exit code, or None while the command runs."""
        if self.returncode is None and select.select([self._status], [], [], 0)[0]:
            self.returncode = int(self._status.readline())
            self._status.close()
            self._printed = [_all_of(stream) for stream in self._streams]
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the command, and return its exit code."""
        if self.returncode is None:
            select.select([self._status], [], [], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def read_output(self) -> str:
        """Return what the command has printed so far."""
        if self.poll() is not None:
            return self._printed[0]
        file = self._streams[0].fileno()
        # The command shares the position in the file, which therefore must not be moved.
        return os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the end of the command, and return its output."""
        self.wait(timeout)
        return self._printed[0], "".join(self._printed[1:])


def _unnamed_file() -> IO[str]:
    return tempfile.TemporaryFile("w+", errors="replace")


def _all_of(stream: IO[str]) -> str:
    with stream:
        stream.seek(0)
        return stream.read()


def run_forked(
    words: Sequence[str],
    environment: Mapping[str, str] = os.environ,
    folder: Path | None = None,
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a command line to its end."""
    command = ForkedCommand(words, environment, folder)
    out, err = command.communicate(timeout)
    assert command.returncode is not None
    return subprocess.CompletedProcess(command.args, command.returncode, out, err)


class _Server:
    """The interpreter that forks a process for each command line."""

    def __init__(self, preload: str) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forked_commands", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                env={**environment, **({"LD_PRELOAD": preload} if preload else {})},
                stdin=subprocess.DEVNULL,
            )
        atexit.register(self.close)

    def request(self, command: Mapping[str, object], descriptors: Sequence[int]) -> None:
        """Begin a command line with its descriptors for output, errors and its status."""
        socket.send_fds(self._control, [json.dumps(command).encode()], descriptors)

    def close(self) -> None:
        """End the interpreter; its commands go on."""
        self._control.close()
        self._process.wait()


@cache
def _server(preload: str) -> _Server:
    """Return the interpreter with a library of faults, or without one for an empty text."""
    return _Server(preload)


def serve(control: socket.socket) -> None:
    """Fork a process for each request."""
    for name in MODULES:
        import_module(f"sweepwright.core.{name}")
    import_module("sweepwright.core.registry.registry").Registry.load()
    gc.collect()
    gc.freeze()
    while True:
        request, descriptors, *_ = socket.recv_fds(control, LONGEST_REQUEST, 3)
        reap()
        if not request:
            return
        if not os.fork():
            control.close()
            watch(json.loads(request), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def reap() -> None:
    """Let no watcher that has ended remain as a zombie."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def watch(request: Mapping[str, Any], descriptors: Sequence[int]) -> NoReturn:
    """Fork the command, and write its process id and its exit code."""
    *streams, status = descriptors
    if not (command := os.fork()):
        os.close(status)
        begin(request, streams)
    os.write(status, f"{command}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    os.write(status, f"{code}\n".encode())
    os._exit(0)


def begin(request: Mapping[str, Any], streams: Sequence[int]) -> NoReturn:
    """Run a command line in this process as ``python run.py`` would, and end the process."""
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[1:1] = filter(None, paths)
    sys.argv[:] = [RUN_PY, *request["words"]]
    code = 1
    try:
        runpy.run_path(RUN_PY, run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - the interpreter would print it as well
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)  # without freeing all that was imported


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as inherited:
        serve(inherited)
