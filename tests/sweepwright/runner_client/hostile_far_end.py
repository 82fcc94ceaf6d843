"""A far end that is a script, and messages of which each value in turn is replaced by nonsense."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sweepwright.runner_client.bootstrap import MARKER

ODD_VALUES: Sequence[Any] = (
    *(None, True, -1, 1.5, 1 << 200, float("nan"), float("-inf")),
    *("", "x", "9" * 5000, "\x1b]0;owned\x07\x1b[2J", "\ud800", "a\nb", "x" * 100_000),
    *([], {}, [[]], {"a": []}, [None], ["a", "b", "c"], [["main", 0, 0]], [["main", 0, 70_000]]),
)
READY = MARKER + b'{"python":[3,11,0]}\n{"ok":true}\n'
FACTS = {
    "host": "box",
    "system": "Linux",
    "python": {"executable": "/usr/bin/python3", "version": [3, 11, 0]},
    "packages": {"torch": "2.1", "numpy": None},
    "folder": {
        "path": "/x",
        "error": None,
        "free": 10**12,
        "file_system": "ext4",
        "in_memory": False,
    },
    "cpus": 8.0,
    "memory": 1e11,
    "gpus": {
        "devices": [{"index": "0", "id": "GPU-1", "name": "A", "memory": "1"}],
        "error": None,
    },
    "clock": 1.8e9,
}
HELLO = {
    "log": "5f",
    "known": {"sweep-0-1": 12},
    "pid": 7,
    "capacity": {"cpus": 4.0, "gpus": ["0"], "memory": 1e10},
}


def mutations(message: Any) -> Iterator[Any]:
    """Yield copies of a message in which one value was replaced by an odd one, or is missing."""
    if isinstance(message, dict):
        for key, value in message.items():
            yield {name: each for name, each in message.items() if name != key}
            yield from ({**message, key: inner} for inner in mutations(value))
    elif isinstance(message, list):
        for index, value in enumerate(message):
            yield from (
                [*message[:index], inner, *message[index + 1 :]] for inner in mutations(value)
            )
    yield from ODD_VALUES


def line(message: Any) -> bytes:
    return json.dumps(message).encode() + b"\n"


class ScriptedStream:
    """A connection that gives some bytes, and then nothing more."""

    def __init__(self, *chunks: bytes, endless: bytes = b"", ends: bool = True) -> None:
        self._chunks = list(chunks)
        self._endless = endless
        self._ends = ends
        self.given = 0

    def read(self, timeout: float) -> bytes:  # noqa: ARG002 - it never waits
        chunk = self._chunks.pop(0) if self._chunks else self._endless
        if not chunk and not self._ends:
            raise TimeoutError
        self.given += len(chunk)
        return chunk

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...
