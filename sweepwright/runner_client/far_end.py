"""The bytes that the other end of a connection sends: lines and content, in bounded amounts.

Every read ends, whatever the other end does: a line has a maximum length, content has its
announced size, and both must arrive within a time limit.
"""

import time
from typing import Protocol

_LONGEST_LINE = 1 << 25
"""Maximum length of a line in bytes; the first message of a daemon with half a million jobs is
shorter."""
_LONGEST_REASON = 300
_SLOWEST = 4
"""A read must be complete within this multiple of the time within which it must begin."""


class ByteStream(Protocol):
    """A connection with a process that runs `bootstrap.COMMAND`."""

    def read(self, timeout: float) -> bytes:
        """Return what has arrived; b"" at the end. Raises `TimeoutError` if nothing arrives."""
        ...

    def write(self, data: bytes) -> None:
        """Send everything; raise `OSError`, of which `TimeoutError` is one, if that fails."""
        ...

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        ...


class RunnerError(Exception):
    """Something that a runner cannot do; the message has one line."""


class SessionLost(RunnerError):  # noqa: N818 - what happened, not an error of the caller's
    """The connection has ended, or nothing arrives from the other end."""


class ProtocolBroken(SessionLost):
    """The other end sends something that no runner sends: it is broken, or not a runner."""


class PythonMissing(RunnerError):  # noqa: N818 - as above
    """The machine has no such interpreter, or the activation command fails."""


class PythonTooOld(RunnerError):  # noqa: N818 - as above
    """The interpreter is older than the runner needs."""


class RemoteRefusal(RunnerError):  # noqa: N818 - as above
    """The runner refuses a request; `kind` is one of `sweepwright.runner.service.refusal`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class FarEnd:
    """Reads lines and content from a connection, and writes to it."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.received = bytearray()
        """Bytes that have arrived and were not returned yet."""

    def read_until(self, mark: bytes, most: int, timeout: float) -> bytes:
        """Return the bytes before a mark; `SessionLost` quotes the last line if it is missing."""
        until = time.monotonic() + _SLOWEST * timeout
        while (start := self.received.find(mark)) < 0:
            if len(self.received) > most:
                raise SessionLost("the other end prints endlessly, and is not a runner")
            try:
                self._receive_by(timeout, until)
            except SessionLost as error:
                raise SessionLost(last_line(self.received) or str(error)) from error
        return self._take(start, len(mark))

    def read_line(self, timeout: float) -> bytes:
        """Return the next line, which must begin to arrive within some seconds."""
        until = time.monotonic() + _SLOWEST * timeout
        searched = 0
        while (end := self.received.find(b"\n", searched)) < 0:
            searched = len(self.received)
            self._refuse_endless(searched)
            self._receive_by(timeout, until)
        return self._take(end, 1)

    def read_lines(self, timeout: float) -> list[bytes]:
        """Return the lines that have arrived; none if nothing arrives for some seconds."""
        until = time.monotonic() + _SLOWEST * timeout
        searched = 0
        while self.received.find(b"\n", searched) < 0:
            searched = len(self.received)
            self._refuse_endless(searched)
            try:
                self._receive(min(timeout, max(until - time.monotonic(), 0.0)))
            except TimeoutError:
                return []
        *lines, self.received = self.received.split(b"\n")
        self._refuse_endless(len(self.received))
        return [bytes(line) for line in lines]

    def read_content(self, size: int, most: int, timeout: float) -> bytes:
        """Return content of an announced size."""
        if size > most:
            raise ProtocolBroken(f"the other end sends {size:,} bytes instead of {most:,}")
        until = time.monotonic() + _SLOWEST * timeout
        while len(self.received) < size:
            self._receive_by(timeout, until)
        return self._take(size, 0)

    def write(self, data: bytes) -> None:
        """Send everything."""
        try:
            self._stream.write(data)
        except OSError as error:
            raise SessionLost(_describe(error)) from error

    def _take(self, size: int, skipped: int) -> bytes:
        data = bytes(self.received[:size])
        del self.received[: size + skipped]
        return data

    def _refuse_endless(self, length: int) -> None:
        if length > _LONGEST_LINE:
            raise ProtocolBroken("the other end sends a line that is too long")

    def _receive_by(self, timeout: float, until: float) -> None:
        """Receive something within some seconds, and before a time at which all must be there."""
        left = until - time.monotonic()
        try:
            self._receive(min(timeout, max(left, 0.0)))
        except TimeoutError:
            if left < timeout:
                raise SessionLost("the other end is too slow") from None
            raise SessionLost(f"nothing was received for {timeout:g} s") from None

    def _receive(self, timeout: float) -> None:
        """Receive something; raise `TimeoutError` if nothing arrives."""
        try:
            data = self._stream.read(timeout)
        except TimeoutError:
            raise
        except OSError as error:
            raise SessionLost(_describe(error)) from error
        if not data:
            raise SessionLost("the connection was closed by the other end")
        self.received += data


def last_line(text: bytes | bytearray) -> str:
    """Return the last line of a text that is not empty, cut to the length of a message."""
    lines = text.decode(errors="replace").splitlines()
    return next((x.strip()[:_LONGEST_REASON] for x in reversed(lines) if x.strip()), "")


def no_message(line: bytes) -> ProtocolBroken:
    """Describe a line that is not a message."""
    start = last_line(line[:_LONGEST_REASON])
    return ProtocolBroken(f"the other end sends something that is not a message: `{start}`")


def _describe(error: OSError) -> str:
    return last_line((error.strerror or str(error)).encode()) or "the connection is lost"
