"""Transfers: threads that copy checkpoints between machines, and fetch files of attempts.

Both use channels of their own, so that no message of a trial waits behind a long file.
Checkpoints have a thread of their own, because jobs wait for them but not for fetched files.
"""

import errno
import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryFile
from typing import BinaryIO, Generic, TypeAlias, TypeVar, cast

from sweepwright.events import Json
from sweepwright.runner_client.runner_session import (
    RemoteRefusal,
    RunnerSession,
)

from .machine_link import LinkNotice
from .scheduling.checkpoints import Copied, Copy
from .sweep_folders import attempt_folder, sweep_folder

Notice: TypeAlias = LinkNotice | Copied
"""What the threads of the platform report to the driver's thread."""
OpenSession: TypeAlias = Callable[[str], RunnerSession]
"""Opens a session with a machine that is attached; raises `RunnerError` or `OSError`."""
FETCH_SECONDS = 600.0
"""Seconds for which the end of a sweep waits for files that are still being fetched."""
_BLOCK = 1 << 20
_OUTPUT = (".stdout", ".stderr")
_SPARE_BYTES = 1 << 28
"""Bytes of disk space that fetched files leave free."""
_MISSING = ("missing",)
_UNUSABLE = ("unsafe", "damaged")
"""Kinds of refusals of an archive by its target that count as failures of the source."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """The order to copy files of an attempt from a machine to the sweep's folder."""

    machine: str
    trial: int
    attempt: int
    everything: bool
    """Whether all files are wanted, or only the output of processes."""


class Transfers:
    """Copies files between machines, in threads that start with the first order."""

    def __init__(
        self, sweep: str, folder: Path, open_session: OpenSession, notices: SimpleQueue[Notice]
    ) -> None:
        self._notices = notices
        self._copier = Copier(sweep, open_session)
        self._fetcher = Fetcher(sweep, folder, open_session)
        self._copies = _Worker("checkpoints", self._copy)
        self._fetches = _Worker("fetched files", self._fetcher.fetch)

    def copy(self, copy: Copy) -> None:
        """Copy a checkpoint; a `Copied` notice follows."""
        self._copies.put(copy)

    def fetch(self, fetch: Fetch) -> None:
        """Copy files of an attempt to the sweep's folder."""
        self._fetches.put(fetch)

    def close(self) -> None:
        """Finish the fetches, and stop; begin no further copy."""
        self._copies.close(0.0)
        for fetch in list(self._fetcher.failed):
            self._fetches.put(fetch)
        self._fetches.close(FETCH_SECONDS)

    def _copy(self, copy: Copy) -> None:
        self._notices.put(self._copier.copy(copy))


class Copier:
    """Copies checkpoints from machine to machine, through a temporary file of the driver."""

    def __init__(self, sweep: str, open_session: OpenSession) -> None:
        self._sweep = sweep
        self._open = open_session

    def copy(self, copy: Copy) -> Copied:
        """Copy a checkpoint, and report the result."""
        folder = f"{attempt_folder(copy.ref.trial, copy.ref.attempt)}/checkpoint"
        at = copy.source
        try:
            with TemporaryFile() as spool:
                file = cast("BinaryIO", spool)
                digest = self._receive(copy.source, folder, file)
                at = copy.target
                self._send(copy.target, folder, file, digest)
        except RemoteRefusal as error:
            useless = error.kind in (_MISSING if at == copy.source else _UNUSABLE)
            return Copied(copy, useless, "" if useless else at, str(error))
        except Exception as error:  # noqa: BLE001 - without this thread, jobs wait for ever
            return Copied(copy, failed=at, reason=str(error) or type(error).__name__)
        return Copied(copy)

    def _receive(self, machine: str, folder: str, spool: BinaryIO) -> str:
        digest = hashlib.sha256()
        session = self._open(machine)
        try:
            disk = os.fstatvfs(spool.fileno())
            room = disk.f_bavail * disk.f_frsize - _SPARE_BYTES
            for piece in session.pack(sweep_folder(self._sweep, machine), folder):
                room -= len(piece)
                if room < 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                digest.update(piece)
                spool.write(piece)
        finally:
            session.close()
        return digest.hexdigest()

    def _send(self, machine: str, folder: str, spool: BinaryIO, digest: str) -> None:
        size = spool.tell()
        spool.seek(0)
        session = self._open(machine)
        try:
            session.unpack(sweep_folder(self._sweep, machine), folder, spool, size, digest)
        finally:
            session.close()


class Fetcher:
    """Copies files of attempts to the sweep's folder in the store."""

    def __init__(self, sweep: str, folder: Path, open_session: OpenSession) -> None:
        self._sweep = sweep
        self._folder = folder
        self._open = open_session
        self._sessions: dict[str, RunnerSession] = {}
        self.failed: list[Fetch] = []
        """Orders that failed because of a lost connection, and that are tried once more."""

    def fetch(self, fetch: Fetch) -> None:
        """Copy files of an attempt; a file that cannot be copied stays on its machine."""
        try:
            self._fetch(self._session(fetch.machine), fetch)
        except RemoteRefusal:
            return  # the attempt has left no files
        except Exception:  # noqa: BLE001 - the other files are wanted all the same
            self.failed.append(fetch)
            if session := self._sessions.pop(fetch.machine, None):
                session.close()

    def _session(self, machine: str) -> RunnerSession:
        if machine not in self._sessions:
            self._sessions[machine] = self._open(machine)
        return self._sessions[machine]

    def _fetch(self, session: RunnerSession, fetch: Fetch) -> None:
        sweep = sweep_folder(self._sweep, fetch.machine)
        for entry in session.list_files(sweep, [(fetch.trial, fetch.attempt)]):
            if fetch.everything or str(entry["path"]).endswith(_OUTPUT):
                self._fetch_file(session, fetch, entry)

    def _fetch_file(self, session: RunnerSession, fetch: Fetch, entry: Json) -> None:
        path, size = entry["path"], entry["size"]
        if {"", ".", ".."} & set(path.split("/")) or "\0" in path:
            return  # a machine does not choose where the driver writes
        sweep = sweep_folder(self._sweep, fetch.machine)
        attempt = attempt_folder(fetch.trial, fetch.attempt)
        target = self._folder / attempt / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if size + _SPARE_BYTES > shutil.disk_usage(target.parent).free:
            return  # the journal of the sweep needs room, too
        part = target.with_name(f".part-{target.name}")
        with part.open("wb") as file:
            # The file may grow while it is read, or be said to be longer than it was.
            while (at := file.tell()) < size:
                limit = min(_BLOCK, size - at)
                data = session.read_file(sweep, f"{attempt}/{path}", at, limit)
                if not data:
                    break
                file.write(data)
        part.replace(target)


Order = TypeVar("Order")


class _Worker(Generic[Order]):
    """A thread that carries out orders one after the other, and starts with the first one."""

    def __init__(self, name: str, work: Callable[[Order], None]) -> None:
        self._work = work
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def put(self, order: Order) -> None:
        """Carry out an order when those before it are done."""
        self._orders.put(order)
        if self._thread.ident is None:
            self._thread.start()

    def close(self, seconds: float) -> None:
        """Wait until all orders are carried out, but no longer than some seconds."""
        self._orders.put(None)
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            self._work(order)
