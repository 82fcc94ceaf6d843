"""Whose end is the end of a job."""

import os
import signal
import subprocess

import pytest

from sweepwright.plugins.platforms.local.fork_server.exit_reasons import Word, Words
from sweepwright.plugins.platforms.local.fork_server.running_job import Member, RunningJob

GRACE = 2.0


class Clock:
    time = 0.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def words():
    words = Words()
    yield words
    words.close()


@pytest.fixture
def start():
    """Start processes that do not heed SIGTERM, or do."""
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


def job_of(clock, *members):
    job = RunningJob("job", GRACE, clock)
    for child, member in members:
        job.add(child, member)
    return job


def test_a_job_is_over_with_its_last_process(clock, words, start) -> None:
    one, two = start(), start()
    job = job_of(
        clock, (one.pid, Member("m", 0, decides=True)), (two.pid, Member("m", 1, decides=True))
    )
    job.died(one.pid, 0, words)

    assert not job.over
    assert job.patience is None
    job.died(two.pid, 0, words)
    assert job.over
    assert job.culprit is None


def test_the_first_bad_end_is_the_culprit(clock, words, start) -> None:
    one, two = start(), start()
    job = job_of(
        clock, (one.pid, Member("m", 0, decides=True)), (two.pid, Member("ps", 1, decides=False))
    )
    job.died(two.pid, 3, words)

    assert job.culprit == {"role": "ps", "rank": 1, "code": 3, "said": None}
    assert one.wait() == -signal.SIGTERM
    job.died(one.pid, -15, words)
    assert job.culprit["role"] == "ps"
    assert not job.stopped


def test_whoever_does_not_end_is_killed_after_the_grace(clock, words, start) -> None:
    one, deaf = start(), start(deaf=True)
    job = job_of(
        clock, (one.pid, Member("m", 0, decides=True)), (deaf.pid, Member("ps", 0, decides=False))
    )
    job.died(one.pid, 0, words)
    assert job.patience == GRACE
    clock.time = 1.5
    assert job.patience == 0.5
    clock.time = 3.0
    assert job.patience == 0.0
    job.kill()

    assert deaf.wait() == -signal.SIGKILL
    assert job.patience is None
    assert job.culprit is None


def test_a_stop_counts_only_while_the_job_has_not_ended_by_itself(clock, words, start) -> None:
    one, two = start(), start()
    job = job_of(
        clock, (one.pid, Member("m", 0, decides=True)), (two.pid, Member("m", 1, decides=True))
    )
    job.died(one.pid, 1, words)
    job.stop()

    assert not job.stopped


def test_what_a_stopped_process_does_is_nobodys_fault(clock, words, start) -> None:
    one = start()
    job = job_of(clock, (one.pid, Member("m", 0, decides=True)))
    job.stop()
    job.stop()
    job.died(one.pid, 1, words)

    assert job.stopped
    assert job.culprit is None


def test_orphans_are_no_members(clock, words, start) -> None:
    job = job_of(clock, (start().pid, Member("m", 0, decides=True)))
    job.died(1, 1, words)

    assert not job.over
    assert job.culprit is None


def test_the_dead_have_their_word(words) -> None:
    Word(words.writer).say("error", "x" * 10_000)
    Word(words.writer).say("launch", "later")

    assert words.of(1) is None
    assert words.of(os.getpid()) == {"kind": "launch", "message": "later"}
    assert words.of(os.getpid()) is None
