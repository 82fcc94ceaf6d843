"""A driver is killed at any moment; the resumed sweep ends like an undisturbed one.

``SWEEPWRIGHT_KILLS=50 SWEEPWRIGHT_TRIALS=600 pytest tests/system/test_crash.py`` runs longer.
"""

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from sweepwright.core.driver.crash_points import CRASH_POINTS
from tests.system.sweeps import (
    TUNERS,
    attempts,
    command,
    exported,
    finish,
    finish_afresh,
    offer_tuners,
    outcome,
    remaining,
    start,
    wait_for_attempts,
)

QUICK = ["asha"]
"""The tuners that the quick tests kill, with budgets; CI kills them all."""
KILLS = int(os.environ.get("SWEEPWRIGHT_KILLS", "6"))
TRIALS = int(os.environ.get("SWEEPWRIGHT_TRIALS", "60"))


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Offer the tuners of tests by entry points, as an installed distribution would."""
    return offer_tuners(tmp_path_factory.mktemp("site"))


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
    finish_afresh(command(tmp_path / "calm", tuner, TRIALS), environment)
    kills = kill_and_resume(
        command(tmp_path / "stormy", tuner, TRIALS),
        tmp_path / "stormy",
        environment,
        attempts(tmp_path / "calm"),
    )
    calm, stormy = (
        outcome(tmp_path / "calm", environment),
        outcome(tmp_path / "stormy", environment),
    )

    assert [row[0] for row in stormy] == list(range(TRIALS))
    assert {row[1] for row in stormy} == {"measured", "failed"}
    assert stormy == calm
    assert kills > KILLS / 2, "most of them came too late"
    assert remaining(tmp_path / "stormy") == []


def kill_and_resume(
    arguments: list[str], store: Path, environment: dict[str, str], length: int
) -> int:
    """Kill the driver of a sweep of so many attempts at random moments; count the kills.

    The seed determines after which attempts. A driver that has ended in time is not counted.
    """
    moments = random.Random(os.environ.get("SWEEPWRIGHT_KILL_SEED", "7"))  # noqa: S311 - no secret
    kills = 0
    for begun in sorted(moments.sample(range(length), KILLS)):
        driver = start(arguments, environment)
        wait_for_attempts(store, begun + 1, driver)
        time.sleep(moments.uniform(0, 0.1))
        driver.kill()
        driver.communicate()
        kills += driver.returncode == -signal.SIGKILL
        arguments = ["resume", f"store.path={store}", "--quiet"]
    finish(arguments, environment)
    return kills


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> list[tuple[Any, ...]]:
    """Run a short sweep to its end once, as the expectation of all crash points."""
    store = tmp_path_factory.mktemp("calm")
    finish_afresh(command(store, "hashed", 8), environment)
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
    assert remaining(tmp_path / "stormy") == []


def test_killed_between_repeats_a_sweep_ends_like_an_undisturbed_one(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Its trials, their medians, and what its tuner believes are the same."""
    finish(command(tmp_path / "calm", "repeating", 12), environment)
    dying = {**environment, "SWEEPWRIGHT_FAIL_POINT": "committed:7"}
    process = start(command(tmp_path / "stormy", "repeating", 12), dying)
    process.communicate(timeout=60)
    interrupted = exported(tmp_path / "stormy", environment)
    early = predicted(tmp_path / "stormy", environment)
    finish(["resume", f"store.path={tmp_path / 'stormy'}", "--quiet"], environment)
    calm, stormy = (repeated(tmp_path / name, environment) for name in ("calm", "stormy"))

    assert process.returncode == -signal.SIGKILL
    assert len(interrupted) < 12
    assert early["assignment"]
    assert stormy == calm
    assert [row for row in calm if row[1] is not None], "it repeats some trials"
    assert predicted(tmp_path / "stormy", environment) == predicted(tmp_path / "calm", environment)


def repeated(store: Path, environment: dict[str, str]) -> list[tuple[Any, ...]]:
    """Reduce an export to what is said about repeats."""
    columns = ("assignment", "repeats", "reason", "value", "median")
    return [tuple(row[name] for name in columns) for row in exported(store, environment)]


def predicted(store: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Return the predicted best assignment of the newest sweep of a store."""
    (row,) = exported(store, environment, "--predicted")
    return row
