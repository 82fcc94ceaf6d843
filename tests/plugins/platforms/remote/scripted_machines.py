"""Machines that are scripts: a connection whose far end is a function of what it receives."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from sweepwright.plugins.platforms.remote.options import Machine
from tests.sweepwright.runner_client.hostile_far_end import HELLO, READY, line

Answer = Callable[[dict[str, Any]], Iterator[bytes]]


class ScriptedMachine:
    """A connection, and the stream on it: each message that arrives is answered by a script."""

    host = "127.0.0.1"

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._received = b""
        self._answers: SimpleQueue[Iterator[bytes]] = SimpleQueue()
        self._answering: Iterator[bytes] = iter([READY])
        self.closed = False
        self.given = 0

    def open(self, _command: str) -> "ScriptedMachine":
        return self

    def write(self, data: bytes) -> None:
        *lines, self._received = (self._received + data).split(b"\n")
        for each in lines:
            if each.startswith(b'{"') and b'"folder"' not in each[:10]:
                self._answers.put(self._answer(json.loads(each)))

    def read(self, timeout: float) -> bytes:
        end = time.monotonic() + timeout
        while not self.closed:
            data = next(self._answering, b"")
            if data:
                self.given += len(data)
                return data
            if time.monotonic() >= end:
                raise TimeoutError
            with suppress(Empty):
                self._answering = self._answers.get(timeout=0.05)
        return b""

    def close(self) -> None:
        self.closed = True


def honest(message: dict[str, Any]) -> Iterator[bytes]:
    """Do what a runner does, with jobs that succeed at once."""
    match message:
        case {"do": "attach"}:
            yield line({"attached": {**HELLO, "known": {}}})
        case {"do": "has_code"}:
            yield line({"ok": True, "has": True})
        case {"launch": job}:
            for at, event in enumerate(("accepted", "launched", "ended"), 1):
                yield line({"at": at, "event": event, "job": job, "failure": None, "handle": {}})
        case {"ping": number}:
            yield line({"pong": number})


class ScriptedMachines:
    """Connects to scripted machines by their host names, which are those of scripts."""

    def __init__(self, **scripts: Answer) -> None:
        self._scripts = scripts
        self.connections: list[ScriptedMachine] = []

    def connect(self, machine: Machine) -> ScriptedMachine:
        self.connections.append(ScriptedMachine(self._scripts[machine.host]))
        return self.connections[-1]
