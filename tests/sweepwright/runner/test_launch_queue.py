"""The launch queue is a circuit breaker: after a refusal, one job at a time is tried."""

import pytest

from sweepwright.runner.active_job import ActiveJob
from sweepwright.runner.capacity import Capacity
from sweepwright.runner.fork_server.refusals import Refusal
from sweepwright.runner.launch_queue import (
    FIRST_DELAY_SECONDS,
    LONGEST_DELAY_SECONDS,
    LaunchQueue,
)
from sweepwright.runner.slots import Slots

FULL = Refusal("space on the disk", "No space left on device")


class Clock:
    time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> LaunchQueue:
    return LaunchQueue(Slots(Capacity(cpus=2.0)), clock)


def job(number: int, **resources: float) -> ActiveJob:
    submission = {"time_limit": None, "processes": [{"resources": resources}]}
    return ActiveJob(f"job{number}", number, submission)


def added(queue: LaunchQueue, *jobs: ActiveJob) -> None:
    for one in jobs:
        queue.add(one)


def taken(queue: LaunchQueue) -> list[int]:
    """Take all jobs that may start, and return their numbers."""
    numbers = []
    while (one := queue.take()) is not None:
        numbers.append(one.number)
    return numbers


def test_a_job_that_lacks_resources_holds_back_only_those_that_need_some(
    queue: LaunchQueue,
) -> None:
    added(queue, job(0, cpu=1), job(1, cpu=2), job(2, cpu=1), job(3))

    assert taken(queue) == [0, 3]


def test_a_refused_job_gives_its_resources_back_and_keeps_its_place(
    queue: LaunchQueue, clock: Clock
) -> None:
    added(queue, job(0, cpu=2), job(1, cpu=2))
    first = queue.take()
    assert first is not None
    queue.on_refused(first, FULL)

    assert taken(queue) == []
    assert queue.describe_wait(first) == FULL
    clock.time = queue.retry_at
    assert taken(queue) == [0]


def test_the_delay_doubles_up_to_a_bound(queue: LaunchQueue, clock: Clock) -> None:
    queue.add(job(0))
    delays = []
    for _ in range(10):
        probe = queue.take()
        assert probe is not None
        queue.on_refused(probe, FULL)
        delays.append(queue.retry_at - clock.time)
        clock.time = queue.retry_at

    assert delays[:3] == pytest.approx([FIRST_DELAY_SECONDS * factor for factor in (1, 2, 4)])
    assert delays[-1] == LONGEST_DELAY_SECONDS


def test_many_jobs_that_are_refused_at_once_lengthen_the_delay_once(
    queue: LaunchQueue, clock: Clock
) -> None:
    under_way = [job(number) for number in range(50)]
    for one in under_way:
        queue.on_refused(one, FULL)

    assert queue.retry_at == clock.time + FIRST_DELAY_SECONDS


def test_one_job_at_a_time_is_tried_and_a_success_tries_the_next(
    queue: LaunchQueue, clock: Clock
) -> None:
    for number in range(3):
        queue.on_refused(job(number), FULL)
    clock.time = queue.retry_at
    for number in range(3):
        probe = queue.take()
        assert probe is not None
        assert (probe.number, queue.take()) == (number, None)
        assert queue.retry_at == float("inf")
        queue.on_started(probe)

    assert queue.refusal is None
    added(queue, job(3), job(4))
    assert taken(queue) == [3, 4]


def test_a_job_that_ends_ends_the_delay(queue: LaunchQueue, clock: Clock) -> None:
    queue.add(job(0))
    running = queue.take()
    assert running is not None
    queue.on_refused(job(1), FULL)
    assert queue.retry_at > clock.time
    queue.on_end(running)

    assert taken(queue) == [1]


def test_a_probe_that_ends_makes_room_for_the_next(queue: LaunchQueue, clock: Clock) -> None:
    """A job may fail for a reason of its own when it is tried again."""
    for number in range(2):
        queue.on_refused(job(number), FULL)
    clock.time = queue.retry_at
    probe = queue.take()
    assert probe is not None
    queue.on_end(probe)

    assert taken(queue) == [1]


def test_a_refusal_is_over_when_no_job_waits(queue: LaunchQueue) -> None:
    refused = job(0)
    queue.on_refused(refused, FULL)
    queue.on_end(refused)

    assert queue.refusal is None
    assert queue.retry_at == float("inf")
