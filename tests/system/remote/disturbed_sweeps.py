"""Sweeps from the command line on OpenSSH servers, and what must be true of them in the end."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from sweepwright.core.store.entries import EventEntry
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.events import Failed, Lost, Measured, Retried, Stopped, StudyEvent
from tests.forked_commands import ForkedCommand, run_forked
from tests.openssh import Server
from tests.system.sweeps import exported

FLAKY = Path(__file__).parents[1] / "flaky_trial.py"
GATED = Path(__file__).with_name("gated_trial.py")
SECONDS = 90
"""Longest time that a command or an event may take."""
QUICK = {"heartbeat_seconds": 1, "connect_timeout": 5}
"""Options of the platform with which a frozen machine is noticed soon."""


@dataclass
class RemoteSweep:
    """A sweep on servers: its command line, its drivers, and its end."""

    folder: Path
    servers: Sequence[Server]
    environment: dict[str, str]
    trial: Path = GATED
    tuner: str = "random"
    options: dict[str, Any] = field(default_factory=dict)
    """Options of the platform, in addition to the machines."""
    machine_options: dict[str, Any] = field(default_factory=dict)
    each: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Options of single machines, by their names."""
    overrides: tuple[str, ...] = ()
    driver: ForkedCommand | None = None
    """The driver that was started last."""

    def __post_init__(self) -> None:
        """Make the trial's folder, which is what is sent to the machines."""
        self.code.mkdir(parents=True, exist_ok=True)
        (self.code / "trial.py").write_text(self.trial.read_text())

    @property
    def code(self) -> Path:
        """The trial's folder."""
        return self.folder / "code"

    @property
    def store(self) -> Path:
        """The store of the sweep."""
        return self.folder / "store"

    def start(self) -> ForkedCommand:
        """Begin the sweep."""
        return self._command(self._arguments())

    def resume(self) -> ForkedCommand:
        """Continue the sweep in another driver."""
        return self._command(["resume", f"store.path={self.store}"])

    def rows(self) -> list[dict[str, Any]]:
        """Export the sweep."""
        return exported(self.store, self.environment)

    def outcome(self) -> list[tuple[Any, ...]]:
        """Reduce the export to what must not depend on time."""
        return [(r["number"], r["state"], r["assignment"], r["value"]) for r in self.rows()]

    def events(self) -> list[StudyEvent]:
        """Read the events of the journal."""
        (folder,) = (path.parent for path in self.store.glob("[!.]*/journal.sqlite"))
        with closing(JournalReader(folder)) as reader:
            return [entry.event for entry in reader.entries() if isinstance(entry, EventEntry)]

    def retries(self) -> list[tuple[int, str, bool]]:
        """List the retries of trials: trial, reason, and whether it counts."""
        return [
            (event.trial.number, event.failure.message, event.counted)
            for event in self.events()
            if isinstance(event, Retried)
        ]

    def close(self) -> None:
        """Kill the last driver, if a test has failed."""
        if self.driver:
            self.driver.kill()
            self.driver.communicate()

    def cleanup(self) -> str:
        """End and remove what the sweep has left on its machines."""
        words = ["cleanup", "--unfinished", f"store.path={self.store}"]
        done = run_forked(words, self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wait_until(self, condition: Callable[[], Any]) -> None:
        """Wait until something is true, as long as the driver runs."""
        deadline = time.monotonic() + SECONDS
        ended = False
        while not condition():
            if ended or time.monotonic() > deadline:
                said = self.driver.read_output() if self.driver else ""
                pytest.fail(f"what is waited for does not happen; the driver said:\n{said}")
            time.sleep(0.01)
            # What it did before its end may be what is waited for, so this comes before the look.
            ended = self.driver is not None and self.driver.poll() is not None

    def _command(self, words: Sequence[str]) -> ForkedCommand:
        self.driver = ForkedCommand(words, self.environment, self.folder, merged=True)
        return self.driver

    def _arguments(self) -> list[str]:
        machines = [
            _word(server.options(**self.machine_options, **self.each.get(server.name, {})))
            for server in self.servers
        ]
        return [
            "platform=remote",
            f"platform.machines=[{','.join(machines)}]",
            *(f"platform.{name}={value}" for name, value in self.options.items()),
            "framework=python",
            f"+trial.entries.python={self.code / 'trial.py'}",
            f"trial.folder={self.code}",
            *(f"+silence.{code}='the trials read one parameter'" for code in ("T105", "B102")),
            f"tuner={self.tuner}",
            "reproducible=true",
            "retries.error=1",
            "retries.killed=0",
            "seed=11",
            f"store.path={self.store}",
            *self.overrides,
        ]


def _word(value: object) -> str:
    """Write a value in the language of overrides."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f"'{value}'"
        case dict():
            return "{" + ",".join(f"{name}:{_word(each)}" for name, each in value.items()) + "}"
    return str(value)


def output_of(command: ForkedCommand, code: int = 0) -> str:
    """Wait for a command, check its end, and return what it has printed."""
    printed, _ = command.communicate(SECONDS)
    assert command.returncode == code, printed
    assert "Traceback" not in printed
    return printed


def assert_unharmed(sweep: RemoteSweep, trials: int) -> None:
    """Check that each trial has one result for each budget, and no process."""
    rows = sweep.rows()
    assert [row["number"] for row in rows] == list(range(trials))
    assert {row["state"] for row in rows} <= {"measured", "failed"}, rows
    ends = Counter(
        (event.trial.number, event.trial.budget)
        for event in sweep.events()
        if isinstance(event, Measured | Stopped | Failed | Lost)
    )
    assert set(ends.values()) == {1}
    assert_nothing_runs(sweep)


def assert_nothing_runs(sweep: RemoteSweep) -> None:
    """Check that no process of trials or of the runner is left on any machine."""
    sweep.driver = None
    sweep.wait_until(lambda: not any(map(running, sweep.servers)))


def running(server: Server) -> list[str]:
    """List the command lines of what runs on a machine."""
    return [" ".join(_command_line(each)) for each in server.processes()]


def kill_runner(server: Server) -> None:
    """Kill the daemons on a machine; whoever has died in the meantime is no error."""
    for each in _daemons(server):
        _kill(each)


def kill_fork_server(server: Server) -> None:
    """Kill the fork servers on a machine."""
    for daemon in _daemons(server):
        with suppress(psutil.Error):
            for child in daemon.children():
                _kill(child)


def kill_session(server: Server) -> None:
    """Kill the processes that connections have started on a machine, but not the server's own."""
    for each in server.processes():
        with suppress(psutil.Error):
            if "-c" in each.cmdline():
                _kill(each)


def kill_all(server: Server) -> None:
    """Kill the connections of a machine, the runners, the fork servers and the trials."""
    server.kill_sessions()
    kill_runner(server)  # before it can tell the deaths of the others
    for each in server.processes():
        if not _is_bystander(each):
            _kill(each)


def began(server: Server) -> Counter[int]:
    """Count the attempts of each gated trial that began on a machine."""
    files = server.home.glob("began-*")
    return Counter({int(f.name.partition("-")[2]): f.read_text().count("\n") for f in files})


def _daemons(server: Server) -> list[psutil.Process]:
    return [each for each in server.processes() if "daemon" in _command_line(each)]


def _is_bystander(process: psutil.Process) -> bool:
    return any(word.startswith("daemon of ") for word in _command_line(process))


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.Error):
        process.kill()
