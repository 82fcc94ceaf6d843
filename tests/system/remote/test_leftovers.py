"""Nothing is left on a machine: neither daemons of trials, nor the runner and its files."""

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.openssh import Server
from tests.system.driven_sweeps import output_of
from tests.system.remote.disturbed_sweeps import (
    assert_nothing_runs,
    assert_unharmed,
    began,
    kill_all,
    kill_runner,
)

FORKING = Path(__file__).with_name("forking_trial.py")


def daemons(server: Server) -> list[int]:
    """Find the daemons that trials have left on a machine, whatever their environment is."""
    mark = f"daemon of {server.home}"
    everything = psutil.process_iter(["cmdline"])
    return [each.pid for each in everything if mark in (each.info["cmdline"] or ())]


def test_daemons_of_a_trial_end_with_it(servers, sweep_on) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, trial=FORKING, overrides=("max_trials=2", "concurrency=1"))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1})
    first = daemons(box)
    (box.home / "go").touch()
    output_of(driver)

    assert len(first) == 2
    assert daemons(box) == []
    assert_unharmed(sweep, 2)


def kill_all_and_log(server: Server) -> None:
    kill_all(server)
    for log in server.home.glob(".sweepwright/sweeps/*/events.log"):
        log.unlink()


@pytest.mark.ci_only
@pytest.mark.parametrize("kill", [kill_runner, kill_all, kill_all_and_log])
def test_daemons_of_a_trial_do_not_survive_its_runner(
    servers, sweep_on, kill: Callable[[Server], None]
) -> None:
    """If everything is killed at once, the next runner finds what bears a mark."""
    box = servers.start("box1")
    if kill is not kill_runner:
        (box.home / "marked").touch()
    sweep = sweep_on(box, trial=FORKING, overrides=("max_trials=1",))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1})
    first = daemons(box)
    box.freeze()
    kill(box)
    box.thaw()
    sweep.wait_until(lambda: began(box) == {0: 2})

    assert first
    assert not set(first) & set(daemons(box))

    (box.home / "go").touch()
    output_of(driver)
    assert daemons(box) == []
    assert_unharmed(sweep, 1)


@pytest.mark.ci_only
def test_cleanup_ends_what_a_killed_driver_has_left(servers, sweep_on) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, trial=FORKING, overrides=("max_trials=2",))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    driver.kill()
    driver.wait()
    assert len(daemons(box)) == 4
    printed = sweep.cleanup()

    assert "box1: ended the runner of sweep " in printed
    assert daemons(box) == []
    assert list(box.home.glob(".sweepwright/*/*")) == []
    assert_nothing_runs(sweep)


@pytest.mark.ci_only
def test_second_interrupt_ends_the_trials_on_all_machines(servers, sweep_on) -> None:
    boxes = [servers.start("box1"), servers.start("box2")]
    one_each = {"machine_options": {"slots": 1}, "overrides": ("max_trials=2",)}
    sweep = sweep_on(*boxes, trial=FORKING, **one_each)
    driver = sweep.start()
    sweep.wait_until_started(2)
    sweep.wait_until(lambda: all(map(began, boxes)))
    driver.send_signal(signal.SIGINT)
    sweep.wait_until(lambda: "interrupted" in driver.read_output())
    driver.send_signal(signal.SIGINT)
    output_of(driver, 130)

    assert sum(map(len, map(daemons, boxes))) == 0
    assert_nothing_runs(sweep)

    for box in boxes:
        (box.home / "go").touch()
    output_of(sweep.resume())
    assert {counted for _, _, counted in sweep.retries()} == {False}
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_two_sweeps_share_a_machine(servers, sweep_on) -> None:
    box = servers.start("box1")
    sweeps = [sweep_on(box, folder=each, overrides=("max_trials=2",)) for each in ("one", "two")]
    drivers = [sweep.start() for sweep in sweeps]
    sweeps[0].wait_until(lambda: began(box) == {0: 2, 1: 2})
    drivers[0].kill()
    drivers[0].wait()
    (box.home / "go").touch()
    output_of(drivers[1])
    output_of(sweeps[0].resume())

    assert began(box) == {0: 2, 1: 2}
    assert sweeps[0].outcome() == sweeps[1].outcome()
    for sweep in sweeps:
        assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_machine_with_two_names_is_two_machines(servers, sweep_on) -> None:
    box = servers.start("box1")
    twin = replace(box, name="twin")
    sweep = sweep_on(box, twin, machine_options={"slots": 1}, overrides=("max_trials=4",))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    (box.home / "go").touch()
    output_of(driver)

    assert len(list(box.home.glob(".sweepwright/sweeps/*"))) == 2
    assert began(box) == {0: 1, 1: 1, 2: 1, 3: 1}
    assert_unharmed(sweep, 4)
