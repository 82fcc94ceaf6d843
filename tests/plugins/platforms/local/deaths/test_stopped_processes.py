"""Processes that are stopped (SIGSTOP) do not answer, and are killed when their answer is due."""

import psutil
import pytest

from sweepwright.contracts import Ended
from sweepwright.events import Failure, FailureKind
from tests.plugins.platforms.local.deaths.families import FAMILY, alive, servers, witnesses

pytestmark = pytest.mark.usefixtures("short_grace")
REPORT = "import time, sweepwright.trial as t\nt.report_final_result(1)\n"


@pytest.fixture(autouse=True)
def short_answer(monkeypatch):
    """Shorten the time that keepers and roots have to answer."""
    monkeypatch.setattr("sweepwright.runner.fork_server_client.ANSWER_SECONDS", 0.2)


def test_a_stopped_process_is_killed_too(harness) -> None:
    job = harness.launch("""
        import os, signal
        from sweepwright.trial import report_intermediate_result
        report_intermediate_result(0)
        os.kill(os.getpid(), signal.SIGSTOP)
    """)
    [pid] = harness.start(job)
    harness.platform.cancel(job.name)
    harness.end(job)

    assert not alive(pid)


def test_a_job_whose_keeper_is_stopped_ends_at_its_time_limit(harness, monkeypatch) -> None:
    """And no other job is affected, because the root answers even if the machine is busy."""
    monkeypatch.setattr("sweepwright.runner.fork_server_client.ANSWER_SECONDS", 1.0)
    other = harness.launch(f"{REPORT}time.sleep(60)")
    job = harness.launch(f"{REPORT}time.sleep(60)", time_limit=1.0)
    harness.start(other)
    keeper = psutil.Process(harness.start(job)[0]).parent()
    assert keeper is not None
    keeper.suspend()

    failure = harness.end(job)
    assert failure == Failure(FailureKind.TIMEOUT, "ran over its limit of 1 s")
    assert not alive(keeper.pid)
    assert not harness.of(other, Ended)
    assert harness.run("pass") is None


def test_a_job_is_cancelled_although_root_and_keeper_are_stopped(
    harness, family, tmp_path
) -> None:
    [server] = servers()
    for process in (server, *server.children()):
        process.suspend()
    harness.platform.cancel(family.name)

    assert harness.end(family) == Failure(FailureKind.KILLED, "cancelled")
    assert not any(map(alive, witnesses(tmp_path / "pids")))
    assert harness.run("pass") is None


def test_a_keeper_that_is_stopped_before_it_starts_a_job_is_replaced(harness, monkeypatch) -> None:
    """Its job has not begun, so its time limit has not begun either."""
    monkeypatch.setattr("sweepwright.runner.engine.START_SECONDS", 1.0)
    harness.run("pass")
    [server] = servers()
    [keeper] = server.children()
    keeper.suspend()
    job = harness.launch(REPORT, time_limit=0.9)

    assert harness.end(job) is None
    assert not alive(keeper.pid)


def test_close_does_not_hang_on_a_stopped_server(build_harness, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("sweepwright.runner.fork_server_client._EXIT_SECONDS", 0.3)
    harness = build_harness()
    witness = tmp_path / "pids"
    harness.start(harness.launch(FAMILY, environment={"WITNESS": str(witness)}))
    [server] = servers()
    server.suspend()
    harness.platform.close()

    assert not alive(server.pid)
    assert not any(map(alive, witnesses(witness)))
