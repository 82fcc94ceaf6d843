"""The root of a fork server: imports libraries once, forks keepers, and ends with the driver."""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import traceback
from typing import NoReturn

from .channel import Channel, Message, close_files, require_files
from .keeper import run_keeper
from .pidfd import open_process
from .preload import collapse_memory, drop_exit_handlers, preload, started_runtime
from .process_tree import (
    LINUX,
    ChildExitNotifier,
    become_subreaper,
    die_with_parent,
    kill_descendants,
    reap,
)
from .refusals import describe_failure


def run(descriptor: int, settings: str) -> NoReturn:
    """Serve the driver at the other end of an inherited socket."""
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - positional only
    become_subreaper()
    channel = Channel(socket.socket(fileno=descriptor))
    try:
        root = Root(channel, json.loads(settings))
    except OSError as error:
        channel.send({"refused": describe_failure(error)})
        os._exit(1)
    root.run()


class Root:
    """Serves the driver: forks and kills keepers, and reports which of them are gone.

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
        if missing := preload([] if self._settings["prestart"] else self._settings["preload"]):
            self._refuse(missing)
        if runtime := started_runtime():
            # Only another configuration helps, so waiting and resuming do not.
            self._refuse({"kind": "launch", "message": runtime})
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
            if "kill" in message:
                self._kill_keeper(message["kill"])
            else:
                self._add_keeper(message["keeper"], files)

    def _refuse(self, refusal: Message) -> NoReturn:
        self._channel.send({"refused": refusal})
        self._shut_down()

    def _add_keeper(self, number: int, files: list[int] | None) -> None:
        """Fork a keeper; if the system refuses, only the job of this keeper has to wait."""
        try:
            child = self._fork_keeper(*require_files(files))
        except OSError as error:
            self._channel.send({"keeper": number, "refused": describe_failure(error)})
        else:
            self._keepers[child] = number
        close_files(files or ())

    def _fork_keeper(self, descriptor: int) -> int:
        root = os.getpid()
        if child := os.fork():
            return child
        try:
            die_with_parent(root)
            self._close_inherited()
            run_keeper(Channel(socket.socket(fileno=descriptor)), self._settings)
        except BaseException:  # noqa: BLE001 - it must not come back as a second root
            traceback.print_exc()
        finally:
            os._exit(1)

    def _kill_keeper(self, number: int) -> None:
        """Kill a keeper that does not answer, for example because it is stopped."""
        for child, known in self._keepers.items():
            if known == number:
                os.kill(child, signal.SIGKILL)

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
        return open_process(process)
    except OSError:
        return None
