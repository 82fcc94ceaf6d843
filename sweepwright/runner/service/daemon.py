"""The daemon: runs the jobs of one sweep on this machine, whether a driver is connected or not.

It has one thread and one selector, the engine's. Whatever arrives in one step is written to the
log at once, and sent at once.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from functools import partial
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from ..capacity import count_capacity
from ..fork_server.channel import Channel, close_files
from ..settings import Settings
from .attached_client import AttachedClient
from .control import Lock, listen
from .daemon_start import LOCKED
from .driver_requests import DriverRequests
from .event_log import EventLog
from .kits import use_kit
from .recorded_engine import RecordedEngine, end_leftovers, lost
from .submissions import Places

IDLE_SECONDS = 60.0
"""Time after which a daemon without a job and without a driver ends."""
_STEP_SECONDS = 1.0
_LAST_SECONDS = 30.0
"""Time within which the jobs must have ended, and the driver must have been told."""


def run(folder: Path) -> int:
    """Serve a sweep, whose settings come from standard input, until it needs no daemon."""
    settings = json.load(sys.stdin.buffer)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(folder)
    lock = Lock(folder)
    if not lock.acquire():
        return LOCKED
    use_kit(Path(settings["kit"]))
    Daemon(folder, settings, lock).serve()
    return 0


class Daemon:
    """Runs the jobs of a sweep for the driver that has attached last.

    Invariants: `_requests` belongs to `_client`; without a client both are None. While `_verdict`
    is set, the daemon is about to end: it launches nothing, and takes no other driver.
    """

    def __init__(self, folder: Path, settings: dict[str, Any], lock: Lock) -> None:
        self._folder = folder
        self._lock = lock
        self._engine_settings = settings["engine"]
        self._kit = settings["kit"]
        self._log = EventLog(folder)
        end_leftovers(folder, self._log)
        self._capacity = count_capacity(settings["engine"]["cpus"], settings["engine"]["gpus"])
        self._recorded = RecordedEngine(self._settings(), self._log)
        self._selector = self._recorded.engine.selector
        self._orphan_seconds = float(settings["orphan_seconds"])
        self._heard = time.monotonic()
        """Time at which a driver last sent something."""
        self._client: AttachedClient | None = None
        self._requests: DriverRequests | None = None
        self._session: Channel | None = None
        """The connection with the session that has handed over the client's descriptors."""
        self._trouble = ""
        self._verdict: dict[str, str] | None = None
        self._end_by = float("inf")
        self._waker = self._catch_signals()
        self._listener = listen()
        self._selector.register(self._listener, EVENT_READ, self._on_connection)

    def serve(self) -> None:
        """Serve until nothing is left to do."""
        try:
            while not self._may_end():
                records = self._recorded.poll(_STEP_SECONDS)
                if self._client is not None:
                    self._client.on_written(records)
                self._send()
                self._check_driver()
                self._check_folder()
        finally:
            self._listener.close()
            self._recorded.close("its runner ended")
            self._log.flush()

    def _settings(self) -> Settings:
        return Settings(
            folder=str(self._folder),
            capacity=self._capacity,
            concurrency=self._engine_settings["concurrency"],
            session=self._log.session,
            max_output=self._engine_settings["max_output"],
        )

    def _catch_signals(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setblocking(False)  # noqa: FBT003 - positional only
        signal.set_wakeup_fd(theirs.detach())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        self._selector.register(ours, EVENT_READ, self._on_signal)
        return ours

    def _on_signal(self, _mask: int) -> None:
        name = signal.Signals(self._waker.recv(1)[0]).name
        self._end(lost(f"its runner was ended by {name}"))

    def _on_connection(self, _mask: int) -> None:
        try:
            end, _ = self._listener.accept()
        except OSError:
            return  # it has given up already
        end.setblocking(False)  # noqa: FBT003 - positional only
        channel = Channel(end)
        self._selector.register(channel, EVENT_READ, partial(self._on_session, channel))

    def _on_session(self, channel: Channel, _mask: int) -> None:
        """Handle what a session sends: its connection with a driver, or its end."""
        if channel.fileno() < 0:
            return  # it was closed in the same step
        messages = channel.receive()
        if messages is None:
            if channel is self._session:
                self._drop()
            else:
                self._close(channel)
        for message, files in messages or ():
            if "attach" in message:
                self._attach(channel, message["attach"], files)
            else:
                close_files(files or ())
                self._end(None)

    def _attach(
        self, channel: Channel, attachment: dict[str, Any], files: list[int] | None
    ) -> None:
        """Serve another driver from now on, unless this daemon must end first."""
        same = (attachment["engine"], attachment["kit"]) == (self._engine_settings, self._kit)
        if not self._recorded.running and not same:
            self._end(None)  # the session starts a daemon with the new settings
        if self._verdict is not None or not files:
            close_files(files or ())
            self._close(channel)
            return
        try:
            self._selector.register(files[0], EVENT_READ)
        except OSError as error:
            channel.send({"error": f"no daemon can wait for this connection: {error.strerror}"})
            close_files(files)
            self._close(channel)
            return
        if self._client is not None:
            self._client.tell({"replaced": True})
            self._client.flush()
            self._drop()
        self._take(channel, attachment, *files)

    def _take(self, channel: Channel, attachment: dict[str, Any], source: int, sink: int) -> None:
        """Serve the driver that sends to `source`, which is registered, and reads from `sink`."""
        self._session = channel
        self._client = AttachedClient(source, sink, self._log)
        use_kit(Path(attachment["kit"]))
        self._orphan_seconds = float(attachment["orphan_seconds"])
        self._heard = time.monotonic()
        self._requests = DriverRequests(
            self._client, self._recorded, self._log, _places(self._folder, attachment)
        )
        channel.send({"taken": True})
        self._greet(attachment)
        self._selector.modify(source, EVENT_READ, partial(self._on_readable, self._client))
        self._send()

    def _greet(self, attachment: dict[str, Any]) -> None:
        assert self._client is not None, "it has just attached"
        found = self._capacity
        attached = {
            "log": self._log.id,
            "known": {name: span.end for name, span in self._log.jobs.items()},
            "pid": os.getpid(),
            "capacity": {"cpus": found.cpus, "gpus": found.gpus, "memory": found.memory},
        }
        self._client.tell({"attached": attached})
        if attachment["engine"] != self._engine_settings:
            settings = "the new slots, CPUs, GPUs or limits"
            reason = f"{settings} take effect once the running jobs have ended"
            self._client.tell({"notice": reason})

    def _on_readable(self, client: AttachedClient, _mask: int) -> None:
        if client is not self._client:
            return  # it was dropped in the same step
        messages = client.receive()
        if messages is None:
            self._drop()
            return
        self._heard = time.monotonic()
        for message in messages:
            self._handle(message)
        client.on_written(self._recorded.flush())
        self._send()

    def _handle(self, message: dict[str, Any]) -> None:
        assert self._requests is not None, "there is a client"
        if "end" in message:
            self._end(None)
        elif self._verdict is None or "launch" not in message:
            self._requests.handle(message)

    def _on_writable(self, client: AttachedClient, _mask: int) -> None:
        if client is self._client:
            self._send()

    def _send(self) -> None:
        """Send as much as the client accepts, and wait until it accepts the rest."""
        client = self._client
        if client is None:
            return
        if self._log.trouble != self._trouble:
            self._trouble = self._log.trouble
            if self._trouble:
                client.tell({"trouble": f"the log cannot be written: {self._trouble}"})
        unsent = client.flush()
        if client.gone:
            self._drop()
            return
        waits = client.sink in self._selector.get_map()
        if unsent and not waits:
            self._selector.register(client.sink, EVENT_WRITE, partial(self._on_writable, client))
        elif waits and not unsent:
            self._selector.unregister(client.sink)

    def _drop(self) -> None:
        """Close the connection with the driver; its jobs go on."""
        client, session = self._client, self._session
        self._client = self._requests = self._session = None
        assert client is not None, "there is a connection to close"
        assert session is not None, "it is set with the client"
        for file in (client.source, client.sink):
            if file in self._selector.get_map():
                self._selector.unregister(file)
        client.close()
        self._close(session)

    def _close(self, channel: Channel) -> None:
        self._selector.unregister(channel)
        channel.close()

    def _check_driver(self) -> None:
        """End when no driver has been heard of for too long."""
        silent = time.monotonic() - self._heard
        if silent > self._orphan_seconds:
            self._end(lost(f"its runner had no driver for {self._orphan_seconds:g} s"))
        elif self._client is None and not self._recorded.running and silent > IDLE_SECONDS:
            self._end(None)

    def _check_folder(self) -> None:
        """End if the sweep's folder was removed: no session would find this daemon."""
        if self._lock.is_gone():
            self._end(lost(f"somebody has removed `{self._folder}`"))

    def _end(self, verdict: dict[str, str] | None) -> None:
        """Ask all jobs to end, and end once they have; the first reason counts."""
        if self._verdict is None:
            self._verdict = verdict or {}
            self._end_by = time.monotonic() + _LAST_SECONDS
            self._recorded.end_all(verdict)
            self._recorded.engine.interrupt()

    def _may_end(self) -> bool:
        if self._verdict is None or time.monotonic() >= self._end_by:
            return self._verdict is not None
        unsent = self._client is not None and self._client.flush()
        return not (self._recorded.running or self._log.trouble or unsent)


def _places(folder: Path, attachment: dict[str, Any]) -> Places:
    return Places(
        sweep=folder,
        code=Path(attachment["code"]),
        kit=Path(attachment["kit"]),
        python=attachment["python"],
    )
