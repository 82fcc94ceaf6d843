"""Connects to a runner on this machine, as if it was another one, and waits for its messages."""

import io
import os
import signal
import tarfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import sweepwright
from sweepwright.runner_client.bootstrap import COMMAND
from sweepwright.runner_client.process_stream import ProcessStream
from sweepwright.runner_client.runner_session import RunnerSession

BARE_PYTHON = "/usr/bin/python3"
"""An interpreter that has no packages."""
_PACKAGE = Path(sweepwright.__file__).parent
PATIENCE = 60.0


@cache
def kit() -> bytes:
    """Pack the runner and the trial API."""
    names = ["__init__.py", "trial.py", *(p.as_posix() for p in _runner())]
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in names:
            tar.add(_PACKAGE / name, f"sweepwright/{name}")
    return archive.getvalue()


def _runner() -> list[Path]:
    return sorted(path.relative_to(_PACKAGE) for path in (_PACKAGE / "runner").rglob("*.py"))


class Machine:
    """A base folder of this machine that stands for a machine; `close` ends what runs on it."""

    def __init__(self, folder: Path, python: str = BARE_PYTHON) -> None:
        self.folder = folder
        self.python = python
        self.sweeps: set[str] = set()
        self._sessions: list[RunnerSession] = []

    def dial(self, shell: Sequence[str] = ("sh", "-c")) -> RunnerSession:
        """Start the command that a login shell would run."""
        session = RunnerSession(ProcessStream([*shell, COMMAND]), timeout=PATIENCE)
        self._sessions.append(session)
        return session

    def connect(self, activation: str = "") -> RunnerSession:
        """Open a connection."""
        session = self.dial()
        session.open(self.python, activation, str(self.folder), kit())
        return session

    def attach(self, sweep: str = "s", code: str | None = None, **settings: Any) -> "Driver":
        """Open a connection, and attach to the daemon of a sweep."""
        self.sweeps.add(sweep)
        session = self.connect()
        given = {"concurrency": 2, "orphan_seconds": 300.0, "cpus": 4, "gpus": 0, **settings}
        return Driver(session, session.attach(sweep, code, given))

    def sweep(self, name: str = "s") -> Path:
        """Return the folder of a sweep."""
        return self.folder / "sweeps" / name

    def close(self) -> None:
        """End and remove everything."""
        for session in self._sessions:
            session.close()
        for sweep in self.sweeps:
            session = self.connect()
            session.cleanup(sweep)
            session.close()


class Driver:
    """The driver's end of an attached connection, which remembers what it was sent."""

    def __init__(self, session: RunnerSession, attached: Any) -> None:
        self.session = session
        self.attached = attached
        self.messages: list[Any] = []

    def launch(self, name: str, script: str, **changes: Any) -> None:
        """Launch a job that runs a script of Python."""
        self.session.send({"launch": name, "submission": submission(name, script, **changes)})

    def adopt(self, **offsets: int) -> None:
        """Adopt jobs, by the offsets up to which their records are known."""
        self.session.send({"adopt": offsets})

    def kill_session(self) -> None:
        """Kill the far end of the connection."""
        os.kill(process_of(self.session), signal.SIGKILL)

    def wait_for(self, **members: Any) -> Any:
        """Read until a message with these members has arrived, and return it."""
        deadline = time.monotonic() + PATIENCE
        seen = 0
        while time.monotonic() < deadline:
            for message in self.messages[seen:]:
                if members.items() <= message.items():
                    return message
            seen = len(self.messages)
            self.messages += self.session.read_messages(1.0)
        raise AssertionError(f"{members} has not arrived: {self.messages}")

    def ended(self, name: str) -> Any:
        """Wait for the end of a job, and return why it failed."""
        return self.wait_for(event="ended", job=name)["failure"]

    def events(self, name: str) -> list[str]:
        """Return the kinds of the records of a job, in the order of their arrival."""
        return [m["event"] for m in self.messages if m.get("job") == name]

    def lines(self, name: str) -> list[str]:
        """Return what a job has reported."""
        return [m["line"] for m in self.messages if m.get("job") == name and "line" in m]


def process_of(session: RunnerSession) -> int:
    """Return the id of the process at the far end."""
    stream = session._stream
    assert isinstance(stream, ProcessStream)
    return stream.pid


def submission(name: str, script: str, **changes: Any) -> dict[str, Any]:
    """Describe a job of one process, as `Renderer` does for another machine."""
    number = name.rpartition("-")[2] if name[-1].isdigit() else "0"
    process: Mapping[str, Any] = {
        "role": "main",
        "rank": 0,
        "entry": {"command": ["python3", "-c", script]},
        "prologue": None,
        "environment": {"SWEEPWRIGHT_REPORTS": f"file:reports/{name}"},
        "wiring": {},
        "resources": {},
        "memory": None,
        "decides": True,
        "own_interpreter": {},
    }
    return {
        "interpreter": {"python": "?", "preload": [], "prestart": False, "environment": {}},
        "time_limit": None,
        "folder": "",
        "files": [],
        "attempt_folder": f"trials/{number}/1",
        "reports": f"reports/{name}",
        "inherited": None,
        "environment": {"SWEEPWRIGHT_TRIAL": '{"sweep": "s", "trial": 0, "attempt": 1}'},
        "processes": [{**process, **changes}],
    }
