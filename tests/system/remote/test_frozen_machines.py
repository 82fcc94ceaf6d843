"""A machine that does not answer any more is noticed, whether it comes back or not."""

import signal
import time
from contextlib import suppress

import psutil
import pytest

from tests.openssh import Server
from tests.system.driven_sweeps import output_of
from tests.system.remote.disturbed_sweeps import QUICK, assert_unharmed, began

AWAY = "waiting for box1, which cannot be reached: "


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        pytest.param(QUICK, 0, id="shortly"),
        pytest.param({}, 30, id="for 30 s", marks=pytest.mark.ci_only),
    ],
)
def test_trials_of_a_frozen_server_go_on(servers, sweep_on, options, seconds) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, options=options, overrides=("max_trials=3", "concurrency=2"))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    box.freeze()
    (box.home / "go").touch()
    time.sleep(seconds)
    limit = options.get("heartbeat_seconds", 15)
    away = f"{AWAY}no message for {limit} s; the sweep goes on by itself\n"
    sweep.wait_until(lambda: away in driver.read_output())
    box.thaw()
    output_of(driver)

    assert began(box) == {0: 1, 1: 1, 2: 1}
    assert sweep.retries() == []
    assert_unharmed(sweep, 3)


@pytest.mark.ci_only
def test_frozen_machine_goes_on_with_its_trials(servers, sweep_on) -> None:
    """Not the server alone is frozen, but also the runner and the trials."""
    box = servers.start("box1")
    sweep = sweep_on(box, options=QUICK, overrides=("max_trials=2",))
    driver = sweep.start()
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    box.freeze()
    everything = box.processes()
    signal_all(everything, signal.SIGSTOP)
    away = f"{AWAY}no message for 1 s; the sweep goes on by itself\n"
    sweep.wait_until(lambda: away in driver.read_output())
    (box.home / "go").touch()
    signal_all(everything, signal.SIGCONT)
    box.thaw()
    output_of(driver)

    assert began(box) == {0: 1, 1: 1}
    assert sweep.retries() == []
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_trials_of_a_machine_that_is_gone_run_on_another(servers, sweep_on) -> None:
    boxes = [servers.start("box1"), servers.start("box2")]
    sweep = sweep_on(
        *boxes,
        options={"lost_after": 3},
        overrides=("max_trials=4", "concurrency=4"),
        machine_options={"slots": 2},
    )
    driver = sweep.start()
    sweep.wait_until_started(4)
    sweep.wait_until(lambda: sum(map(count_began, boxes)) == 4)
    gone = dict(began(boxes[0]))
    boxes[0].close()  # with everything on its machine, as at a power cut
    (boxes[1].home / "go").touch()
    printed = output_of(driver)

    assert printed.count(AWAY) == 1
    assert sorted(gone.values()) == [1, 1]
    assert {trial for trial, _, counted in sweep.retries() if counted} == gone.keys()
    for _, reason, _ in sweep.retries():
        assert reason.startswith("box1 can no longer be reached (")
    assert count_began(boxes[1]) == 4
    assert_unharmed(sweep, 4)


@pytest.mark.ci_only
def test_machine_that_comes_back_too_late_ends_what_it_still_runs(servers, sweep_on) -> None:
    boxes = [servers.start("box1"), servers.start("box2")]
    sweep = sweep_on(
        *boxes,
        options={"lost_after": 3},
        overrides=("max_trials=2",),
        machine_options={"slots": 1},
    )
    driver = sweep.start()
    sweep.wait_until_started(2)
    sweep.wait_until(lambda: sum(map(count_began, boxes)) == 2)
    (old,) = (int(f.read_text()) for f in boxes[0].home.glob("began-*"))
    boxes[0].stop()
    sweep.wait_until(lambda: "can no longer be reached" in str(sweep.retries()))
    boxes[0].start()
    sweep.wait_until(lambda: old not in [each.pid for each in boxes[0].processes()])
    for box in boxes:
        (box.home / "go").touch()
    output_of(driver)

    assert sorted(map(count_began, boxes)) == [1, 2]
    assert_unharmed(sweep, 2)


@pytest.mark.ci_only
def test_without_any_machine_the_sweep_waits_and_can_be_interrupted(servers, sweep_on) -> None:
    box = servers.start("box1")
    sweep = sweep_on(box, options={"lost_after": 0.5}, overrides=("max_trials=2",))
    driver = sweep.start()
    sweep.wait_until_started(2)
    sweep.wait_until(lambda: began(box) == {0: 1, 1: 1})
    box.stop()
    sweep.wait_until(lambda: len(sweep.retries()) == 2)
    driver.send_signal(signal.SIGINT)
    interrupted = output_of(driver, 130)
    box.start()
    (box.home / "go").touch()
    output_of(sweep.resume())

    assert AWAY in interrupted
    assert began(box) == {0: 2, 1: 2}
    assert_unharmed(sweep, 2)


def count_began(server: Server) -> int:
    return sum(began(server).values())


def signal_all(processes: list[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to processes, some of which may have ended."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
