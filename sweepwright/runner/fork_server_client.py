"""The driver's side of a fork server: starts the server, and talks to its root and keepers.

`fork_server/__init__.py` draws the processes and lists the messages.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector
from typing import Any

from .fork_server.channel import Channel, Message
from .fork_server.refusals import may_pass
from .leftovers import MARK, kill_marked

GRACE_SECONDS = 2.0
"""Seconds between asking a job to end and killing it."""
ANSWER_SECONDS = 5.0
"""Seconds that a keeper or a root may take to answer, beyond the grace, before it is killed."""
_FOLDER = Path(__file__).parent / "fork_server"
# Time that a server may take to end everything that it started, before it is killed.
_EXIT_SECONDS = 5.0


class KeeperHandle:
    """The driver's record of one keeper, which is idle or runs a job."""

    def __init__(self, number: int, channel: Channel) -> None:
        self.number = number
        self.channel = channel
        self.job: str | None = None
        self.answer_by = float("inf")
        """Time by which this keeper must have ended its job, or be gone if it is being killed;
        infinity if nobody waits for its answer."""
        self.being_killed = False

    def await_answer(self) -> None:
        """Give this keeper the time from now on that ending a job may take."""
        self.answer_by = time.monotonic() + GRACE_SECONDS + ANSWER_SECONDS


