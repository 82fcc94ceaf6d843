"""Whoever is killed, nothing of a job is left behind."""

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

FAMILY = """
    # A child, one in a session of its own, one whose parents are gone; forked and exec'ed;
    # none heeds SIGTERM.
    import os, signal, subprocess, sys, time
    from sweepwright.trial import report_intermediate_result

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    reader, writer = os.pipe()

    def spread(depth):
        if os.fork() == 0:
            if depth:
                os.setsid()
                spread(depth - 1)
                os._exit(0)
            os.write(writer, b"%d\\n" % os.getpid())
            time.sleep(600)

    for depth in range(3):
        spread(depth)
    deaf = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
    execed = [subprocess.Popen(deaf, start_new_session=own).pid for own in (True, False)]
    found = b""
    while found.count(b"\\n") < 3:
        found += os.read(reader, 100)
    with open(os.environ["WITNESS"], "w") as file:
        file.write(" ".join(map(str, [os.getpid(), *map(int, found.split()), *execed])))
    report_intermediate_result(0)
    time.sleep(float(os.environ.get("LINGER", "600")))
"""

DRIVER = """
import sys
from pathlib import Path
from tests.plugins.platforms.local.bench import Bench
from sweepwright.plugins.platforms.local import LocalOptions

if __name__ == "__main__":
    bench = Bench(Path(sys.argv[1]), LocalOptions(), 2)
    job = bench.launch(Path(sys.argv[2]).read_text(), environment={"WITNESS": sys.argv[3]},
        fork_safe=sys.argv[4] == "fork")
    bench.start(job)
    print("ready", flush=True)
    bench.end(job)
"""


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_until_dead(pids: list[int], seconds: float = 2.0) -> None:
    """Complain about those that are alive after some seconds."""
    deadline = time.monotonic() + seconds
    while left := [pid for pid in pids if alive(pid)]:
        assert time.monotonic() < deadline, f"still alive: {left}"
        time.sleep(0.01)


def witnesses(path: Path) -> list[int]:
    """Read the family's process ids."""
    pids = [int(word) for word in path.read_text().split()]
    assert len(pids) == 6
    return pids


def servers(of: int) -> list[psutil.Process]:
    """Find the fork servers of a driver, which are its only children."""
    return psutil.Process(of).children()


@pytest.fixture(autouse=True)
def short_grace(monkeypatch):
    """Wait not long for those who do not heed SIGTERM anyway."""
    monkeypatch.setattr("sweepwright.plugins.platforms.local.client.GRACE_SECONDS", 0.3)


@pytest.fixture
def family(bench, tmp_path):
    """Start a job that has many process_tree."""
    job = bench.launch(FAMILY, environment={"WITNESS": str(tmp_path / "pids")})
    bench.start(job)
    return job


@pytest.mark.parametrize("mode", ["fork", "prestart"])
def test_a_killed_driver_leaves_nothing(tmp_path, mode) -> None:
    """Not with ``kill -9`` either."""
    trial, witness = tmp_path / "family.py", tmp_path / "pids"
    trial.write_text(FAMILY)
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    driver = subprocess.Popen(
        [sys.executable, script, tmp_path, trial, witness, mode],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])},
    )
    assert driver.stdout is not None
    with driver, driver.stdout:
        assert driver.stdout.readline() == b"ready\n"
        below = [process.pid for process in psutil.Process(driver.pid).children(recursive=True)]
        pids = [pid for pid in (*witnesses(witness), *below) if alive(pid)]
        assert len(pids) >= 6 + 1 + 1, "the family, a keeper and the root"
        driver.kill()

    wait_until_dead(pids)


def test_a_driver_whose_sockets_are_held_by_others_is_dead_all_the_same(tmp_path) -> None:
    """A process that the driver forked holds what the driver held."""
    trial, witness = tmp_path / "family.py", tmp_path / "pids"
    trial.write_text(FAMILY)
    script = tmp_path / "driver.py"
    holding = "import os, time; os.fork() or time.sleep(600)\n    print"
    script.write_text(DRIVER.replace("print", holding))
    driver = subprocess.Popen(
        [sys.executable, script, tmp_path, trial, witness, "fork"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])},
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


def test_a_killed_server_loses_its_jobs_and_is_replaced(bench, family, tmp_path) -> None:
    [server] = servers(os.getpid())
    server.kill()

    failure = bench.end(family)
    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert failure.message == "the fork server that ran it ended with exit code -9"
    assert not any(map(alive, witnesses(tmp_path / "pids")))
    assert bench.run("pass") is None


def test_who_waits_in_line_is_started_by_the_next_server(build_bench) -> None:
    bench = build_bench(cpus=1)
    hold = "import time, sweepwright.trial as t\nt.report_final_result(1)\ntime.sleep(600)\n"
    first = bench.launch((Role("main", bench.file(hold), resources={"cpu": 1}),))
    bench.start(first)
    second = bench.launch((Role("main", bench.file("pass", "next"), resources={"cpu": 1}),))
    servers(os.getpid())[0].kill()

    assert bench.end(first) is not None
    assert bench.end(second) is None


