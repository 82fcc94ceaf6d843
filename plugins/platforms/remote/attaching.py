"""Attaching to machines: connection, runner, code, and the daemon of the sweep."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from sweepwright.events import Json
from sweepwright.runner_client.bootstrap import COMMAND
from sweepwright.runner_client.code_archive import CodeArchive, CodeError, pack
from sweepwright.runner_client.code_listing import scan
from sweepwright.runner_client.runner_session import (
    ByteStream,
    ProtocolBroken,
    PythonMissing,
    PythonTooOld,
    RemoteRefusal,
    RunnerError,
    RunnerSession,
)

from .machine_link import UnfitMachineError
from .options import Machine
from .ssh.connect_error import ConnectError


class Connection(Protocol):
    """A connection to a machine, which carries several streams."""

    @property
    def host(self) -> str:
        """The machine's address."""
        ...

    def open(self, command: str) -> ByteStream:
        """Run a shell command on the machine, and return its standard input and output."""
        ...

    def close(self) -> None:
        """Close the connection and all its streams."""
        ...


Connect: TypeAlias = Callable[[Machine], Connection]
"""Connects to a machine; raises `ConnectionError` with a message of one line."""
CODE_FILE = "code-sent"
"""Name of the file in the sweep's folder that lists the hash of each version of the code that was
sent; `cleanup` removes these versions from the machines."""


_PASSING = ("full", "damaged", "runner", "system")
"""Kinds of refusals that may end without anybody's intervention."""


class CodeSupply:
    """The code of the trials, which is packed once, when the first machine needs it."""

    def __init__(self, sweep_folder: Path) -> None:
        self.folder: str | None = None
        """Folder of the code, relative to the working directory; None if it is not needed."""
        self._here = Path.cwd()
        self._sweep_folder = sweep_folder
        self._lock = threading.Lock()
        self._archive: CodeArchive | None = None

    def archive(self) -> CodeArchive | None:
        """Return the packed code; raise `CodeError` if a file cannot be packed."""
        with self._lock:
            if self._archive is None and self.folder is not None:
                store = self._sweep_folder.parent
                self._archive = pack(scan(self._here / self.folder, [store]))
                with (self._sweep_folder / CODE_FILE).open("a", encoding="utf-8") as file:
                    file.write(f"{self._archive.hash}\n")
            return self._archive

    def close(self) -> None:
        """Remove the packed code. Code that is still being packed vanishes with this process."""
        if self._lock.acquire(blocking=False):
            if self._archive is not None:
                self._archive.close()
                self._archive = None
            self._lock.release()


@dataclass(slots=True)
class DaemonStream:
    """An open stream of messages to and from the daemon of a machine."""

    hello: Json
    session: RunnerSession
    connection: Connection

    def receive(self, seconds: float) -> Sequence[Json]:
        """Wait for messages; raise `TimeoutError` if none arrives, `OSError` at the end."""
        try:
            messages = self.session.read_messages(seconds)
        except ProtocolBroken as error:
            raise UnfitMachineError(str(error)) from error
        except RunnerError as error:
            raise ConnectionError(str(error)) from error
        if not messages:
            raise TimeoutError
        return messages

    def send(self, messages: Sequence[Json]) -> None:
        """Send messages; raise `OSError` if the stream has ended."""
        try:
            self.session.send(*messages)
        except RunnerError as error:
            raise ConnectionError(str(error)) from error

    def close(self) -> None:
        """Close the stream and the connection."""
        self.session.close()
        self.connection.close()


class Attacher:
    """Attaches one machine, and opens further sessions on the same connection."""

    def __init__(
        self,
        machine: Machine,
        connect: Connect,
        sweep: str,
        code: CodeSupply,
        settings: Mapping[str, Json],
    ) -> None:
        self._machine = machine
        self._connect = connect
        self._sweep = sweep
        self._code = code
        self._settings = settings
        self._connection: Connection | None = None

    @property
    def address(self) -> str:
        """Address at which the other machines reach this machine."""
        known = self._connection.host if self._connection else self._machine.host
        return self._machine.address or known

    def attach(self) -> DaemonStream:
        """Connect, and become the driver of the daemon on the machine.

        Raises
        ------
        UnfitMachineError
            If another try cannot help unless someone changes something.
        OSError
            If there is no connection.
        """
        connection = self._connection = self._connected()
        try:
            session = open_session(connection, self._machine)
            code = self._send_code(session)
            found = session.attach(self._sweep, code, self._settings)
        except (ProtocolBroken, PythonMissing, PythonTooOld, CodeError) as error:
            connection.close()
            raise UnfitMachineError(str(error)) from error
        except RunnerError as error:
            connection.close()
            if isinstance(error, RemoteRefusal) and error.kind not in _PASSING:
                raise UnfitMachineError(str(error)) from error
            raise ConnectionError(str(error)) from error
        except BaseException:
            connection.close()
            raise
        hello = {"log": found.log, "known": found.known, "capacity": found.capacity}
        return DaemonStream(hello, session, connection)

    def _connected(self) -> Connection:
        try:
            return self._connect(self._machine)
        except ConnectError as error:
            if error.transient:
                raise
            raise UnfitMachineError(f"{error.message}; {error.help}") from error

    def open_session(self) -> RunnerSession:
        """Open another session on the connection of the last `attach`."""
        if self._connection is None:
            raise ConnectionError("the machine is not connected")
        return open_session(self._connection, self._machine)

    def _send_code(self, session: RunnerSession) -> str | None:
        archive = self._code.archive()
        return None if archive is None else session.supply(archive)


def open_session(connection: Connection, machine: Machine) -> RunnerSession:
    """Start a session of the runner on a connection."""
    # Imported here because most commands need no kit.
    from sweepwright.runner_client.kit import build_kit  # noqa: PLC0415

    session = RunnerSession(connection.open(COMMAND))
    session.open(machine.python, machine.activate or "", machine.folder, build_kit().data)
    return session
