"""Reads the files of attempts from the machines that ran the attempts."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sweepwright.attempt_folder import AttemptFolder
from sweepwright.contracts import AttemptFile, AttemptRef, Workspace
from sweepwright.jobs import machines_of
from sweepwright.runner_client.runner_session import RemoteRefusal, RunnerError, RunnerSession

from .attaching import Connect, Connection, open_session
from .options import Machine
from .sweep_folders import attempt_folder, sweep_folder


class RemoteAttemptFiles:
    """Reads files of attempts, with one connection to each machine that it needs.

    The files of an attempt whose machine cannot be reached, or has them no more after a cleanup,
    are read from the sweep's folder in the store, if they were fetched before.
    """

    def __init__(
        self, machines: Sequence[Machine], workspace: Workspace, connect: Connect
    ) -> None:
        self._machines: Mapping[str, Machine] = {machine.name: machine for machine in machines}
        self._sweep = workspace.sweep
        self._fetched = AttemptFolder(workspace.folder / "trials")
        self._connect = connect
        self._opened: dict[str, tuple[Connection, RunnerSession]] = {}
        self._places: dict[tuple[str, str], str] = {}
        """Mapping from the job and the path of a file to the machine that has the file."""

    def list(self, attempt: AttemptRef) -> Sequence[AttemptFile]:
        """List all files of an attempt, from all machines that have run a part of it."""
        found: dict[str, AttemptFile] = {}
        unreachable = None
        for name in self._candidates(attempt):
            try:
                for file in self._list_on(name, attempt):
                    if file.path not in found:
                        self._places[attempt.job, file.path] = name
                        found[file.path] = file
            except ConnectionError as error:
                unreachable = unreachable or error
        if unreachable is not None and (attempt.handle is not None or not found):
            return self._list_fetched(attempt, unreachable)
        if not found:
            absent = FileNotFoundError(f"no machine has files of `{attempt.job}`")
            return self._list_fetched(attempt, absent)
        return list(found.values())

    def read(self, attempt: AttemptRef, path: str, offset: int, limit: int) -> bytes:
        """Return up to `limit` bytes of a file from `offset` on; empty at the end of the file."""
        if (attempt.job, path) not in self._places:
            self.list(attempt)
        name = self._places.get((attempt.job, path))
        if name is None:
            return self._fetched.read(attempt, path, offset, limit)
        place = f"{attempt_folder(attempt.trial, attempt.attempt)}/{path}"
        with self._session(name) as session:
            return session.read_file(sweep_folder(self._sweep, name), place, offset, limit)

    def close(self) -> None:
        """Close all connections; a second call does nothing."""
        for name in list(self._opened):
            self._disconnect(name)

    def _candidates(self, attempt: AttemptRef) -> Sequence[str]:
        named = [name for name in machines_of(attempt.handle) if name in self._machines]
        return named or list(self._machines)

    def _list_on(self, name: str, attempt: AttemptRef) -> Iterator[AttemptFile]:
        ref = (attempt.trial, attempt.attempt)
        try:
            with self._session(name) as session:
                entries = session.list_files(sweep_folder(self._sweep, name), [ref])
        except FileNotFoundError:
            entries = []
        for entry in entries:
            yield AttemptFile(entry["path"], entry["size"])

    def _list_fetched(self, attempt: AttemptRef, why: OSError) -> Sequence[AttemptFile]:
        try:
            return self._fetched.list(attempt)
        except FileNotFoundError:
            raise why from None

    @contextmanager
    def _session(self, name: str) -> Iterator[RunnerSession]:
        """Provide the session with a machine, and convert its errors to those of the contract."""
        try:
            if name not in self._opened:
                connection = self._connect(self._machines[name])
                self._opened[name] = connection, open_session(connection, self._machines[name])
            yield self._opened[name][1]
        except RemoteRefusal as error:
            if error.kind != "missing":
                raise ConnectionError(f"{name}: {error}") from error
            raise FileNotFoundError(str(error)) from error
        except (RunnerError, ConnectionError) as error:
            self._disconnect(name)
            raise ConnectionError(f"{name}: {error}") from error

    def _disconnect(self, name: str) -> None:
        if opened := self._opened.pop(name, None):
            opened[1].close()
            opened[0].close()
