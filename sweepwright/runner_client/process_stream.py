"""A connection that is a child process, such as ``docker exec -i`` or ``kubectl exec -i``."""

import os
import select
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

_CHUNK = 1 << 18
_EXIT_SECONDS = 2.0
_LONGEST_REASON = 500


class ProcessStream:
    """The standard input and output of a program that this process starts.

    Parameters
    ----------
    argv : sequence of str
        The program and its arguments, for example
        ``["docker", "exec", "-i", name, "sh", "-c", bootstrap.COMMAND]``.
    write_timeout : float
        Seconds after which a write fails because the program reads nothing.
    """

    def __init__(self, argv: Sequence[str], write_timeout: float = 30.0) -> None:
        self._write_timeout = write_timeout
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            # A signal to the driver's process group, such as Ctrl-C, must not end the connection.
            start_new_session=True,
        )
        assert self._process.stdin, "it is a pipe"
        assert self._process.stdout, "it is a pipe"
        self._input = self._process.stdin
        self._output = self._process.stdout
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._file = self._input.fileno()
        os.set_blocking(self._file, False)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def read(self, timeout: float) -> bytes:
        """Return the bytes that have arrived; b"" at the end.

        Raises `TimeoutError` if nothing arrives in time, and `ConnectionError` with the last line
        that the program wrote to its standard error, if it has failed with one.
        """
        with self._reading:
            if self._output.closed:
                raise ConnectionError("the connection was closed")
            if not _is_ready(self._output.fileno(), select.POLLIN, timeout):
                raise TimeoutError(f"nothing arrived within {timeout:g} s")
            data = os.read(self._output.fileno(), _CHUNK)
        if not data and (reason := self._why_it_failed()):
            raise ConnectionError(reason)
        return data

    def write(self, data: bytes) -> None:
        """Send everything; raise `TimeoutError` if the program does not take it."""
        view = memoryview(data)
        until = time.monotonic() + self._write_timeout
        while view:
            try:
                view = view[self._write_some(view[:_CHUNK]) :]
                until = time.monotonic() + self._write_timeout
            except BlockingIOError:
                left = until - time.monotonic()
                if left <= 0 or not _is_ready(self._file, select.POLLOUT, left):
                    reason = f"nothing was accepted within {self._write_timeout:g} s"
                    raise TimeoutError(reason) from None

    def close(self) -> None:
        """End the program, by force if it does not end with its input.

        A thread that is reading then finds the end of the output.
        """
        if self._input.closed:
            return
        with self._writing, suppress(OSError):
            self._input.close()
        self._close_output(0)
        try:
            self._process.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close_output(_EXIT_SECONDS)
        self._errors.close()

    def _write_some(self, data: memoryview) -> int:
        with self._writing:  # a descriptor that is closed may get another file
            if self._input.closed:
                raise ConnectionError("the connection was closed")
            return os.write(self._file, data)

    def _close_output(self, patience: float) -> None:
        """Close the output, unless a thread waits for it: its descriptor may get another file."""
        if self._reading.acquire(timeout=patience):
            self._output.close()
            self._reading.release()

    def _why_it_failed(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            if self._process.wait(_EXIT_SECONDS) == 0:
                return ""
        if self._errors.closed:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").splitlines()
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return last[:_LONGEST_REASON]


def _is_ready(file: int, event: int, timeout: float) -> bool:
    poll = select.poll()
    poll.register(file, event)
    return bool(poll.poll(max(0.0, timeout) * 1000))
