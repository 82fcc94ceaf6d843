"""Sweeps from the command line on OpenSSH servers, and what must be true of them in the end."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from sweepwright.events import Retried
from tests.forked_commands import ForkedCommand
from tests.openssh import Server
from tests.system.driven_sweeps import (
    DrivenSweep,
    assert_results,
    count_attempts,
)

GATED = Path(__file__).with_name("gated_trial.py")
QUICK = {"heartbeat_seconds": 1, "connect_timeout": 5}
"""Options of the platform with which a frozen machine is noticed soon."""


@dataclass
class RemoteSweep(DrivenSweep):
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

    def start(self) -> ForkedCommand:
        """Begin the sweep."""
        return self.command(self._arguments())

    def retries(self) -> list[tuple[int, str, bool]]:
        """List the retries of trials: trial, reason, and whether it counts."""
        return [
            (event.trial.number, event.failure.message, event.counted)
            for event in self.events()
            if isinstance(event, Retried)
        ]

    def _arguments(self) -> list[str]:
        machines = [
            _word(server.options(**self.machine_options, **self.each.get(server.name, {})))
            for server in self.servers
        ]
        return [
            "platform=remote",
            f"platform.machines=[{','.join(machines)}]",
            *(f"platform.{name}={value}" for name, value in self.options.items()),
            *self.arguments(),
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


def assert_unharmed(sweep: RemoteSweep, trials: int) -> None:
    """Check that each trial has one result for each budget, and no process."""
    assert_results(sweep, trials)
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
    return count_attempts(server.home)


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
