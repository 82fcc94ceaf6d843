"""The driver's end of one connection with a runner: requests, and the messages of a daemon.

`sweepwright/runner/service/__init__.py` lists the messages.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from ..events import Json
from .bootstrap import MARKER, MISSING, UNACTIVATED, opening
from .code_archive import CodeArchive
from .far_end import (
    ByteStream,
    FarEnd,
    ProtocolBroken,
    PythonMissing,
    PythonTooOld,
    RemoteRefusal,
    RunnerError,
    SessionLost,
    last_line,
    no_message,
)
from .far_end_messages import DONE, FIRST_WORD, REFUSAL, REPLIES, is_message
from .shapes import Shape, either, parse_object

__all__ = [
    "Attached",
    "ByteStream",
    "ProtocolBroken",
    "PythonMissing",
    "PythonTooOld",
    "RemoteRefusal",
    "RunnerError",
    "RunnerSession",
    "SessionLost",
]

OLDEST_PYTHON = (3, 8)
"""The oldest Python that runs the runner."""
_CHUNK = 1 << 18
_MOST_JUNK = 1 << 20
"""Bytes that shells may print before the runner's first word."""
_LONGEST_REASON = 1000
_LONGEST_PIECE = 1 << 24
"""Bytes of content that a reply may announce."""


@dataclass(frozen=True, slots=True)
class Attached:
    """The first message of a daemon."""

    log: str
    """Id of the log for which offsets are valid."""
    known: Mapping[str, int]
    """For each job that the daemon has accepted, the offset after its latest record."""
    pid: int
    capacity: Mapping[str, Json]


