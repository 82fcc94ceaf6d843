"""Whatever is killed on a machine, its trials run again, and nothing is left of them."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.openssh import Server
from tests.system.driven_sweeps import output_of
from tests.system.remote.disturbed_sweeps import (
    RemoteSweep,
    assert_unharmed,
    began,
    kill_all,
    kill_fork_server,
    kill_runner,
    kill_session,
)


@pytest.mark.parametrize(
    ("kill", "reason"),
    [
        (kill_runner, "its runner on this machine died"),
        (kill_fork_server, "the fork server that ran it ended with exit code -9"),
        pytest.param(kill_all, "its runner on this machine died", marks=pytest.mark.ci_only),
    ],
)
def test_killed_under_its_trials_they_run_again(
    servers, sweep_on, kill: Callable[[Server], None], reason: str
) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=3",))
    driver = sweep.start()
    sweep.wait_until_started(2)
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    kill(box)
    sweep.wait_until(lambda: began(box) == {0: 2, 1: 2})
    (box.home / "go").touch()
    printed = output_of(driver)

    assert began(box) == {0: 2, 1: 2, 2: 1}
    assert printed.count(f" retrying: {reason}") == 2
    assert_unharmed(sweep, 3)


def test_killed_session_costs_no_trial(servers, sweep_on) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=2",))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    kill_session(box)
    away = "waiting for box1, which cannot be reached: "
    sweep.wait_until(lambda: away in driver.read_output())
    (box.home / "go").touch()
    output_of(driver)

    assert began(box) == {0: 1, 1: 1}
    assert_unharmed(sweep, 2)


def cut_off_record(sweep: RemoteSweep) -> None:
    log = log_of(sweep)
    os.truncate(log, log.stat().st_size - 7)


def cut_off_all(sweep: RemoteSweep) -> None:
    os.truncate(log_of(sweep), 0)


def damage_header(sweep: RemoteSweep) -> None:
    with log_of(sweep).open("r+b") as file:
        file.write(b"\0" * 40)


def damage_middle(sweep: RemoteSweep) -> None:
    with log_of(sweep).open("r+b") as file:
        file.seek(log_of(sweep).stat().st_size // 2)
        file.write(b"\r\0\xff\n\0")


def pretend_reboot(sweep: RemoteSweep) -> None:
    """Let the next runner find that the machine has started anew; the end of the log is lost."""
    cut_off_record(sweep)
    header, newline, rest = log_of(sweep).read_bytes().partition(b"\n")
    boot = json.loads(header)["boot"].encode()
    log_of(sweep).write_bytes(header.replace(boot, boot[::-1]) + newline + rest)


def delete_log(sweep: RemoteSweep) -> None:
    log_of(sweep).unlink()


def log_of(sweep: RemoteSweep) -> Path:
    return next(sweep.servers[0].home.glob(".sweepwright/sweeps/*/events.log"))


DAMAGES = (
    cut_off_record,
    cut_off_all,
    damage_header,
    damage_middle,
    pretend_reboot,
    delete_log,
)
ROUTES = [(damage, by) for by in ("driver", "resume") for damage in DAMAGES]


@pytest.mark.parametrize(
    ("damage", "by"),
    [ROUTES[0], *(pytest.param(*route, marks=pytest.mark.ci_only) for route in ROUTES[1:])],
)
def test_damaged_log_of_a_killed_runner_costs_no_more_than_a_retry(
    servers, sweep_on, damage: Callable[[RemoteSweep], None], by: str
) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=2",))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    if by == "resume":
        driver.kill()
        driver.wait()
    box.freeze()
    kill_runner(box)
    damage(sweep)
    box.thaw()
    (box.home / "go").touch()
    output_of(sweep.resume() if by == "resume" else driver)

    assert set(began(box).values()) <= {1, 2}
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_removed_folder_of_the_sweep_costs_a_retry(servers, sweep_on) -> None:
    """The runner, which nobody would find any more, ends with its trials."""
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=2",))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    shutil.rmtree(box.home / ".sweepwright", ignore_errors=True)
    sweep.wait_until(lambda: began(box) == {0: 2, 1: 2})
    (box.home / "go").touch()
    printed = output_of(driver)

    assert printed.count(" retrying: somebody has removed `") == 2
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_log_that_is_deleted_under_its_runner_costs_nothing(servers, sweep_on) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=2",))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    delete_log(sweep)
    box.kill_sessions()
    (box.home / "go").touch()
    output_of(driver)

    assert began(box) == {0: 1, 1: 1}
    assert sweep.retries() == []
    assert_unharmed(sweep, 2)
