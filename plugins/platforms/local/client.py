"""The driver's side of a fork server: starts the server, and talks to its root and keepers.

`fork_server/__init__.py` draws the processes and lists the messages.
"""

import json
import os
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector
from typing import Any

from sweepwright.events import Json

from .fork_server.channel import Channel
from .report_pipe import ReportPipe

GRACE_SECONDS = 2.0
"""Seconds between asking a job to end and killing it."""
_FOLDER = Path(__file__).parent / "fork_server"
# Time that a server may take to end everything that it started, before it is killed.
_EXIT_SECONDS = 5.0
MARK = "SWEEPWRIGHT_SERVER"
"""Environment variable that marks every process of a fork server."""
# Seconds after which unkillable processes are given up, and seconds between attempts to kill.
_KILL_SECONDS = 5.0
_PAUSE_SECONDS = 0.01


class KeeperHandle:
    """The driver's record of one keeper, which is idle or runs a job."""

    def __init__(self, number: int, channel: Channel) -> None:
        self.number = number
        self.channel = channel
        self.job: str | None = None


class ForkServerClient:
    """Starts a fork server, distributes jobs to its keepers and forwards their answers.

    Each answer goes to `on_answer`, with the name of its job: ``started``, ``ended``, ``refused``
    or ``lost``. Invariants: a keeper is in `_keepers` until the root reports it as gone; it is in
    `_idle` exactly while its connection is open and it has no job.
    """

    def __init__(
        self,
        interpreter: Json,
        log: Path,
        selector: BaseSelector,
        on_answer: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self.refusal: str | None = None
        self.dead = False
        self._has_answered = False
        self._on_answer = on_answer
        self._selector = selector
        self._keepers: dict[int, KeeperHandle] = {}
        self._idle: list[KeeperHandle] = []
        self._keeper_count = 0
        self._mark = uuid.uuid4().hex
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours)
        with theirs:
            try:
                self._process = self._start(interpreter, theirs, log)
            except OSError:
                ours.close()
                raise
        ours.settimeout(0)
        selector.register(self._channel, EVENT_READ, self._on_root)

    def start(self, job: str, request: Json, reports: Sequence[ReportPipe]) -> None:
        """Send a keeper a job to start; its processes write reports to the given pipes.

        Raises `OSError` if the system lacks memory or descriptors for another keeper.
        """
        keeper = self._idle.pop() if self._idle else self._new_keeper()
        keeper.job = job
        self._send(keeper, {"start": request}, [pipe.take_writer() for pipe in reports])

    def prepare(self, count: int) -> None:
        """Create keepers in advance, until there are `count` keepers."""
        self._idle += [self._new_keeper() for _ in range(count - len(self._keepers))]

    def stop(self, job: str) -> None:
        """Ask the keeper of a job to end it; unknown jobs are ignored."""
        for keeper in self._keepers.values():
            if keeper.job == job:
                self._send(keeper, {"stop": job})

    def close(self) -> None:
        """End the server and all its descendants, and wait until they are gone."""
        for channel in (self._channel, *(keeper.channel for keeper in self._keepers.values())):
            with suppress(KeyError, ValueError):
                self._selector.unregister(channel)
            channel.close()
        self._keepers.clear()
        self.dead = True
        try:
            # A server that never answered is still importing and would not notice the end of
            # its connection for a while, so it is killed at once.
            self._process.wait(_EXIT_SECONDS if self._has_answered else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            kill_marked(self._mark)

    def _start(self, interpreter: Json, theirs: socket.socket, log: Path) -> Any:
        settings = {
            "preload": interpreter["preload"],
            "prestart": interpreter["prestart"],
            "driver": os.getpid(),
            "grace": GRACE_SECONDS,
        }
        argv = [interpreter["python"], _FOLDER, "root", str(theirs.fileno()), json.dumps(settings)]
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as stderr:
            return subprocess.Popen(
                argv,
                env={**_inherited_environment(), **interpreter["environment"], MARK: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                pass_fds=[theirs.fileno()],
                # Ctrl-C in a terminal goes to its foreground process group. The server gets its
                # own session, so that neither the server nor its trials receive the signal.
                start_new_session=True,
            )

    def _new_keeper(self) -> KeeperHandle:
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        self._keeper_count += 1
        keeper = self._keepers[self._keeper_count] = KeeperHandle(
            self._keeper_count, Channel(ours)
        )
        self._selector.register(
            keeper.channel, EVENT_READ, lambda mask: self._on_keeper(keeper, mask)
        )
        self._channel.send({"keeper": keeper.number}, [theirs.detach()])
        return keeper

    def _send(
        self, keeper: KeeperHandle, message: dict[str, Any], files: list[int] | None = None
    ) -> None:
        if not keeper.channel.send(message, files or []):
            self._watch(keeper, EVENT_READ | EVENT_WRITE)

    def _watch(self, keeper: KeeperHandle, events: int) -> None:
        key = self._selector.get_key(keeper.channel)
        self._selector.modify(keeper.channel, events, key.data)

    def _on_keeper(self, keeper: KeeperHandle, mask: int) -> None:
        """Read a keeper's messages, or send it data that its full socket refused before."""
        if keeper.number not in self._keepers:
            return
        if mask & EVENT_WRITE and keeper.channel.flush():
            self._watch(keeper, EVENT_READ)
        if not mask & EVENT_READ:
            return
        messages = keeper.channel.receive()
        if messages is None:
            # The root kills what the keeper left behind, and then sends `gone`.
            self._selector.unregister(keeper.channel)
            self._idle = [free for free in self._idle if free is not keeper]
            return
        for message, _ in messages:
            self._answer(keeper, message)

    def _answer(self, keeper: KeeperHandle, message: dict[str, Any]) -> None:
        self._has_answered = True
        job = keeper.job
        if "ended" in message:
            keeper.job = None
            self._idle.append(keeper)
        if job is not None:
            self._on_answer(job, message)

    def _on_root(self, _mask: int) -> None:
        messages = self._channel.receive()
        if messages is None:
            self._reap_children()
        for message, _ in messages or ():
            if "refused" in message:
                self._has_answered = True
                self.refusal = message["refused"]
                self._lose_all(message)
                self.close()
            elif (keeper := self._keepers.get(message["gone"])) is not None:
                self._lose(keeper, {"lost": "the keeper that ran it died"})

    def _reap_children(self) -> None:
        """If the root has died, kill its processes, which it can no longer kill itself."""
        # This comes before the answers, because an answer may start a job on another server.
        self.dead = True
        code = self._process.wait()
        kill_marked(self._mark)
        self._lose_all({"lost": f"the fork server that ran it ended with exit code {code}"})
        self.close()

    def _lose_all(self, answer: dict[str, Any]) -> None:
        for keeper in list(self._keepers.values()):
            self._lose(keeper, answer)

    def _lose(self, keeper: KeeperHandle, answer: dict[str, Any]) -> None:
        del self._keepers[keeper.number]
        self._idle = [free for free in self._idle if free is not keeper]
        with suppress(KeyError, ValueError):
            self._selector.unregister(keeper.channel)
        keeper.channel.close()
        if keeper.job is not None:
            self._on_answer(keeper.job, answer)


def _inherited_environment() -> dict[str, str]:
    """Copy the environment without a trial's variables, which exist if a trial runs this sweep."""
    return {k: v for k, v in os.environ.items() if not k.startswith("SWEEPWRIGHT_")}


def kill_marked(mark: str, processes: Path = Path("/proc")) -> None:
    """Kill every process whose environment has a server's mark, until no such process is left.

    The kernel keeps the environment with which a process was exec'ed, and copies it on a fork.
    So a forked process has the mark of its parent.
    """
    entry = f"{MARK}={mark}\0".encode()
    deadline = time.monotonic() + _KILL_SECONDS
    while found := [p for p in processes.glob("[0-9]*") if entry in _environment(p)]:
        for process in found:
            with suppress(OSError):
                os.kill(int(process.name), signal.SIGKILL)
        if time.monotonic() > deadline:
            return
        time.sleep(_PAUSE_SECONDS)


def _environment(process: Path) -> bytes:
    """Read a process's initial environment; empty if it has ended or belongs to another user."""
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""
