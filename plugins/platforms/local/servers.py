"""The driver's side of a fork server: its processes, its keepers, and the news of them."""

import json
import os
import socket
import subprocess
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector
from typing import Any

from sweepwright.events import Json

from .fork_server.channel import Channel
from .leaked_processes import MARK, kill_marked
from .reports import Reports

GRACE_SECONDS = 2.0
"""How long a job that was asked to end may take before it is killed."""
_FOLDER = Path(__file__).parent / "fork_server"
_EXIT_SECONDS = 5.0


class Keeper:
    """One keeper of a fork server, free or running a job."""

    def __init__(self, number: int, channel: Channel) -> None:
        self.number = number
        self.channel = channel
        self.job: str | None = None


class Server:
    """A fork server with its keepers.

    What happens is said to `hear`, as the job it concerns and the answer: ``started``,
    ``ended``, ``refused`` or ``lost``.
    """

    def __init__(
        self,
        interpreter: Json,
        log: Path,
        selector: BaseSelector,
        hear: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self.refusal: str | None = None
        self.dead = False
        self._heard_of = False
        self._hear = hear
        self._selector = selector
        self._keepers: dict[int, Keeper] = {}
        self._free: list[Keeper] = []
        self._made = 0
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

    def start(self, job: str, request: Json, reports: Sequence[Reports]) -> None:
        """Have a keeper start a job, which writes to the given pipes.

        `OSError` if there is no room for another keeper.
        """
        keeper = self._free.pop() if self._free else self._new_keeper()
        keeper.job = job
        self._send(keeper, {"start": request}, [pipe.hand_over() for pipe in reports])

    def prepare(self, count: int) -> None:
        """Have so many keepers ready before they are needed."""
        self._free += [self._new_keeper() for _ in range(count - len(self._keepers))]

    def stop(self, job: str) -> None:
        """Have a job ended; unknown ones are ignored."""
        for keeper in self._keepers.values():
            if keeper.job == job:
                self._send(keeper, {"stop": job})

    def close(self) -> None:
        """End the server with everything it started, and return when all that is gone."""
        for channel in (self._channel, *(keeper.channel for keeper in self._keepers.values())):
            with suppress(KeyError, ValueError):
                self._selector.unregister(channel)
            channel.close()
        self._keepers.clear()
        self.dead = True
        try:
            # One that never spoke is busy importing, and would not listen for long.
            self._process.wait(_EXIT_SECONDS if self._heard_of else 0)
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
                env={**_outside(), **interpreter["environment"], MARK: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                pass_fds=[theirs.fileno()],
                # A terminal's Ctrl-C is the driver's, and never a trial's.
                start_new_session=True,
            )

    def _new_keeper(self) -> Keeper:
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        self._made += 1
        keeper = self._keepers[self._made] = Keeper(self._made, Channel(ours))
        self._selector.register(keeper.channel, EVENT_READ, lambda mask: self._on(keeper, mask))
        self._channel.send({"keeper": keeper.number}, [theirs.detach()])
        return keeper

    def _send(
        self, keeper: Keeper, message: dict[str, Any], files: list[int] | None = None
    ) -> None:
        if not keeper.channel.send(message, files or []):
            self._watch(keeper, EVENT_READ | EVENT_WRITE)

    def _watch(self, keeper: Keeper, events: int) -> None:
        key = self._selector.get_key(keeper.channel)
        self._selector.modify(keeper.channel, events, key.data)

    def _on(self, keeper: Keeper, mask: int) -> None:
        """Hear a keeper, or send it what its full socket kept back."""
        if keeper.number not in self._keepers:
            return
        if mask & EVENT_WRITE and keeper.channel.flush():
            self._watch(keeper, EVENT_READ)
        if not mask & EVENT_READ:
            return
        messages = keeper.channel.receive()
        if messages is None:
            # The root clears up after it, and says when that is done.
            self._selector.unregister(keeper.channel)
            self._free = [free for free in self._free if free is not keeper]
            return
        for message, _ in messages:
            self._answer(keeper, message)

    def _answer(self, keeper: Keeper, message: dict[str, Any]) -> None:
        self._heard_of = True
        job = keeper.job
        if "ended" in message:
            keeper.job = None
            self._free.append(keeper)
        if job is not None:
            self._hear(job, message)

    def _on_root(self, _mask: int) -> None:
        messages = self._channel.receive()
        if messages is None:
            self._reap_children()
        for message, _ in messages or ():
            if "refused" in message:
                self._heard_of = True
                self.refusal = message["refused"]
                self._lose_all(message)
                self.close()
            elif (keeper := self._keepers.get(message["gone"])) is not None:
                self._lose(keeper, {"lost": "the keeper that ran it died"})

    def _reap_children(self) -> None:
        """Clear up after a root that died, which can do nothing of the kind itself any more."""
        # Before the news goes round: whoever waits in line is not to be sent here.
        self.dead = True
        code = self._process.wait()
        kill_marked(self._mark)
        self._lose_all({"lost": f"the fork server that ran it ended with exit code {code}"})
        self.close()

    def _lose_all(self, news: dict[str, Any]) -> None:
        for keeper in list(self._keepers.values()):
            self._lose(keeper, news)

    def _lose(self, keeper: Keeper, news: dict[str, Any]) -> None:
        del self._keepers[keeper.number]
        self._free = [free for free in self._free if free is not keeper]
        with suppress(KeyError, ValueError):
            self._selector.unregister(keeper.channel)
        keeper.channel.close()
        if keeper.job is not None:
            self._hear(keeper.job, news)


def _outside() -> dict[str, str]:
    """Copy the environment without what is meant for a trial, should this sweep run in one."""
    return {k: v for k, v in os.environ.items() if not k.startswith("SWEEPWRIGHT_")}
