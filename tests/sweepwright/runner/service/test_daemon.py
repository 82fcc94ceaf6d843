"""A daemon keeps every job, whoever disconnects, and ends everything that it must."""

import json
import os
import resource
import signal
import socket
import threading
import time
from contextlib import suppress

import psutil
import pytest

from sweepwright.runner.service.control import Lock, connect
from sweepwright.runner_client.runner_session import RemoteRefusal, SessionLost
from tests.sweepwright.runner_client.runner_harness import PATIENCE, Driver, Machine

REPORT = "import sweepwright; sweepwright.report_final_result({})"
SLEEP = "import sys, time; print('begun', flush=True); time.sleep(600)"
SLEEPING_GRANDCHILD = (
    "import subprocess, time; p = subprocess.Popen(['sleep', '600'], start_new_session=True);"
    "import sweepwright; sweepwright.report_intermediate_result(p.pid); time.sleep(600)"
)


def is_running(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(process: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while is_running(process):
        assert time.monotonic() < deadline, f"{process} is still running"
        time.sleep(0.01)


def wait_until_lost(driver: Driver) -> None:
    deadline = time.monotonic() + PATIENCE
    with suppress(SessionLost):
        while time.monotonic() < deadline:
            driver.messages += driver.session.read_messages(1.0)
        pytest.fail("the connection is still open")


def start(driver: Driver, name: str = "s-0", script: str = SLEEP) -> int:
    driver.launch(name, script)
    [process] = driver.wait_for(event="launched", job=name)["handle"]["pids"]
    return int(process)


def log_of(machine: Machine) -> list[dict[str, object]]:
    lines = (machine.sweep() / "events.log").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_a_job_reports_and_ends(machine: Machine) -> None:
    """Its interpreter has no packages, and the trial API is the kit's."""
    driver = machine.attach()
    driver.launch("s-0", REPORT.format(0.25))

    assert driver.ended("s-0") is None
    assert driver.events("s-0") == ["accepted", "launched", "output", "ended"]
    assert json.loads(driver.lines("s-0")[0])["metrics"] == {"default": 0.25}


def test_a_failure_is_explained(machine: Machine) -> None:
    driver = machine.attach()
    driver.launch("s-0", "raise ValueError('no')")

    assert driver.ended("s-0") == {"kind": "error", "message": "ValueError: no"}


def test_a_cancelled_job_ends_with_its_processes(machine: Machine) -> None:
    driver = machine.attach()
    driver.launch("s-0", SLEEPING_GRANDCHILD)
    report = json.loads(driver.wait_for(event="output", job="s-0")["line"])
    driver.session.send({"cancel": "s-0"})

    assert driver.ended("s-0") == {"kind": "killed", "message": "cancelled"}
    assert not is_running(int(report["metrics"]["default"]))


def test_a_finished_job_has_succeeded_however_it_ends(machine: Machine) -> None:
    driver = machine.attach()
    start(driver)
    driver.session.send({"finish": "s-0"})

    assert driver.ended("s-0") is None


def test_a_name_starts_one_job(machine: Machine) -> None:
    driver = machine.attach()
    for _ in range(2):
        driver.launch("s-0", REPORT.format(1))
    driver.ended("s-0")
    driver.launch("s-0", REPORT.format(2))
    driver.messages.clear()

    assert driver.ended("s-0") is None
    assert len(driver.lines("s-0")) == 1
    assert [r["event"] for r in log_of(machine)[1:]].count("accepted") == 1


def test_unknown_jobs_are_named(machine: Machine) -> None:
    driver = machine.attach()
    for kind in ("cancel", "finish"):
        driver.session.send({kind: f"x-{kind}"})
        driver.wait_for(unknown=f"x-{kind}")
    driver.adopt(**{"x-adopt": 5})

    assert driver.wait_for(unknown="x-adopt")


def test_messages_that_make_no_sense_are_answered_and_harm_nothing(machine: Machine) -> None:
    driver = machine.attach()
    for message in (
        {"launch": "s-1", "submission": {}},
        {"adopt": 5},
        {"dance": 1},
        {"reserve": "s-0"},
    ):
        driver.session.send(message)
    driver.session.send({"ping": 7})
    driver.wait_for(pong=7)
    driver.launch("s-0", REPORT.format(1))

    assert len([m for m in driver.messages if "notice" in m]) == 3
    assert driver.wait_for(event="refused")["reason"].startswith("its submission is invalid")
    assert driver.ended("s-0") is None


def test_a_driver_that_comes_back_reads_on_from_the_last_byte(machine: Machine) -> None:
    """The job has ended meanwhile, in the absence of any driver."""
    gate = machine.folder / "gate"
    os.mkfifo(gate)
    driver = machine.attach()
    script = f"{REPORT.format(1)}; open({str(gate)!r}).read(); {REPORT.format(2)}"
    driver.launch("s-0", script)
    read = driver.wait_for(event="output", job="s-0")["at"]
    driver.session.close()
    gate.write_text("go on")
    again = machine.attach()
    known = again.attached.known
    again.adopt(**{"s-0": read})

    assert again.ended("s-0") is None
    assert set(known) == {"s-0"}
    assert again.attached.log == driver.attached.log
    assert again.attached.pid == driver.attached.pid
    assert [json.loads(line)["sequence"] for line in again.lines("s-0")] == [1]


def test_the_newest_driver_wins(machine: Machine) -> None:
    first = machine.attach()
    start(first)
    second = machine.attach()
    wait_until_lost(first)
    second.adopt(**{"s-0": 0})
    second.wait_for(event="launched", job="s-0")

    assert {"replaced": True} in first.messages
    second.session.send({"ping": 1})
    assert second.wait_for(pong=1)


def test_a_driver_that_vanishes_in_the_middle_of_a_message_harms_nothing(machine: Machine) -> None:
    driver = machine.attach()
    driver.launch("s-0", REPORT.format(1))
    driver.session._stream.write(b'{"launch": "s-1", "submi')
    driver.session.close()
    again = machine.attach()
    again.adopt(**{"s-0": 0})

    assert again.ended("s-0") is None
    assert set(again.attached.known) == {"s-0"}


def test_a_driver_that_never_reads_delays_no_job(machine: Machine) -> None:
    driver = machine.attach()
    many = "import sweepwright as s\nfor i in range(400):\n s.report_intermediate_result("
    driver.launch("s-0", f"{many}{{str(j): i for j in range(1000)}} | {{'default': i}})")
    log = machine.sweep() / "events.log"
    deadline = time.monotonic() + PATIENCE
    while b'"event":"ended"' not in log.read_bytes():
        assert time.monotonic() < deadline, "the job does not end"
        time.sleep(0.05)

    assert driver.ended("s-0") is None
    assert len(driver.lines("s-0")) == 400


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_jobs_of_a_daemon_that_is_ended_are_lost_and_over(
    machine: Machine, number: signal.Signals
) -> None:
    driver = machine.attach()
    driver.launch("s-1", REPORT.format(1))
    driver.ended("s-1")
    driver.launch("s-0", SLEEPING_GRANDCHILD)
    report = json.loads(driver.wait_for(event="output", job="s-0")["line"])
    os.kill(driver.attached.pid, number)
    wait_until_lost(driver)
    again = machine.attach()
    again.adopt(**{"s-0": 0, "s-1": 0})

    failure = again.ended("s-0")
    assert failure["kind"] == "lost"
    assert failure["message"].startswith("its runner ")
    assert again.ended("s-1") is None
    assert again.attached.pid != driver.attached.pid
    wait_until_gone(int(report["metrics"]["default"]))


def test_a_session_that_is_killed_costs_no_job(machine: Machine) -> None:
    driver = machine.attach()
    process = start(driver)
    driver.kill_session()
    wait_until_lost(driver)
    again = machine.attach()
    again.adopt(**{"s-0": 0})
    again.wait_for(event="launched", job="s-0")

    assert is_running(process)


def test_two_sessions_that_start_a_daemon_at_once_reach_the_same(machine: Machine) -> None:
    machine.connect().close()  # the kit is there
    found: list[int | None] = []

    def attach() -> None:
        try:
            found.append(machine.attach().attached.pid)
        except SessionLost:
            found.append(None)  # the other one was newer at once

    threads = [threading.Thread(target=attach) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 3
    assert len(set(found) - {None}) == 1


def test_what_a_killed_daemon_left_in_the_folder_is_no_obstacle(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = machine.sweep()
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)  # its path may be longer than that of a socket may be
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind("control")
    (folder / "runner.lock").write_text("{")

    assert machine.attach().attached.pid


def test_a_folder_may_be_deeper_than_a_path_of_a_socket(new_machine: Machine) -> None:
    new_machine.folder = new_machine.folder / ("deep " * 20) / ("é" * 100)
    driver = new_machine.attach("a sweep with $(odd) 'characters'" + "x" * 100)
    driver.launch("s-0", REPORT.format(1))

    assert driver.ended("s-0") is None


def test_another_host_with_the_same_folder_is_refused(machine: Machine) -> None:
    folder = machine.sweep()
    folder.mkdir(parents=True)
    lock = Lock(folder)
    assert lock.acquire()
    (folder / "runner.lock").write_text('{"pid": 1, "host": "elsewhere"}')
    session = machine.connect()
    with pytest.raises(
        RemoteRefusal, match="the runner on `elsewhere` uses this folder"
    ) as caught:
        session.attach("s", None, {"concurrency": 1, "orphan_seconds": 60})
    lock.release()

    assert caught.value.kind == "shared"


def test_a_connection_for_which_no_one_can_wait_is_refused(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = machine.attach()
    monkeypatch.chdir(machine.sweep())
    channel = connect(machine.sweep())
    assert channel is not None
    attachment = {"engine": {}, "kit": "", "code": "", "python": "", "orphan_seconds": 1}
    files = [os.open("events.log", os.O_RDONLY) for _ in range(2)]
    start(driver)
    channel.send({"attach": attachment}, files)
    [(answer, _)] = channel.receive() or []
    channel.close()
    driver.session.send({"ping": 1})

    assert answer["error"].startswith("no daemon can wait for this connection")
    assert driver.wait_for(pong=1)


def test_without_a_driver_the_jobs_end_after_a_while(machine: Machine) -> None:
    driver = machine.attach(orphan_seconds=0.5)
    process = start(driver)
    driver.session.close()
    wait_until_gone(driver.attached.pid)
    again = machine.attach()
    again.adopt(**{"s-0": 0})

    reason = "its runner had no driver for 0.5 s"
    assert again.ended("s-0") == {"kind": "lost", "message": reason}
    assert not is_running(process)


def test_a_silent_driver_is_none(machine: Machine) -> None:
    driver = machine.attach(orphan_seconds=0.5)
    start(driver)

    assert driver.ended("s-0")["kind"] == "lost"
    wait_until_lost(driver)


def test_the_driver_ends_the_daemon(machine: Machine) -> None:
    driver = machine.attach()
    start(driver)
    driver.session.send({"end": True})
    wait_until_lost(driver)

    assert driver.ended("s-0") == {"kind": "killed", "message": "cancelled"}
    wait_until_gone(driver.attached.pid)


def test_other_settings_start_another_daemon_as_soon_as_no_job_runs(machine: Machine) -> None:
    first = machine.attach(cpus=1)
    start(first)
    second = machine.attach(cpus=2)
    second.wait_for(
        notice="the new slots, CPUs, GPUs or limits take effect once the running jobs have ended"
    )
    second.adopt(**{"s-0": 0})
    second.session.send({"cancel": "s-0"})
    second.ended("s-0")
    third = machine.attach(cpus=2)

    assert second.attached.capacity["cpus"] == 1
    assert second.attached.pid == first.attached.pid
    assert third.attached.capacity["cpus"] == 2
    assert set(third.attached.known) == {"s-0"}


def test_ports_are_reserved_until_the_job_ends(machine: Machine) -> None:
    driver = machine.attach()
    driver.session.send({"reserve": "s-0", "members": [["main", 0], ["worker", 1]]})
    ports = driver.wait_for(reserved="s-0")["ports"]
    start(driver)
    held = [is_bound(port) for _, _, port in ports]
    driver.session.send({"cancel": "s-0"})
    driver.ended("s-0")

    assert [(role, rank) for role, rank, _ in ports] == [("main", 0), ("worker", 1)]
    assert held == [True, True]
    assert [is_bound(port) for _, _, port in ports] == [False, False]


def is_bound(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def test_while_the_log_cannot_be_written_nothing_is_told_and_nothing_is_lost(
    machine: Machine,
) -> None:
    driver = machine.attach()
    gate = machine.folder / "gate"
    os.mkfifo(gate)
    driver.launch("s-0", f"{REPORT.format(1)}; open({str(gate)!r}).read(); {REPORT.format(2)}")
    driver.wait_for(event="output", job="s-0")
    limits = resource.prlimit(driver.attached.pid, resource.RLIMIT_FSIZE)
    full = (machine.sweep() / "events.log").stat().st_size + 10
    resource.prlimit(driver.attached.pid, resource.RLIMIT_FSIZE, (full, limits[1]))
    gate.write_text("go on")
    driver.launch("s-1", REPORT.format(3))
    driver.wait_for(trouble="the log cannot be written: File too large")
    driver.session.send({"ping": 1})
    driver.wait_for(pong=1)
    told = [driver.events(job) for job in ("s-0", "s-1")]
    resource.prlimit(driver.attached.pid, resource.RLIMIT_FSIZE, limits)

    assert told == [["accepted", "launched", "output"], []]
    assert (driver.ended("s-0"), driver.ended("s-1")) == (None, None)
    assert [len(driver.lines(job)) for job in ("s-0", "s-1")] == [2, 1]
    assert len(log_of(machine)) == 10


def test_a_daemon_that_cannot_start_says_why(machine: Machine) -> None:
    folder = machine.sweep()
    (folder / "events.log").mkdir(parents=True)
    with pytest.raises(
        RemoteRefusal, match=r"the runner does not start: IsADirectoryError"
    ) as caught:
        machine.attach()

    assert caught.value.kind == "runner"


def test_an_attempt_that_is_launched_again_starts_when_its_earlier_job_has_ended(
    machine: Machine,
) -> None:
    """A driver was killed after the launch of a job on several machines, and knows no handle."""
    driver = machine.attach()
    slow = "import signal, sys, time; signal.signal(15, lambda *_: (time.sleep(0.3), sys.exit()))"
    start(driver, "s-0-part0of2-aaaa", f"{slow}; print('ready', flush=True); time.sleep(600)")
    driver.session.send({"cancel": "s-0-part0of2-aaaa"})
    driver.launch("s-0-part1of2-bbbb", "")
    waiting = driver.wait_for(event="waiting", job="s-0-part1of2-bbbb")
    assert driver.ended("s-0-part1of2-bbbb") is None

    assert waiting["wants"] == "the end of an earlier job of the same attempt"
    kinds = [(entry.get("event"), entry.get("job")) for entry in log_of(machine)]
    ended = kinds.index(("ended", "s-0-part0of2-aaaa"))
    assert ended < kinds.index(("launched", "s-0-part1of2-bbbb"))