class RunnerSession:
    """One connection with a machine's runner.

    Every request blocks until its reply has arrived, but at most `timeout` seconds during which
    nothing arrives. Raises `SessionLost` if the connection cannot be used any longer, and
    `RemoteRefusal` if the next request may succeed. After `attach`, one thread may read while
    another one sends.
    """

    def __init__(self, stream: ByteStream, timeout: float = 30.0) -> None:
        self._stream = stream
        self._timeout = timeout
        self._far_end = FarEnd(stream)
        self._kit = ""

    def open(self, python: str, activation: str, folder: str, kit: bytes) -> tuple[int, ...]:
        """Start the runner, with the kit if the machine lacks it; return the Python's version.

        `folder` is the base folder of runners on the machine, and may begin with ``~/``.
        """
        self._kit = hashlib.sha256(kit).hexdigest()
        header = {"folder": folder, "kit": self._kit, "size": len(kit)}
        with suppress(OSError):  # whoever did not read it may have said why
            self._stream.write(opening(python, activation) + _line(header))
        version = self._read_first_word(python)
        if "wants" in self._reply(DONE):
            self._write(kit)
            self._reply(DONE)
        return version

    def probe(self, packages: Sequence[str]) -> Json:
        """Look at the machine: Python, packages, folder, GPUs, clock (`machine_facts`)."""
        return self._request("probe", packages=list(packages))["facts"]

    def has_code(self, sha256: str) -> bool:
        """Return whether the machine has an archive of code."""
        return bool(self._request("has_code", hash=sha256)["has"])

    def supply(self, code: CodeArchive) -> str:
        """Send the code unless the machine has this version of it, and return its hash."""
        if not self.has_code(code.hash):
            self.put_code(code.hash, code.chunks(), code.size)
        return code.hash

    def put_code(self, sha256: str, chunks: Iterable[bytes], size: int) -> None:
        """Send a tar archive of code, in pieces."""
        self._send_request("put_code", hash=sha256, size=size)
        for chunk in chunks:
            self._write(chunk)
        self._reply(DONE)

    def list_files(self, sweep: str, attempts: Sequence[tuple[int, int]]) -> list[Json]:
        """List the files of attempts, each with ``trial``, ``attempt``, ``path`` and ``size``."""
        files: list[Json] = self._request("list_files", sweep=sweep, attempts=attempts)["files"]
        return files

    def read_file(self, sweep: str, path: str, offset: int, limit: int) -> bytes:
        """Read a part of a file in a sweep's folder; return nothing at its end."""
        reply = self._request("read_file", sweep=sweep, path=path, offset=offset, limit=limit)
        return self._read_content(reply["size"], limit)

    def pack(self, sweep: str, folder: str) -> Iterator[bytes]:
        """Yield a tar of a folder in a sweep's folder, in pieces; read all of them."""
        self._send_request("pack", sweep=sweep, folder=folder)
        while piece := self._read_content(self._reply(REPLIES["pack"])["size"], _LONGEST_PIECE):
            yield piece

    def unpack(self, sweep: str, folder: str, archive: BinaryIO, size: int, sha256: str) -> bool:
        """Unpack a tar into a folder in a sweep's folder; return False if it was there already."""
        self._send_request("unpack", sweep=sweep, folder=folder, size=size, sha256=sha256)
        self._send_content(archive, size)
        return not self._reply(REPLIES["unpack"])["existed"]

    def cleanup(self, sweep: str, codes: Sequence[str] = ()) -> list[str]:
        """End and remove a sweep on the machine; return a line for each thing done.

        `codes` are the hashes of code that no other sweep has sent.
        """
        # A daemon that does not end by itself is killed after a while.
        patience = 2 * self._timeout
        self._send_request("cleanup", sweep=sweep, codes=list(codes))
        done: list[str] = self._reply(REPLIES["cleanup"], patience)["done"]
        # The kit that runs the cleanup is sent for it, and removed with the rest.
        return [line for line in done if f"/kits/{self._kit}" not in line]

    def attach(self, sweep: str, code: str | None, settings: Mapping[str, Json]) -> Attached:
        """Become the driver of a sweep's daemon, and start the daemon if there is none.

        From then on only `read_messages`, `send` and `close` may be called.
        """
        self._send_request("attach", sweep=sweep, code=code, settings=dict(settings))
        found = self._reply(REPLIES["attach"], 2 * self._timeout)["attached"]
        return Attached(found["log"], found["known"], found["pid"], found["capacity"])

    def read_messages(self, timeout: float) -> list[Json]:
        """Return the messages that have arrived; none if nothing arrives for `timeout` seconds.

        Raises `SessionLost` once the connection has ended and all messages were returned.
        """
        return [_parse(line, is_message) for line in self._far_end.read_lines(timeout)]

    def send(self, *messages: Mapping[str, Json]) -> None:
        """Send messages to the daemon."""
        self._write(b"".join(map(_line, messages)))

    def close(self) -> None:
        """Close the connection; the daemon and its jobs go on."""
        self._stream.close()

    def _read_first_word(self, python: str) -> tuple[int, ...]:
        """Skip what shells print, and return the version of the interpreter."""
        junk = self._far_end.read_until(MARKER, _MOST_JUNK, self._timeout)
        word = self._far_end.read_line(self._timeout)
        if word == MISSING:
            raise PythonMissing(f"there is no interpreter `{python}`")
        if word == UNACTIVATED:
            raise PythonMissing(f"the activation command fails: {last_line(junk) or 'no reason'}")
        version = tuple(_parse(word, FIRST_WORD)["python"])
        if version[:2] < OLDEST_PYTHON:
            oldest, found = (".".join(map(str, v)) for v in (OLDEST_PYTHON, version))
            raise PythonTooOld(f"`{python}` is Python {found}; the runner needs {oldest}")
        return version

    def _request(self, do: str, **contents: Json) -> dict[str, Json]:
        self._send_request(do, **contents)
        return self._reply(REPLIES[do])

    def _send_request(self, do: str, **contents: Json) -> None:
        self._write(_line({"do": do, **contents}))

    def _send_content(self, archive: BinaryIO, size: int) -> None:
        while size:
            data = archive.read(min(_CHUNK, size))
            if not data:
                self.close()  # the other end would wait for the rest for ever
                raise SessionLost("the archive became shorter while it was sent")
            self._write(data)
            size -= len(data)

    def _reply(self, shape: Shape, timeout: float | None = None) -> dict[str, Json]:
        line = self._far_end.read_line(timeout or self._timeout)
        reply = _parse(line, either(REFUSAL, shape))
        if REFUSAL(reply):
            reason = " ".join(reply["error"].split())[:_LONGEST_REASON]
            raise RemoteRefusal(reply["kind"], reason or "no reason")
        return reply

    def _read_content(self, size: int, most: int) -> bytes:
        return self._far_end.read_content(size, most, self._timeout)

    def _write(self, data: bytes) -> None:
        self._far_end.write(data)


def _line(message: Mapping[str, Json]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def _parse(line: bytes, shape: Shape) -> dict[str, Json]:
    """Parse a message of the other end, and require a shape of it."""
    try:
        message = parse_object(line)
    except ValueError:
        raise no_message(line) from None
    if not shape(message):
        raise no_message(line)
    return message
