"""Machines that are child processes of this one: each has a home of its own, and no SSH."""

from pathlib import Path

from sweepwright.plugins.platforms.remote.options import Machine
from sweepwright.runner_client.process_stream import ProcessStream


class ProcessConnection:
    """A connection to a machine whose shell is started by this process."""

    host = "127.0.0.1"

    def __init__(self, home: Path) -> None:
        self._home = home
        self._streams: list[ProcessStream] = []

    def open(self, command: str) -> ProcessStream:
        stream = ProcessStream(["env", f"HOME={self._home}", "sh", "-c", command])
        self._streams.append(stream)
        return stream

    def close(self) -> None:
        for stream in self._streams:
            stream.close()


class ProcessMachines:
    """Connects to machines whose homes lie in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.connections: list[ProcessConnection] = []

    def home(self, name: str) -> Path:
        return self._folder / "machines" / name

    def connect(self, machine: Machine) -> ProcessConnection:
        home = self.home(machine.host)
        home.mkdir(parents=True, exist_ok=True)
        self.connections.append(ProcessConnection(home))
        return self.connections[-1]
