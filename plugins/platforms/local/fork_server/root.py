"""The root of a fork server: it imports once, forks keepers, and survives no driver."""

import json
import os
import selectors
import socket
import traceback
from typing import NoReturn

from .channel import Channel, Message
from .child_watch import ChildWatch
from .descendants import LINUX, adopt_orphans, die_with, kill_descendants, reap
from .huge_pages import gather_memory
from .keeper import Keeper
from .preload import drop_exit_handlers, preload, started_runtime


def run(descriptor: int, settings: str) -> NoReturn:
    """Serve the driver at the other end of an inherited socket."""
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - positional only
    adopt_orphans()
    Root(Channel(socket.socket(fileno=descriptor)), json.loads(settings)).run()


class Root:
    """Obeys ``keeper``; says ``refused`` if it cannot serve, and ``gone`` for a dead keeper."""

    def __init__(self, channel: Channel, settings: Message) -> None:
        self._channel = channel
        self._settings = settings
        self._keepers: dict[int, int] = {}
        self._watch = ChildWatch()
        self._driver = _open_process(settings["driver"])
        self._selector = selectors.PollSelector()
        self._selector.register(channel, selectors.EVENT_READ, self._obey)
        self._selector.register(self._watch, selectors.EVENT_READ, self._reap_children)
        if self._driver is not None:
            self._selector.register(self._driver, selectors.EVENT_READ, self._leave)

    def run(self) -> NoReturn:
        """Import, then serve until the driver is gone."""
        # What is not to be forked is imported by the prestarted interpreters instead.
        refusal = preload([] if self._settings["prestart"] else self._settings["preload"])
        refusal = refusal or started_runtime()
        if refusal:
            self._channel.send({"refused": refusal})
            self._leave()
        drop_exit_handlers()
        gather_memory()
        while True:
            for key, _ in self._selector.select():
                key.data()

    def _obey(self) -> None:
        messages = self._channel.receive()
        if messages is None:
            self._leave()
        for message, files in messages:
            self._fork_keeper(message["keeper"], files[0])

    def _fork_keeper(self, number: int, descriptor: int) -> None:
        root = os.getpid()
        if child := os.fork():
            os.close(descriptor)
            self._keepers[child] = number
            return
        try:
            die_with(root)
            self._let_go()
            Keeper(Channel(socket.socket(fileno=descriptor)), self._settings).run()
        except BaseException:  # noqa: BLE001 - it must not come back as a second root
            traceback.print_exc()
        finally:
            os._exit(1)

    def _reap_children(self) -> None:
        """Clear up after keepers that died; their jobs' processes are this one's children now."""
        self._watch.clear()
        gone = [self._keepers.pop(child) for child, _ in reap() if child in self._keepers]
        if gone:
            kill_descendants(self._keepers)
        for number in gone:
            self._channel.send({"gone": number})

    def _leave(self) -> NoReturn:
        if not LINUX:
            # Each keeper sees for itself that the driver is gone.
            for child in self._keepers:
                os.waitpid(child, 0)
        kill_descendants()
        os._exit(0)

    def _let_go(self) -> None:
        self._watch.close()
        self._channel.close()
        if self._driver is not None:
            os.close(self._driver)


def _open_process(process: int) -> int | None:
    """Open a process, to see it die even while others hold its sockets; None if one cannot."""
    try:
        return os.pidfd_open(process)
    except (AttributeError, OSError):
        return None
