"""The pool of threads for blocking calls."""

import threading
from functools import partial
from operator import mul
from queue import SimpleQueue
from typing import Any

import pytest

from sweepwright.plugins.platforms.kubeflow.api.calls import Calls
from sweepwright.plugins.platforms.kubeflow.api.errors import ApiError
from sweepwright.plugins.platforms.kubeflow.api.rate_limit import TokenBucket

SECONDS = 20


def test_calls_answer_with_their_key():
    answers: SimpleQueue[Any] = SimpleQueue()
    calls = Calls(answers.put)
    for number in range(100):
        calls.submit(("create", number), partial(mul, number, 2))
    found = {
        answer.key: answer.value() for answer in (answers.get(timeout=SECONDS) for _ in range(100))
    }
    calls.close()

    assert found == {("create", number): number * 2 for number in range(100)}


@pytest.mark.parametrize("error", [ApiError(404, "NotFound", "gone"), ZeroDivisionError("bug")])
def test_errors_are_raised_where_the_answer_is_read(error):
    def fail() -> None:
        raise error

    answers: SimpleQueue[Any] = SimpleQueue()
    calls = Calls(answers.put)
    calls.submit("delete", fail)
    answer = answers.get(timeout=SECONDS)
    calls.close()

    assert answer.error is error
    with pytest.raises(type(error)):
        answer.value()


def test_calls_are_made_at_the_same_time():
    answers: SimpleQueue[Any] = SimpleQueue()
    together = threading.Barrier(8)
    calls = Calls(answers.put)
    for number in range(8):
        calls.submit(number, lambda: together.wait(SECONDS))
    for _ in range(8):
        answers.get(timeout=SECONDS).value()
    calls.close()


def test_closing_drops_the_calls_that_have_not_begun():
    answers: SimpleQueue[Any] = SimpleQueue()
    begun, go_on = threading.Event(), threading.Event()
    calls = Calls(answers.put, threads=1)

    def block() -> None:
        begun.set()
        go_on.wait(SECONDS)

    calls.submit("first", block)
    calls.submit("second", lambda: None)
    begun.wait(SECONDS)
    calls.close(seconds=0)
    go_on.set()

    assert answers.get(timeout=SECONDS).key == "first"
    assert answers.empty()


def test_a_bucket_admits_a_burst_and_then_its_rate():
    now = [0.0]
    bucket = TokenBucket(2.0, 3, lambda: now[0])
    assert [bucket.reserve() for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 1.0]

    now[0] = 1.0
    assert bucket.reserve() == 0.5
    now[0] = 100.0
    assert [bucket.reserve() for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_closing_waits_once_for_all_calls_that_do_not_return():
    class Stuck(threading.Thread):
        def join(self, timeout=None):
            waits.append(timeout)
            threading.Event().wait(timeout)

    waits: list[float] = []
    calls = Calls(lambda _: None)
    calls._threads += [Stuck() for _ in range(8)]
    calls.close(0.05)

    assert sum(waits) <= 0.05
