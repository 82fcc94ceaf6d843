"""Driver, connections and runners are killed at random; the sweep ends like an undisturbed one.

``SWEEPWRIGHT_KILL_SEED=5 pytest -m ci_only tests/system/remote/test_random_kills.py`` kills at
other moments, and ``SWEEPWRIGHT_KILLS=100`` more often.
"""

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.forked_commands import ForkedCommand
from tests.openssh import Server
from tests.system.driven_sweeps import SECONDS, output_of
from tests.system.remote.disturbed_sweeps import (
    RemoteSweep,
    assert_unharmed,
    began,
    kill_all,
    kill_runner,
    kill_session,
)

COUNTED = Path(__file__).with_name("counted_trial.py")
SEED = os.environ.get("SWEEPWRIGHT_KILL_SEED", "7")
COUNT = int(os.environ.get("SWEEPWRIGHT_KILLS", "50"))
"""Number of kills, of which a sweep has one for every two trials."""
KILLS: Sequence[Callable[[Server], None]] = (
    *(Server.kill_sessions, Server.kill_sessions, kill_session),
    *(kill_runner, kill_runner, kill_all),
)
"""What is killed on a machine: connections as often as runners."""


@pytest.mark.ci_only
@pytest.mark.parametrize(
    ("tuner", "trials", "kills"), [("random", 2 * COUNT, COUNT), ("asha", 40, 25)]
)
def test_killed_at_random_a_sweep_ends_like_an_undisturbed_one(
    servers, sweep_on, tuner: str, trials: int, kills: int
) -> None:
    """Promoted trials of `asha` find their checkpoints, also on another machine."""
    boxes = [servers.start("box1"), servers.start("box2")]
    limits = (f"max_trials={trials}", "concurrency=4", f"retries.lost={kills}")
    more = {
        "trial": COUNTED,
        "tuner": tuner,
        "machine_options": {"slots": 2},
        "overrides": (*limits, "budget={minimum: 1, maximum: 9}"),
    }
    calm = sweep_on(*boxes, folder="calm", **more)
    output_of(calm.start())
    stormy = sweep_on(*boxes, folder="stormy", **more)
    killed = kill_at_random(stormy, kills)

    assert killed > kills / 2, "the sweep has ended before most of them"
    assert stormy.outcome() == calm.outcome()
    assert_unharmed(stormy, trials)


def kill_at_random(sweep: RemoteSweep, kills: int) -> int:
    """Kill at moments that the seed determines, each after another attempt has begun.

    Returns the number of kills before the end of the sweep.
    """
    chance = random.Random(SEED)  # noqa: S311 - no secret
    driver = sweep.start()
    killed = 0
    for box, kill in choose_kills(chance, sweep.servers, kills):
        wait_for_an_attempt(sweep, driver)
        time.sleep(chance.uniform(0, 0.2))
        if driver.poll() is not None:
            break
        killed += 1
        if kill is not None:
            kill(box)
            continue
        driver.kill()
        assert "Traceback" not in driver.communicate(SECONDS)[0]
        driver = sweep.resume()
    output_of(driver)
    return killed


def wait_for_an_attempt(sweep: RemoteSweep, driver: ForkedCommand) -> None:
    before = attempts(sweep.servers)
    sweep.wait_until(lambda: attempts(sweep.servers) > before or driver.poll() is not None)


def choose_kills(
    chance: random.Random, servers: Sequence[Server], count: int
) -> Iterator[tuple[Server, Callable[[Server], None] | None]]:
    """Choose machines, and what is killed there; None for the driver."""
    for number in range(count):
        yield chance.choice(servers), None if number % 3 == 0 else chance.choice(KILLS)


def attempts(servers: Sequence[Server]) -> int:
    """Count the attempts that began on all machines."""
    return sum(sum(began(each).values()) for each in servers)