def test_closing_does_not_wait_for_an_import(bench, tmp_path) -> None:
    (tmp_path / "slow_library.py").write_text("import time\ntime.sleep(600)\n")
    bench.launch("pass", preload=("slow_library",), environment={"PYTHONPATH": str(tmp_path)})
    [server] = servers(os.getpid())
    began = time.monotonic()
    bench.platform.close()

    assert time.monotonic() - began < 60, "the import takes ten minutes"
    assert not alive(server.pid)


def test_a_killed_keeper_loses_its_job_and_no_other(bench, family, tmp_path) -> None:
    other = bench.launch("import time; time.sleep(1)")
    [server] = servers(os.getpid())
    leader = psutil.Process(witnesses(tmp_path / "pids")[0])
    keeper = leader.parent()
    assert keeper is not None
    assert keeper.parent() == server
    keeper.kill()

    failure = bench.end(family)
    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert failure.message == "the keeper that ran it died"
    assert not any(map(alive, witnesses(tmp_path / "pids")))
    assert bench.end(other) is None
    assert servers(os.getpid()) == [server]
    assert bench.run("pass") is None


def test_an_idle_keeper_may_die(bench) -> None:
    bench.run("pass")
    [server] = servers(os.getpid())
    for keeper in server.children():
        keeper.kill()
    bench.platform.poll(0.2)

    assert bench.run("pass") is None


def test_a_server_that_is_killed_before_it_can_serve_loses_its_jobs(bench) -> None:
    job = bench.launch("pass", preload=("sklearn",))
    [server] = servers(os.getpid())
    server.kill()

    failure = bench.end(job)
    assert failure is not None
    assert failure.kind is FailureKind.LOST


def test_a_killed_prestarted_interpreter_is_replaced(bench) -> None:
    bench.run("pass", fork_safe=False)
    [server] = servers(os.getpid())
    for keeper in server.children():
        for waiting in keeper.children():
            waiting.kill()
            wait_until_dead([waiting.pid])

    assert bench.run("pass", fork_safe=False) is None


def test_nothing_is_left_when_the_end_is_told(bench, family, tmp_path) -> None:
    bench.platform.cancel(family.name)
    bench.end(family)

    assert not any(map(alive, witnesses(tmp_path / "pids")))


def test_nothing_is_left_of_a_job_that_ends_well(bench, tmp_path) -> None:
    witness = tmp_path / "pids"
    job = bench.launch(FAMILY, environment={"WITNESS": str(witness), "LINGER": "0"})

    assert bench.end(job) is None
    assert not any(map(alive, witnesses(witness)))


def test_nothing_is_left_of_a_prestarted_job(bench, tmp_path) -> None:
    """And the interpreter that waits for the next job is left in peace."""
    witness = tmp_path / "pids"
    environment = {"WITNESS": str(witness), "LINGER": "0"}
    job = bench.launch(FAMILY, environment=environment, fork_safe=False)

    assert bench.end(job) is None
    assert not any(map(alive, witnesses(witness)))
    [server] = servers(os.getpid())
    assert [len(keeper.children()) for keeper in server.children()] == [1, 1]


def test_one_jobs_end_is_not_another_jobs(bench, family, tmp_path) -> None:
    bench.run("raise ValueError")

    assert all(map(alive, witnesses(tmp_path / "pids")))
    assert not bench.of(family, Ended)


def test_a_stopped_process_is_killed_too(bench) -> None:
    job = bench.launch("""
        import os, signal
        from sweepwright.trial import report_intermediate_result
        report_intermediate_result(0)
        os.kill(os.getpid(), signal.SIGSTOP)
    """)
    [pid] = bench.start(job)
    bench.platform.cancel(job.name)
    bench.end(job)

    assert not alive(pid)


def test_close_does_not_hang_on_a_stopped_server(build_bench, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("sweepwright.plugins.platforms.local.client._EXIT_SECONDS", 0.3)
    bench = build_bench()
    witness = tmp_path / "pids"
    bench.start(bench.launch(FAMILY, environment={"WITNESS": str(witness)}))
    [server] = servers(os.getpid())
    server.suspend()
    bench.platform.close()

    assert not alive(server.pid)
    assert not any(map(alive, witnesses(witness)))


def test_a_sick_role_takes_its_siblings_families_along(bench, shell, tmp_path) -> None:
    witness = tmp_path / "pids"
    until = f"while ! [ -e {witness} ]; do sleep 0.05; done; sleep 0.2; exit 3"
    roles = (
        Role("main", bench.file(FAMILY), environment={"WITNESS": str(witness)}),
        Role("sick", shell(until), reports=False),
    )
    failure = bench.run(roles)

    assert failure is not None
    assert failure.message == "role `sick` rank 0: exit code 3"
    assert not any(map(alive, witnesses(witness)))
