"""The root of a fork server: imports libraries once, forks keepers, and ends with the driver."""

import json
import os
import selectors
import socket
import traceback
from typing import NoReturn

from .channel import Channel, Message
from .keeper import Keeper
from .preload import collapse_memory, drop_exit_handlers, preload, started_runtime
from .process_tree import (
    LINUX,
    ChildExitNotifier,
    become_subreaper,
    die_with_parent,
    kill_descendants,
    reap,
)


def run(descriptor: int, settings: str) -> NoReturn:
    """Serve the driver at the other end of an inherited socket."""
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - positional only
    become_subreaper()
    Root(Channel(socket.socket(fileno=descriptor)), json.loads(settings)).run()


class Root:
    """Receives ``keeper``; sends ``refused`` if it cannot serve, and ``gone`` when a keeper dies.

    Invariant: `_keepers` maps the process id of each living keeper to its number. This process has
    no threads, and only imports and forks, because forking a process that computes is unsafe.
    """

    def __init__(self, channel: Channel, settings: Message) -> None:
        self._channel = channel
        self._settings = settings
        self._keepers: dict[int, int] = {}
        self._child_exits = ChildExitNotifier()
        self._driver = _open_process(settings["driver"])
        self._selector = selectors.PollSelector()
        self._selector.register(channel, selectors.EVENT_READ, self._receive)
        self._selector.register(self._child_exits, selectors.EVENT_READ, self._reap_children)
        if self._driver is not None:
            self._selector.register(self._driver, selectors.EVENT_READ, self._shut_down)

    def run(self) -> NoReturn:
        """Import the libraries, and then serve until the driver is gone."""
        # The root does not import libraries that must not be forked; the prestarted interpreters
        # import them.
        refusal = preload([] if self._settings["prestart"] else self._settings["preload"])
        refusal = refusal or started_runtime()
        if refusal:
            self._channel.send({"refused": refusal})
            self._shut_down()
        drop_exit_handlers()
        collapse_memory()
        while True:
            for key, _ in self._selector.select():
                key.data()

    def _receive(self) -> None:
        messages = self._channel.receive()
        if messages is None:
            self._shut_down()
        for message, files in messages:
            self._fork_keeper(message["keeper"], files[0])

    def _fork_keeper(self, number: int, descriptor: int) -> None:
        root = os.getpid()
        if child := os.fork():
            os.close(descriptor)
            self._keepers[child] = number
            return
        try:
            die_with_parent(root)
            self._close_inherited()
            Keeper(Channel(socket.socket(fileno=descriptor)), self._settings).run()
        except BaseException:  # noqa: BLE001 - it must not come back as a second root
            traceback.print_exc()
        finally:
            os._exit(1)

    def _reap_children(self) -> None:
        """Kill the descendants of dead keepers, which have become this process's children."""
        self._child_exits.clear()
        gone = [self._keepers.pop(child) for child, _ in reap() if child in self._keepers]
        if gone:
            kill_descendants(self._keepers)
        for number in gone:
            self._channel.send({"gone": number})

    def _shut_down(self) -> NoReturn:
        if not LINUX:
            # Without PDEATHSIG, each keeper ends when the driver's socket is closed.
            for child in self._keepers:
                os.waitpid(child, 0)
        kill_descendants()
        os._exit(0)

    def _close_inherited(self) -> None:
        self._child_exits.close()
        self._channel.close()
        if self._driver is not None:
            os.close(self._driver)


def _open_process(process: int) -> int | None:
    """Open a pidfd, which shows a process's death even while other processes hold its sockets.

    Returns None if the system has no pidfd or the process is gone.
    """
    try:
        return os.pidfd_open(process)
    except (AttributeError, OSError):
        return None