class ForkServerClient:
    """Starts a fork server, distributes jobs to its keepers and forwards their answers.

    Each answer goes to `on_answer`, with the name of its job: ``started``, ``ended``, ``refused``
    or ``lost``. A keeper that does not answer in time, for example because it is stopped, is
    killed by the root; if the root does not answer either, it is killed.

    Invariants: a keeper is in `_keepers` until the root reports it as gone; it is in
    `_idle` exactly while its connection is open and it has no job.
    """

    def __init__(
        self,
        interpreter: Message,
        log: Path,
        selector: BaseSelector,
        on_answer: Callable[[str, Message], None],
        session: str = "",
    ) -> None:
        self.refusal: Message | None = None
        """Why neither this server nor its successor can run a job; None if they may."""
        self.dead = False
        self.has_answered = False
        """Whether the server has imported the libraries and answered a request since."""
        self._on_answer = on_answer
        self._selector = selector
        self._keepers: dict[int, KeeperHandle] = {}
        self._idle: list[KeeperHandle] = []
        self._awaited: list[KeeperHandle] = []
        """Keepers that have been asked to end their job, or are being killed."""
        self._keeper_count = 0
        self._mark = f"{session}.{os.urandom(16).hex()}"
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

    def start(self, job: str, request: Message) -> None:
        """Send a keeper a job to start.

        Raises `OSError` if the system lacks memory or descriptors for another keeper.
        """
        keeper = self._idle.pop() if self._idle else self._new_keeper()
        keeper.job = job
        self._send(keeper, {"start": request})

    def prepare(self, count: int) -> None:
        """Create keepers in advance, until there are `count` keepers."""
        for _ in range(count - len(self._keepers)):
            self._idle.append(self._new_keeper())

    def release_idle(self) -> None:
        """End the idle keepers except for one, because each holds a process and descriptors."""
        released, self._idle = self._idle[1:], self._idle[:1]
        for keeper in released:
            self._selector.unregister(keeper.channel)
            keeper.channel.close()

    def end(self, job: str, message: str) -> None:
        """Send the keeper of a job ``stop`` or ``finish``; unknown jobs are ignored."""
        for keeper in self._keepers.values():
            if keeper.job == job:
                self._send(keeper, {message: job})
                if keeper not in self._awaited:
                    keeper.await_answer()
                    self._awaited.append(keeper)

    def give_up(self, job: str) -> None:
        """Kill the keeper of a job; its job is then answered as ``lost``."""
        for keeper in self._keepers.values():
            if keeper.job == job:
                self._kill(keeper)

    @property
    def answer_by(self) -> float:
        """Time at which `kill_unresponsive` has something to do; infinity if it has not."""
        return min((keeper.answer_by for keeper in self._awaited), default=float("inf"))

    def kill_unresponsive(self) -> None:
        """Kill the keepers that have not answered in time."""
        now = time.monotonic()
        for keeper in [late for late in self._awaited if late.answer_by <= now]:
            if keeper.being_killed:
                # The root reports a dead keeper at once, unless it is stopped itself.
                self._process.kill()
            self._kill(keeper)

    def _kill(self, keeper: KeeperHandle) -> None:
        keeper.being_killed = True
        keeper.answer_by = time.monotonic() + ANSWER_SECONDS
        if keeper not in self._awaited:
            self._awaited.append(keeper)
        self._send_root({"kill": keeper.number})

    def close(self) -> None:
        """End the server and all its descendants, and wait until they are gone."""
        for channel in (self._channel, *(keeper.channel for keeper in self._keepers.values())):
            with suppress(KeyError, ValueError):
                self._selector.unregister(channel)
            channel.close()
        self._keepers.clear()
        self._awaited.clear()
        self.dead = True
        try:
            # A server that never answered is still importing and would not notice the end of
            # its connection for a while, so it is killed at once.
            self._process.wait(_EXIT_SECONDS if self.has_answered else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            kill_marked(self._mark)

    def _start(self, interpreter: Message, theirs: socket.socket, log: Path) -> Any:
        settings = {
            "preload": interpreter["preload"],
            "prestart": interpreter["prestart"],
            "driver": os.getpid(),
            "grace": GRACE_SECONDS,
        }
        argv = [interpreter["python"], _FOLDER, "root", str(theirs.fileno()), json.dumps(settings)]
        private = 0o600 | log.parent.stat().st_mode & 0o040
        with open(log, "ab", opener=lambda path, flags: os.open(path, flags, private)) as stderr:
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
        """Ask the root for another keeper; raise `OSError` if the system refuses a connection."""
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        self._keeper_count += 1
        keeper = KeeperHandle(self._keeper_count, Channel(ours))
        try:
            self._selector.register(
                keeper.channel, EVENT_READ, lambda mask: self._on_keeper(keeper, mask)
            )
        except OSError:
            keeper.channel.close()
            theirs.close()
            raise
        self._keepers[keeper.number] = keeper
        self._send_root({"keeper": keeper.number}, [theirs.detach()])
        return keeper

    def _send_root(self, message: Message, files: Sequence[int] = ()) -> None:
        if not self._channel.send(message, files):
            self._watch(self._channel, EVENT_READ | EVENT_WRITE)

    def _send(self, keeper: KeeperHandle, message: Message) -> None:
        if not keeper.channel.send(message):
            self._watch(keeper.channel, EVENT_READ | EVENT_WRITE)

    def _watch(self, channel: Channel, events: int) -> None:
        with suppress(KeyError):  # the other end is gone, and its loss is about to be handled
            self._selector.modify(channel, events, self._selector.get_key(channel).data)

    def _on_keeper(self, keeper: KeeperHandle, mask: int) -> None:
        """Read a keeper's messages, or send it data that its full socket refused before."""
        if keeper.number not in self._keepers or keeper.channel.fileno() < 0:
            return  # it was released or lost in the same step
        if mask & EVENT_WRITE and keeper.channel.flush():
            self._watch(keeper.channel, EVENT_READ)
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

    def _answer(self, keeper: KeeperHandle, message: Message) -> None:
        self.has_answered = True
        job = keeper.job
        if "ended" in message:
            keeper.job = None
            self._awaited = [late for late in self._awaited if late is not keeper]
            self._idle.append(keeper)
        elif "waiting" in message:
            keeper.await_answer()  # it tries again to keep a checkpoint, and will say so
        elif "refused" in message:
            keeper.job = None  # this keeper lacks what it needs, and is about to be gone
        if job is not None:
            self._on_answer(job, message)

    def _on_root(self, mask: int) -> None:
        if mask & EVENT_WRITE and self._channel.flush():
            self._watch(self._channel, EVENT_READ)
        if not mask & EVENT_READ:
            return
        messages = self._channel.receive()
        if messages is None:
            self._reap_children()
        for message, _ in messages or ():
            if "keeper" in message:
                self._lose(message["keeper"], message)
            elif "refused" in message:
                self.has_answered = True
                self.refusal = None if may_pass(message["refused"]) else message["refused"]
                self._lose_all(message)
                self.close()
            else:
                self._lose(message["gone"], {"lost": "the keeper that ran it died"})

    def _reap_children(self) -> None:
        """If the root has died, kill its processes, which it can no longer kill itself."""
        # This comes before the answers, because an answer may start a job on another server.
        self.dead = True
        code = self._process.wait()
        kill_marked(self._mark)
        self._lose_all({"lost": f"the fork server that ran it ended with exit code {code}"})
        self.close()

    def _lose_all(self, answer: Message) -> None:
        for number in list(self._keepers):
            self._lose(number, answer)

    def _lose(self, number: int, answer: Message) -> None:
        keeper = self._keepers.pop(number, None)
        if keeper is None:
            return
        self._awaited = [late for late in self._awaited if late is not keeper]
        self._idle = [free for free in self._idle if free is not keeper]
        with suppress(KeyError, ValueError):
            self._selector.unregister(keeper.channel)
        keeper.channel.close()
        if keeper.job is not None:
            self._on_answer(keeper.job, answer)


def _inherited_environment() -> dict[str, str]:
    """Copy the environment without a trial's variables, which exist if a trial runs this sweep."""
    return {k: v for k, v in os.environ.items() if not k.startswith("SWEEPWRIGHT_")}
