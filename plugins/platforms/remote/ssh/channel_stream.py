"""The stream of a command that runs on another machine."""

import time
from contextlib import suppress
from threading import Thread

from paramiko import Channel, SSHException
from paramiko.buffered_pipe import BufferedPipe

_CHUNK = 1 << 16
_ERROR_BYTES = 4096
"""Bytes to keep of what the command writes to its standard error, for messages."""
_LONGEST_WAIT = 0.25
"""Seconds after which a reader reads the standard error, which would otherwise fill up and block
the command, and after which a writer checks whether its time is over."""
_MOST_UNREAD = 8 << 20
"""Bytes that a server may send before they are read: four times the window that it was granted."""
_SHORTEST_WAIT = 0.001
"""With a time limit of 0, a channel would not even wait to write."""


class ChannelStream:
    """Standard input and output of a remote command: one thread may read while another writes.

    Parameters
    ----------
    write_timeout : float
        Seconds after which a write fails because the machine accepts nothing.
    """

    def __init__(self, channel: Channel, write_timeout: float = 30.0) -> None:
        self._channel = channel
        self._write_timeout = write_timeout
        self._errors = b""
        # A channel has a single time limit for its reader and its writer. So it is always short,
        # and both try again.
        channel.settimeout(_LONGEST_WAIT)

    def read(self, timeout: float | None = None) -> bytes:
        """Return the next bytes of the command's output; no bytes at its end.

        Raises
        ------
        TimeoutError
            If no bytes arrive in time.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _LONGEST_WAIT if end is None else end - time.monotonic()
            try:
                return self._read_within(min(left, _LONGEST_WAIT))
            except TimeoutError:
                if end is not None and time.monotonic() >= end:
                    raise

    def write(self, data: bytes) -> None:
        """Send all bytes to the command's input.

        Raises
        ------
        TimeoutError
            If the machine accepts none in time.
        ConnectionError
            If the stream or its connection is closed.
        """
        left = memoryview(data)
        until = time.monotonic() + self._write_timeout
        while left:
            try:
                sent = self._channel.send(bytes(left[:_CHUNK]))
            except TimeoutError:
                if time.monotonic() >= until:
                    reason = f"nothing was accepted within {self._write_timeout:g} s"
                    raise TimeoutError(reason) from None
                continue
            except (OSError, EOFError, SSHException):
                sent = 0
            if not sent:
                raise ConnectionError("the connection is closed")
            left = left[sent:]
            until = time.monotonic() + self._write_timeout

    def close(self) -> None:
        """Close the stream, also while a thread is blocked in it.

        A thread tells the machine. A frozen machine may block this thread until the connection is
        closed.
        """
        Thread(target=close_channel, args=(self._channel,), daemon=True).start()

    @property
    def errors(self) -> str:
        """The end of what the command has written to its standard error."""
        self._drain_errors()
        return self._errors.decode(errors="replace")

    def exit_code(self, timeout: float) -> int | None:
        """Wait for the command's exit code; None if it does not arrive in time, or never will."""
        self._channel.status_event.wait(timeout)
        return self._channel.exit_status if self._channel.exit_status >= 0 else None

    def _read_within(self, seconds: float) -> bytes:
        self._drain_errors()
        self._channel.settimeout(max(seconds, _SHORTEST_WAIT))
        try:
            return self._channel.recv(_CHUNK)
        finally:
            self._channel.settimeout(_LONGEST_WAIT)

    def _drain_errors(self) -> None:
        while self._channel.recv_stderr_ready():
            self._errors = (self._errors + self._channel.recv_stderr(_CHUNK))[-_ERROR_BYTES:]


def limit_unread(channel: Channel) -> None:
    """Limit the unread data that a channel keeps; call this before anything can arrive."""
    channel.in_buffer = _BoundedPipe()
    channel.in_stderr_buffer = _BoundedPipe()


class _BoundedPipe(BufferedPipe):  # type: ignore[type-arg] # generic in its stub alone
    """Data that has arrived and was not read. paramiko itself lets a server ignore the window."""

    def feed(self, data: bytes | str) -> None:
        """Add data; if there is too much, end the connection, whose thread calls this."""
        if len(self) > _MOST_UNREAD:
            raise SSHException("the server sends more than its window allows")
        super().feed(data)


def close_channel(channel: Channel) -> None:
    """Close a channel; if its connection has ended, do not raise paramiko's error."""
    with suppress(OSError, EOFError, SSHException):
        channel.close()
