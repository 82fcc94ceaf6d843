"""The agent: runs an engine for one process of a job, and writes what happens to the log."""

from __future__ import annotations

import os
import signal
import socket
import sys
from selectors import EVENT_READ
from typing import Any

from ..capacity import Capacity
from ..engine import Engine
from ..failures import CANCELLED
from ..settings import Settings
from .assignment import Assignment
from .checkpoint_url import CheckpointUrl, TransferError
from .initial_process import PASSED_ON
from .log_writer import LogWriter
from .output_tail import OutputTail

Outcome = Any
"""``{"failure": …}`` as in an event ``ended``, or ``{"refused": reason}``."""

_QUICK_SECONDS = 0.02
"""Time between two looks at the output while the trial prints."""
_SLOW_SECONDS = 0.25
_CHUNKS_AT_ONCE = 16
# What a container may use is limited by the cluster, which has decided where the container runs.
_UNLIMITED = Capacity(sys.float_info.max)
_UNEXPLAINED = ("lost", "launch")
"""Classes of failures that the log of the fork server may explain."""


class Agent:
    """Runs one process of a job to its end."""

    def __init__(self, assignment: Assignment, log: LogWriter) -> None:
        self._assignment = assignment
        self._log = log
        self._folder = assignment.scratch / "sweep"
        self._engine = Engine(
            Settings(str(self._folder), _UNLIMITED, session=os.urandom(16).hex())
        )
        self._tails: list[OutputTail] = []
        self._signal = ""
        """Name of the signal by which the container was told to end."""
        self._outcome: Outcome = None
        self._waker = self._catch_signals()

    def run(self) -> Outcome:
        """Run the process, and return what became of it."""
        try:
            checkpoints = CheckpointUrl(self._assignment)
            checkpoints.fetch()
            self._engine.launch(self._assignment.job, self._assignment.submission)
            while self._outcome is None:
                self._step()
            if self._outcome == {"failure": None}:
                checkpoints.keep()
        except TransferError as error:
            return error.outcome
        finally:
            self._engine.close()
            self._explain()
        return self._outcome

    def _step(self) -> None:
        busy = self._pass_output()
        events = self._engine.poll(_QUICK_SECONDS if busy else _SLOW_SECONDS)
        if events:
            # What was printed before a report stands before it in the log, too.
            self._pass_output()
        for event in events:
            self._handle({key: value for key, value in event.items() if key != "job"})
        self._log.keep_readable()

    def _handle(self, event: dict[str, Any]) -> None:
        if event["event"] == "ended":
            self._drain_output()
            self._outcome = {"failure": self._told(event["failure"])}
        elif event["event"] == "refused":
            self._drain_output()
            self._outcome = {"refused": event["reason"]}
        else:
            if event["event"] == "launched":
                limit = self._assignment.max_output
                self._tails = [OutputTail(path, limit) for path in self._assignment.outputs]
            self._log.record(event)

    def _told(self, failure: dict[str, str] | None) -> dict[str, str] | None:
        """Say which signal has cancelled the job."""
        if failure != CANCELLED._asdict():
            return failure
        return {"kind": "killed", "message": f"its container was told to end by {self._signal}"}

    def _pass_output(self) -> bool:
        """Write what the process has printed; return whether it has printed anything."""
        printed = False
        for tail in self._tails:
            for _ in range(_CHUNKS_AT_ONCE):
                if not (data := tail.read()):
                    break
                self._log.text(data)
                printed = True
        return printed

    def _drain_output(self) -> None:
        """Write everything that is left, since no process is left that prints."""
        for tail in self._tails:
            while data := tail.read(final=True):
                self._log.text(data)
            tail.close()
        self._tails = []

    def _explain(self) -> None:
        """Write what the fork server has printed, if that may tell why the job did not run."""
        outcome = self._outcome or {"refused": ""}
        failure = outcome.get("failure")
        if "refused" in outcome or (failure and failure["kind"] in _UNEXPLAINED):
            tail = OutputTail(str(self._folder / "fork-server.log"))
            self._log.text(tail.read(final=True))
            tail.close()

    def _catch_signals(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setblocking(False)  # noqa: FBT003 - positional only
        signal.set_wakeup_fd(theirs.detach())
        for number in PASSED_ON:
            signal.signal(number, lambda *_: None)
        self._engine.selector.register(ours, EVENT_READ, self._on_signal)
        return ours

    def _on_signal(self, _mask: int) -> None:
        name = signal.Signals(self._waker.recv(1)[0]).name
        self._signal = self._signal or name
        self._engine.cancel(self._assignment.job)
