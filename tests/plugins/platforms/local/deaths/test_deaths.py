"""Whichever process is killed, no process of a job is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from sweepwright.contracts import Ended, Role
from sweepwright.events import FailureKind
from tests.plugins.platforms.local.deaths.families import (
    FAMILY,
    alive,
    servers,
    wait_until_dead,
    witnesses,
)

DRIVER = """
import sys
from pathlib import Path
from tests.plugins.platforms.local.local_harness import LocalHarness
from sweepwright.plugins.platforms.local import LocalOptions

if __name__ == "__main__":
    harness = LocalHarness(Path(sys.argv[1]), LocalOptions(), 2)
    job = harness.launch(Path(sys.argv[2]).read_text(), environment={"WITNESS": sys.argv[3]},
        fork_safe=sys.argv[4] == "fork")
    harness.start(job)
    print("ready", flush=True)
    harness.end(job)
"""


pytestmark = pytest.mark.usefixtures("short_grace")


@pytest.mark.parametrize("mode", ["fork", "prestart"])
def test_a_killed_driver_leaves_no_process(tmp_path, mode) -> None:
    """Even if it is killed by ``kill -9``."""
    trial, witness = tmp_path / "family.py", tmp_path / "pids"
    trial.write_text(FAMILY)
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    driver = subprocess.Popen(
        [sys.executable, script, tmp_path, trial, witness, mode],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[5])},
    )
    assert driver.stdout is not None
    with driver, driver.stdout:
        assert driver.stdout.readline() == b"ready\n"
        below = [process.pid for process in psutil.Process(driver.pid).children(recursive=True)]
        pids = [pid for pid in (*witnesses(witness), *below) if alive(pid)]
        assert len(pids) >= 6 + 1 + 1, "the family, a keeper and the root"
        driver.kill()

    wait_until_dead(pids)


def test_a_dead_driver_is_noticed_although_others_hold_its_sockets(tmp_path) -> None:
    """A process that the driver forked inherits its descriptors."""
    trial, witness = tmp_path / "family.py", tmp_path / "pids"
    trial.write_text(FAMILY)
    script = tmp_path / "driver.py"
    holding = "import os, time; os.fork() or time.sleep(600)\n    print"
    script.write_text(DRIVER.replace("print", holding))
    driver = subprocess.Popen(
        [sys.executable, script, tmp_path, trial, witness, "fork"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[5])},
        start_new_session=True,
    )
    assert driver.stdout is not None
    with driver.stdout:
        assert driver.stdout.readline() == b"ready\n"
        pids = witnesses(witness)
        driver.kill()
        driver.wait()
        wait_until_dead(pids)
        os.killpg(driver.pid, signal.SIGKILL)


def test_a_killed_server_loses_its_jobs_and_is_replaced(harness, family, tmp_path) -> None:
    [server] = servers()
    server.kill()

    failure = harness.end(family)
    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert failure.message == "the fork server that ran it ended with exit code -9"
    assert not any(map(alive, witnesses(tmp_path / "pids")))
    assert harness.run("pass") is None


def test_queued_jobs_are_started_by_the_next_server(build_harness) -> None:
    harness = build_harness(cpus=1)
    hold = "import time, sweepwright.trial as t\nt.report_final_result(1)\ntime.sleep(600)\n"
    first = harness.launch((Role("main", harness.file(hold), resources={"cpu": 1}),))
    harness.start(first)
    second = harness.launch((Role("main", harness.file("pass", "next"), resources={"cpu": 1}),))
    servers()[0].kill()

    assert harness.end(first) is not None
    assert harness.end(second) is None


def test_closing_does_not_wait_for_an_import(harness, tmp_path) -> None:
    (tmp_path / "slow_library.py").write_text("import time\ntime.sleep(600)\n")
    harness.launch("pass", preload=("slow_library",), environment={"PYTHONPATH": str(tmp_path)})
    [server] = servers()
    began = time.monotonic()
    harness.platform.close()

    assert time.monotonic() - began < 60, "the import takes ten minutes"
    assert not alive(server.pid)


def test_a_killed_keeper_loses_its_job_and_no_other(harness, family, tmp_path) -> None:
    other = harness.launch("import time; time.sleep(1)")
    [server] = servers()
    leader = psutil.Process(witnesses(tmp_path / "pids")[0])
    keeper = leader.parent()
    assert keeper is not None
    assert keeper.parent() == server
    keeper.kill()

    failure = harness.end(family)
    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert failure.message == "the keeper that ran it died"
    assert not any(map(alive, witnesses(tmp_path / "pids")))
    assert harness.end(other) is None
    assert servers() == [server]
    assert harness.run("pass") is None


def test_an_idle_keeper_may_die(harness) -> None:
    harness.run("pass")
    [server] = servers()
    for keeper in server.children():
        keeper.kill()
    harness.platform.poll(0.2)

    assert harness.run("pass") is None


def test_a_job_that_has_not_started_outlives_its_server(harness) -> None:
    job = harness.launch("pass", preload=("sklearn.ensemble",))
    [server] = servers()
    server.kill()

    assert harness.end(job) is None
    [(_, wants)] = harness.waits()
    assert wants == "a fork server"


def test_a_killed_prestarted_interpreter_is_replaced(harness) -> None:
    harness.run("pass", fork_safe=False)
    [server] = servers()
    for keeper in server.children():
        for waiting in keeper.children():
            waiting.kill()
            wait_until_dead([waiting.pid])

    assert harness.run("pass", fork_safe=False) is None


def test_no_process_is_left_when_the_end_is_reported(harness, family, tmp_path) -> None:
    harness.platform.cancel(family.name)
    harness.end(family)

    assert not any(map(alive, witnesses(tmp_path / "pids")))


def test_no_process_is_left_of_a_successful_job(harness, tmp_path) -> None:
    witness = tmp_path / "pids"
    job = harness.launch(FAMILY, environment={"WITNESS": str(witness), "LINGER": "0"})

    assert harness.end(job) is None
    assert not any(map(alive, witnesses(witness)))


def test_no_process_is_left_of_a_prestarted_job(harness, tmp_path) -> None:
    """But the interpreter that waits for the next job stays."""
    witness = tmp_path / "pids"
    environment = {"WITNESS": str(witness), "LINGER": "0"}
    job = harness.launch(FAMILY, environment=environment, fork_safe=False)

    assert harness.end(job) is None
    assert not any(map(alive, witnesses(witness)))
    [server] = servers()
    assert [len(keeper.children()) for keeper in server.children()] == [1, 1]


def test_the_end_of_a_job_does_not_end_another(harness, family, tmp_path) -> None:
    harness.run("raise ValueError")

    assert all(map(alive, witnesses(tmp_path / "pids")))
    assert not harness.of(family, Ended)


def test_a_failed_role_ends_the_descendants_of_the_others(harness, shell, tmp_path) -> None:
    witness = tmp_path / "pids"
    until = f"while ! [ -e {witness} ]; do sleep 0.05; done; sleep 0.2; exit 3"
    roles = (
        Role("main", harness.file(FAMILY), environment={"WITNESS": str(witness)}),
        Role("sick", shell(until), reports=False),
    )
    failure = harness.run(roles)

    assert failure is not None
    assert failure.message == "role `sick` rank 0: exit code 3"
    assert not any(map(alive, witnesses(witness)))
