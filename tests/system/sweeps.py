"""Sweeps of flaky trials in processes of their own, and what they leave behind."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from tests.forked_commands import RUN_PY, ForkedCommand, run_forked

SECONDS = 60
"""Longest time that an event may take."""
TRIAL = Path(__file__).with_name("flaky_trial.py")
TUNERS = {
    "random": ["tuner=random"],
    "tpe": ["tuner=tpe"],
    "gp": ["tuner=gp"],
    "smac": ["tuner=smac", "tuner.max_measurements=2"],
    "metis": ["tuner=metis"],
    "hashed": ["tuner=hashed"],
    "repeating": ["tuner=repeating"],
    "asha": ["tuner=asha", "budget={minimum: 1, maximum: 9}"],
    "hyperband": ["tuner=hyperband", "tuner.rounds=null", "budget={minimum: 1, maximum: 9}"],
    "pbt": ["tuner=pbt", "tuner.population=30", "budget={minimum: 1, maximum: 9}"],
}
"""Overrides that select tuners which suggest trials without end."""


PLUGINS = """[sweepwright]
hashed = sweepwright.testing.hashed
repeating = tests.sweepwright.testing.sound_tuners
"""


def offer_tuners(site: Path) -> dict[str, str]:
    """Return an environment with the tuners `hashed` and `repeating`, as plugins offer them."""
    info = site / "tuners-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tuners\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(PLUGINS)
    (site / "tests").symlink_to(Path(__file__).parents[1])
    paths = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def command(store: Path, tuner: str, trials: int, trial: Path = TRIAL) -> list[str]:
    """Return the arguments that begin a sweep of flaky trials."""
    return [
        *TUNERS[tuner],
        "framework=python",
        f"+trial.entries.python={trial}",
        f"max_trials={trials}",
        "concurrency=3",
        "reproducible=true",
        "retries.error=1",
        f"store.path={store}",
        "seed=11",
        "--quiet",
    ]


def start(arguments: Sequence[str], environment: Mapping[str, str]) -> ForkedCommand:
    """Start a driver."""
    return ForkedCommand(arguments, environment, merged=True)


def finish(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a driver to the end of its sweep."""
    ran = run_forked(arguments, environment, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def finish_afresh(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a driver to the end of its sweep in an interpreter with another seed of hashes."""
    command = [sys.executable, RUN_PY, *arguments]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def exported(store: Path, environment: Mapping[str, str], *flags: str) -> list[dict[str, Any]]:
    """Export the newest sweep of a store."""
    arguments = ["export", *flags, "--format", "jsonl", f"store.path={store}"]
    done = run_forked(arguments, environment)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def outcome(store: Path, environment: Mapping[str, str]) -> list[tuple[Any, ...]]:
    """Reduce an export to what must not depend on time."""
    rows = exported(store, environment)
    return [(row["number"], row["state"], row["assignment"], row["value"]) for row in rows]


def wait_for_a_trial(store: Path) -> None:
    """Wait until the driver has written to the journal."""
    deadline = time.monotonic() + 30
    while not list(store.glob("*/journal.sqlite-wal")) and time.monotonic() < deadline:
        time.sleep(0.01)


def wait_for_attempts(store: Path, count: int, driver: ForkedCommand) -> None:
    """Wait until so many attempts have begun in a store, or the driver has ended."""
    deadline = time.monotonic() + SECONDS
    while attempts(store) < count and driver.poll() is None:
        assert time.monotonic() < deadline, driver.read_output()
        time.sleep(0.005)


def attempts(store: Path) -> int:
    """Count the attempts that have begun in a store."""
    return len(list(store.glob("[!.]*/trials/*/*")))


def leftovers(store: Path) -> list[int]:
    """Find living processes that were started for a sweep of this store."""
    names = {folder.name for folder in store.iterdir()} if store.exists() else set()
    found = []
    for process in psutil.process_iter():
        try:
            trial = process.environ().get("SWEEPWRIGHT_TRIAL", "")
            alive = process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            continue
        if alive and any(name in trial for name in names):
            found.append(process.pid)
    return found


def remaining(store: Path, seconds: float = 10) -> list[int]:
    """Return the processes that are left after the moment that their end may take."""
    deadline = time.monotonic() + seconds
    while (found := leftovers(store)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found
