"""Two ways to start a Python process fast: fork it, or use an interpreter that is kept ready."""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
import traceback
from collections import deque
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple, NoReturn, Protocol

from .channel import Channel, Message, close_files, require_files
from .exit_reasons import ExitReason, shared_memory
from .preload import preload
from .process_setup import Files, become_leader
from .process_tree import die_with_parent
from .refusals import describe_failure


class Starter(Protocol):
    """Starts processes that lead their own process groups."""

    def start(self, process: Message, files: Files) -> tuple[int, ExitReason]:
        """Start a process with copies of the files.

        Returns its process id, and the memory in which it tells why it fails.
        """
        ...


class ForkStarter:
    """Starts a process as a fork of the keeper, so that it has all imports of the keeper."""

    def __init__(self, close_inherited: Callable[[], None]) -> None:
        self._close_inherited = close_inherited

    def start(self, process: Message, files: Files) -> tuple[int, ExitReason]:
        """Fork a process; the child closes the descriptors of the keeper."""
        parent = os.getpid()
        exit_reason = ExitReason()
        gc.freeze()  # the keeper's objects, so that the collector knows only the trial's
        if child := os.fork():
            return child, exit_reason
        try:
            self._close_inherited()
            die_with_parent(parent)
            become_leader(process, files, exit_reason)
        except BaseException:  # noqa: BLE001 - it must not come back as a second keeper
            traceback.print_exc()
        finally:
            os._exit(1)


class _Interpreter(NamedTuple):
    """An interpreter that waits for a process to become."""

    child: int
    channel: Channel
    exit_reason: ExitReason


class PrestartStarter:
    """Starts a process in a fresh interpreter that is kept ready and has imported the libraries.

    This serves libraries that must not be forked (`framework.fork_safe=false`), and roles whose
    variables an interpreter reads only at its start.
    """

    def __init__(self, settings: Message, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._environment = environment
        self._ready: deque[_Interpreter] = deque()

    @property
    def children(self) -> Collection[int]:
        """Process ids of the waiting interpreters."""
        return {waiting.child for waiting in self._ready}

    def start(self, process: Message, files: Files) -> tuple[int, ExitReason]:
        """Start the process in a waiting interpreter, and prestart the next interpreter."""
        child, channel, exit_reason = self._take()
        with closing(channel):
            channel.send(process, [os.dup(file) for file in files])
        with suppress(OSError):  # the next start will meet the same error, and report it
            self.prepare()
        return child, exit_reason

    def prepare(self) -> None:
        """Keep at least one interpreter waiting; raise `OSError` if the system refuses."""
        if not self._ready:
            self._ready.append(self._prestart())

    def forget(self, child: int) -> None:
        """Forget a waiting interpreter that died."""
        for waiting in [waiting for waiting in self._ready if waiting.child == child]:
            self._ready.remove(waiting)
            waiting.channel.close()

    def _take(self) -> _Interpreter:
        """Return a waiting interpreter, or else a new one."""
        self.prepare()
        interpreter = self._ready.popleft()
        # The interpreter may have died since the last SIGCHLD was handled.
        if os.waitpid(interpreter.child, os.WNOHANG) == (0, 0):
            return interpreter
        interpreter.channel.close()
        return self._prestart()

    def _prestart(self) -> _Interpreter:
        memory = shared_memory()
        try:
            exit_reason = ExitReason(memory)
            ours, theirs = socket.socketpair()
            with theirs:
                for descriptor in (memory, theirs.fileno()):
                    os.set_inheritable(descriptor, True)  # noqa: FBT003 - positional only
                told = {"parent": os.getpid(), "exit_reason": memory}
                settings = json.dumps({**self._settings, **told})
                folder = str(Path(__file__).parent)
                argv = [sys.executable, folder, "starters", str(theirs.fileno()), settings]
                environment = {**os.environ, **self._environment}
                try:
                    child = os.posix_spawn(sys.executable, argv, environment)
                except OSError:
                    ours.close()
                    raise
                return _Interpreter(child, Channel(ours), exit_reason)
        finally:
            close_files([memory])


def run(descriptor: int, settings: str) -> NoReturn:
    """Run a prestarted interpreter: import the libraries, wait for a process, and become it."""
    told = json.loads(settings)
    os.setpgid(0, 0)
    die_with_parent(told["parent"])
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - positional only
    # This memory was inherited, so a process at its limit of descriptors can tell its reason too.
    exit_reason = ExitReason(told["exit_reason"])
    close_files([told["exit_reason"]])
    exit_reason.claim()
    refusal = preload(told["preload"])
    channel = Channel(socket.socket(fileno=descriptor))
    while (messages := channel.receive()) == []:
        pass
    channel.close()
    if not messages:
        os._exit(0)
    process, received = messages[0]
    try:
        files = Files(*require_files(received))
    except OSError as error:
        exit_reason.write(**describe_failure(error))
        os._exit(1)
    if refusal:
        exit_reason.write(**refusal)
        os._exit(1)
    become_leader(process, files, exit_reason)
