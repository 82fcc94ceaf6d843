"""A driver is killed at any moment; the resumed sweep ends like an undisturbed one.

``SWEEPWRIGHT_KILLS=50 SWEEPWRIGHT_TRIALS=600 pytest tests/system/test_crash.py`` runs longer.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from sweepwright.core.driver.crash_points import CRASH_POINTS

ROOT = Path(__file__).parents[2]
TRIAL = Path(__file__).with_name("flaky_trial.py")
TUNERS = {
    "random": ["tuner=random"],
    "tpe": ["tuner=tpe"],
    "hashed": ["tuner=hashed"],
    "asha": ["tuner=asha", "budget={minimum: 1, maximum: 9}"],
    "hyperband": ["tuner=hyperband", "tuner.rounds=null", "budget={minimum: 1, maximum: 9}"],
    "pbt": ["tuner=pbt", "tuner.population=30", "budget={minimum: 1, maximum: 9}"],
}
"""Overrides that select tuners which suggest trials without end."""
QUICK = ["asha", "hashed"]
"""A tuner with budgets and one without, which the quick tests kill; CI kills them all."""
KILLS = int(os.environ.get("SWEEPWRIGHT_KILLS", "6"))
TRIALS = int(os.environ.get("SWEEPWRIGHT_TRIALS", "60"))


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Offer the tuner `hashed` by an entry point, as an installed distribution would."""
    site = tmp_path_factory.mktemp("site")
    info = site / "hashed-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hashed\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sweepwright]\nhashed = sweepwright.testing.hashed\n")
    paths = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def command(store: Path, tuner: str, trials: int) -> list[str]:
    """Return the arguments that begin a sweep of flaky trials."""
    return [
        *TUNERS[tuner],
        "framework=python",
        f"+trial.entries.python={TRIAL}",
        f"max_trials={trials}",
        "concurrency=3",
        "reproducible=true",
        "retries.error=1",
        f"store.path={store}",
        "seed=11",
        "--quiet",
    ]


def start(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start a driver."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "run.py"), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(arguments: list[str], environment: dict[str, str]) -> None:
    """Run a driver to the end of its sweep."""
    process = start(arguments, environment)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output


def exported(store: Path, environment: dict[str, str]) -> list[dict[str, Any]]:
    """Export the newest sweep of a store."""
    argv = [
        sys.executable,
        str(ROOT / "run.py"),
        "export",
        "--format",
        "jsonl",
        f"store.path={store}",
    ]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def outcome(store: Path, environment: dict[str, str]) -> list[tuple[Any, ...]]:
    """Reduce an export to what must not depend on time."""
    rows = exported(store, environment)
    return [(row["number"], row["state"], row["assignment"], row["value"]) for row in rows]


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


def assert_nothing_is_left(store: Path) -> None:
    """Assert that no process is left, after the milliseconds that its end may take."""
    deadline = time.monotonic() + 10
    while leftovers(store) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert leftovers(store) == []


@pytest.mark.parametrize(
    "tuner",
    [
        *QUICK,
        *(pytest.param(name, marks=pytest.mark.ci_only) for name in TUNERS if name not in QUICK),
    ],
)
def test_killed_at_random_moments_a_sweep_ends_like_an_undisturbed_one(
    tuner: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    finish(command(tmp_path / "calm", tuner, TRIALS), environment)
    kill_and_resume(command(tmp_path / "stormy", tuner, TRIALS), tmp_path / "stormy", environment)
    calm, stormy = (
        outcome(tmp_path / "calm", environment),
        outcome(tmp_path / "stormy", environment),
    )

    assert [row[0] for row in stormy] == list(range(TRIALS))
    assert {row[1] for row in stormy} == {"measured", "failed"}
    assert stormy == calm
    assert_nothing_is_left(tmp_path / "stormy")


def kill_and_resume(arguments: list[str], store: Path, environment: dict[str, str]) -> None:
    """Kill the driver several times, at random moments that the seed determines."""
    moments = random.Random(os.environ.get("SWEEPWRIGHT_KILL_SEED", "7"))  # noqa: S311 - no secret
    for _ in range(KILLS):
        process = start(arguments, environment)
        wait_for_a_trial(store)
        time.sleep(moments.uniform(0, 1.0))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        arguments = ["resume", f"store.path={store}", "--quiet"]
    finish(arguments, environment)


def wait_for_a_trial(store: Path) -> None:
    """Wait until the driver has written to the journal."""
    deadline = time.monotonic() + 30
    while not list(store.glob("*/journal.sqlite-wal")) and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> list[tuple[Any, ...]]:
    """Run a short sweep to its end once, as the expectation of all crash points."""
    store = tmp_path_factory.mktemp("calm")
    finish(command(store, "hashed", 8), environment)
    return outcome(store, environment)


@pytest.mark.parametrize("point", CRASH_POINTS)
def test_killed_at_any_crash_point_a_sweep_ends_like_an_undisturbed_one(
    point: str, tmp_path: Path, environment: dict[str, str], undisturbed: list[tuple[Any, ...]]
) -> None:
    dying = {**environment, "SWEEPWRIGHT_FAIL_POINT": f"{point}:4"}
    process = start(command(tmp_path / "stormy", "hashed", 8), dying)
    process.communicate(timeout=60)
    finish(["resume", f"store.path={tmp_path / 'stormy'}", "--quiet"], environment)

    assert process.returncode == -signal.SIGKILL
    assert outcome(tmp_path / "stormy", environment) == undisturbed
    assert_nothing_is_left(tmp_path / "stormy")
