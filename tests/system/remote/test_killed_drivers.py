"""A driver that is killed leaves its trials to the next one."""

import signal

import pytest

from sweepwright.core.driver.crash_points import CRASH_POINTS
from tests.system.driven_sweeps import FLAKY, output_of
from tests.system.remote.disturbed_sweeps import RemoteSweep, assert_unharmed, began, running


def begin(sweep: RemoteSweep, trials: int) -> None:
    """Start a sweep on its only server, and kill the driver when some trials run."""
    driver = sweep.start()
    sweep.wait_until(lambda: began(sweep.servers[0]) == dict.fromkeys(range(trials), 1))
    driver.kill()
    driver.wait()


def test_resumed_at_once_the_trials_go_on(servers, sweep_on) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=3",))
    begin(sweep, 2)
    driver = sweep.resume()
    (box.home / "go").touch()
    output_of(driver)

    assert began(box) == {0: 1, 1: 1, 2: 1}
    assert_unharmed(sweep, 3)


def test_resumed_after_the_trials_have_ended_their_results_are_read(servers, sweep_on) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=2",))
    begin(sweep, 2)
    (box.home / "go").touch()
    log = next(box.home.glob(".sweepwright/sweeps/*/events.log"))
    sweep.driver = None
    sweep.wait_until(lambda: log.read_text().count('"event":"ended"') == 2)
    output_of(sweep.resume())

    assert began(box) == {0: 1, 1: 1}
    assert sweep.retries() == []
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_resumed_after_the_runner_has_given_up_the_trials_run_again(servers, sweep_on) -> None:
    box = servers.start("box1")
    options = {"orphan_seconds": 5, "heartbeat_seconds": 1}  # a busy driver may be late for once
    sweep = sweep_on(box, options=options, overrides=("max_trials=2",))
    begin(sweep, 2)
    sweep.driver = None
    sweep.wait_until(lambda: not running(box))
    (box.home / "go").touch()
    output_of(sweep.resume())

    assert began(box) == {0: 2, 1: 2}
    assert {reason for _, reason, _ in sweep.retries()} == {"its runner had no driver for 5 s"}
    assert_unharmed(sweep, 2)


def test_of_two_drivers_that_resume_at_once_one_goes_on(servers, sweep_on) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, overrides=("max_trials=2",))
    begin(sweep, 2)
    drivers = [sweep.resume(), sweep.resume()]
    sweep.driver = None
    sweep.wait_until(lambda: any(driver.poll() is not None for driver in drivers))
    (box.home / "go").touch()
    refused, successful = sorted(drivers, key=lambda driver: driver.wait(60) == 0)
    output_of(successful)

    assert " is being driven by " in output_of(refused, 2)
    assert began(box) == {0: 1, 1: 1}
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_resumed_while_its_machine_is_away_a_trial_goes_on_when_it_is_back(
    servers, sweep_on
) -> None:
    boxes = [servers.start("box1"), servers.start("box2")]
    sweep = sweep_on(*boxes, machine_options={"slots": 1}, overrides=("max_trials=2",))
    driver = sweep.start()
    sweep.wait_until_started(2)  # a driver that has not heard of a trial's machine takes another
    sweep.wait_until(lambda: all(map(began, boxes)))
    driver.kill()
    driver.wait()
    boxes[0].stop()
    driver = sweep.resume()
    for box in boxes:
        (box.home / "go").touch()
    sweep.wait_until(lambda: "waiting for box1, which cannot be reached: " in driver.read_output())
    boxes[0].start()
    output_of(driver)

    assert sorted(map(began, boxes), key=str) == [{0: 1}, {1: 1}]
    assert sweep.retries() == []
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
@pytest.mark.parametrize("point", CRASH_POINTS)
def test_killed_at_any_crash_point_a_sweep_ends_like_an_undisturbed_one(
    point, servers, sweep_on
) -> None:
    boxes = [servers.start("box1"), servers.start("box2")]
    more = {"trial": FLAKY, "overrides": ("max_trials=8", "concurrency=3")}
    calm = sweep_on(*boxes, folder="calm", **more)
    output_of(calm.start())
    stormy = sweep_on(*boxes, folder="stormy", **more)
    stormy.environment["SWEEPWRIGHT_FAIL_POINT"] = f"{point}:4"
    assert stormy.start().wait(60) == -signal.SIGKILL
    del stormy.environment["SWEEPWRIGHT_FAIL_POINT"]
    output_of(stormy.resume())

    assert stormy.outcome() == calm.outcome()
    assert_unharmed(stormy, 8)
