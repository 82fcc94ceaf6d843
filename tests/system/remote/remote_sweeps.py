"""Sweeps on machines that are OpenSSH servers on loopback, and the same sweeps on this machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from sweepwright.core.store.history import History, read_history
from tests.forked_commands import run_forked
from tests.openssh import Server, Servers

LONGEST_SECONDS = 150
SYSTEM_PYTHON = "/usr/bin/python3"
"""The interpreter of the system, in which sweepwright is not installed."""


@dataclass(frozen=True)
class Machines:
    """Machines of an inventory, which a sweep can select."""

    folder: Path
    servers: Servers

    def start(self, *names: str, **options: Any) -> list[Server]:
        """Start servers, and write an inventory of them; `options` are those of each machine."""
        started = [self.servers.start(name) for name in names]
        self.write(*(server.options(**options) for server in started))
        return started

    def write(self, *machines: Mapping[str, Any]) -> None:
        """Write an inventory of machines with these options."""
        inventory = {"machines": [dict(each) for each in machines]}
        self._inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")

    @property
    def words(self) -> list[str]:
        """Arguments that let trials run on these machines."""
        return ["platform=remote", f"platform.machines={self._inventory}"]

    @property
    def _inventory(self) -> Path:
        return self.folder / "machines.yaml"


def run_sweep(store: Path, *words: str) -> History:
    """Run a sweep to its end, and return what became of it."""
    command = [f"store.path={store}", "--quiet", *words]
    done = run_forked(command, folder=store.parent, timeout=LONGEST_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return history_of(store)


def history_of(store: Path) -> History:
    """Return the history of the only sweep in a store."""
    (folder,) = (each for each in store.iterdir() if not each.name.startswith("."))
    return read_history(folder)


def outcome(history: History) -> Sequence[tuple[Any, ...]]:
    """Return what must not depend on the machines on which the trials ran."""
    return [
        (
            trial.number,
            trial.state,
            dict(trial.assignment),
            trial.value,
            trial.metrics,
            [(step.budget, step.continued) for step in trial.evaluations],
        )
        for trial in history.trials
    ]


def attempts_on(server: Server, history: History) -> set[tuple[int, int]]:
    """List the attempts, as numbers of trial and attempt, whose folders lie on a machine."""
    attempts = server.home.glob(f".sweepwright/sweeps/{history.sweep}@*/trials/*/*")
    return {(int(each.parent.name), int(each.name)) for each in attempts}


def system_python() -> str:
    """Return the path of an interpreter without sweepwright; skip the test if there is none."""
    if not Path(SYSTEM_PYTHON).exists():
        pytest.skip(f"there is no {SYSTEM_PYTHON}")
    return SYSTEM_PYTHON
