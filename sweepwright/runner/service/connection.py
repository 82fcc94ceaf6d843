"""The far end of a connection: requests that arrive on standard input, replies on standard output.

A request is a JSON object in one line. If it has a ``size``, as many bytes follow. A reply has
the same form: ``{"ok": true, …}``, or ``{"error": …, "kind": …}`` (`refusal`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from .refusal import RefusalError
from .unpacking import Payload

LONGEST_LINE = 1 << 24
"""Maximum length of a request, in bytes."""


class Connection:
    """Reads requests and writes replies, and blocks meanwhile.

    Nothing is read ahead, because the daemon may later take over the same descriptors.
    """

    def __init__(self, source: int = 0, sink: int = 1) -> None:
        self.source = source
        self.sink = sink

    def next_request(self) -> dict[str, Any]:
        """Read the next request; raise `EOFError` if there is none, or only a part of one."""
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = os.read(self.source, 1)
            if not byte or len(line) == LONGEST_LINE:
                raise EOFError
            line += byte
        try:
            request = json.loads(line)
        except ValueError:
            request = None
        if not isinstance(request, dict):
            raise RefusalError("request", "a request is an object of JSON in one line")
        return request

    def payload(self, request: dict[str, Any]) -> Payload:
        """Return the bytes that follow a request."""
        return Payload(lambda size: os.read(self.source, size), int(request.get("size", 0)))

    def reply(self, **facts: Any) -> None:
        """Answer a request that was done."""
        self._write(_line({"ok": True, **facts}))

    def reply_bytes(self, data: bytes, **facts: Any) -> None:
        """Answer a request with bytes."""
        self._write(_line({"ok": True, "size": len(data), **facts}) + data)

    def reply_stream(self, pieces: Iterable[bytes]) -> None:
        """Answer a request with pieces, each of which is a reply; the last piece is empty."""
        for piece in pieces:
            if piece:
                self.reply_bytes(piece)
        self.reply_bytes(b"")

    def refuse(self, error: RefusalError) -> None:
        """Answer a request that was not done."""
        self._write(_line({"error": " ".join(str(error).split()), "kind": error.kind}))

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self.sink, view) :]


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
