"""Which exits of processes end a job, and how."""

import signal
import subprocess

import pytest

from sweepwright.runner.fork_server.exit_reasons import ExitReason
from sweepwright.runner.fork_server.running_job import (
    LINGER_SECONDS,
    JobProcess,
    RunningJob,
)

GRACE = 2.0


class Clock:
    time = 0.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def start():
    """Start processes that ignore SIGTERM, or do not."""
    started = []

    def start(*, deaf=False):
        script = "trap '' TERM; echo; sleep 600 & wait; wait" if deaf else "echo; exec sleep 600"
        process = subprocess.Popen(
            ["/bin/sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def member(role, rank, *, decides):
    return JobProcess(role, rank, decides, ExitReason())


def job_of(clock, *members):
    job = RunningJob("job", GRACE, "attempt", clock)
    for child, process in members:
        job.add(child, process)
    return job


def test_a_job_is_finished_with_its_last_process(clock, start) -> None:
    one, two = start(), start()
    job = job_of(
        clock,
        (one.pid, member("m", 0, decides=True)),
        (two.pid, member("m", 1, decides=True)),
    )
    job.on_exit(one.pid, 0)

    assert not job.finished
    assert job.seconds_until_kill is None
    job.on_exit(two.pid, 0)
    assert job.finished
    assert job.first_failure is None


def test_the_first_failed_process_is_the_first_failure(clock, start) -> None:
    one, two = start(), start()
    job = job_of(
        clock,
        (one.pid, member("m", 0, decides=True)),
        (two.pid, member("ps", 1, decides=False)),
    )
    job.on_exit(two.pid, 3)

    assert job.first_failure == {"role": "ps", "rank": 1, "code": 3, "reason": None}
    assert one.wait() == -signal.SIGTERM
    job.on_exit(one.pid, -15)
    assert job.first_failure["role"] == "ps"
    assert not job.stopped


def test_a_process_that_does_not_end_is_killed_after_the_grace(clock, start) -> None:
    one, deaf = start(), start(deaf=True)
    job = job_of(
        clock,
        (one.pid, member("m", 0, decides=True)),
        (deaf.pid, member("ps", 0, decides=False)),
    )
    job.on_exit(one.pid, 0)
    assert job.seconds_until_kill == GRACE
    clock.time = 1.5
    assert job.seconds_until_kill == 0.5
    clock.time = 3.0
    assert job.seconds_until_kill == 0.0
    job.kill()

    assert deaf.wait() == -signal.SIGKILL
    assert job.seconds_until_kill is None
    assert job.first_failure is None


def test_a_stop_counts_only_before_the_job_is_ending(clock, start) -> None:
    one, two = start(), start()
    job = job_of(
        clock,
        (one.pid, member("m", 0, decides=True)),
        (two.pid, member("m", 1, decides=True)),
    )
    job.on_exit(one.pid, 1)
    job.stop()

    assert not job.stopped


def test_the_exit_code_of_a_stopped_process_is_no_failure(clock, start) -> None:
    one = start()
    job = job_of(clock, (one.pid, member("m", 0, decides=True)))
    job.stop()
    job.stop()
    job.on_exit(one.pid, 1)

    assert job.stopped
    assert job.first_failure is None


@pytest.mark.parametrize("code", [0, 1])
def test_a_stop_while_a_job_lingers_only_ends_that(clock, start, code) -> None:
    one = start()
    job = job_of(clock, (one.pid, member("m", 0, decides=True)))
    assert job.seconds_to_linger == 0
    job.on_exit(one.pid, code)
    assert job.seconds_to_linger == LINGER_SECONDS
    job.stop()

    assert job.seconds_to_linger == 0
    assert not job.stopped
    assert job.succeeded is (code == 0)


def test_a_killed_job_does_not_linger(clock, start) -> None:
    one = start()
    job = job_of(clock, (one.pid, member("m", 0, decides=True)))
    job.stop()
    job.kill()
    job.on_exit(one.pid, -signal.SIGKILL)

    assert job.seconds_to_linger == 0


def test_exits_of_orphans_have_no_effect(clock, start) -> None:
    job = job_of(clock, (start().pid, member("m", 0, decides=True)))
    job.on_exit(1, 1)

    assert not job.finished
    assert job.first_failure is None


def test_a_part_ends_with_its_last_process(clock, start) -> None:
    first, second = start(), start()
    job = RunningJob("job", GRACE, "attempt", clock, part=True)
    for rank, process in enumerate((first, second)):
        job.add(process.pid, member("side", rank, decides=False))
    job.on_exit(first.pid, 0)

    assert (second.poll(), job.seconds_until_kill) == (None, None)
    job.on_exit(second.pid, 0)
    assert job.finished
    assert job.succeeded


def test_a_finished_job_succeeds_whatever_its_processes_return(clock, start) -> None:
    process = start()
    job = job_of(clock, (process.pid, member("main", 0, decides=True)))
    job.finish()
    job.stop()

    assert process.wait() == -signal.SIGTERM
    job.on_exit(process.pid, -signal.SIGTERM)
    assert job.succeeded
