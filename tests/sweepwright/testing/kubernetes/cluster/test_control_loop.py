"""The thread in which a cluster decides."""

import threading

import pytest

from sweepwright.testing.kubernetes.cluster.control_loop import ControlLoop


@pytest.fixture
def loop():
    loop = ControlLoop()
    loop.start()
    yield loop
    loop.close()


def test_work_is_done_once_after_the_actions_that_ask_for_it(loop: ControlLoop):
    done: list[str] = []
    finished = threading.Event()

    def ask() -> None:
        for _ in range(3):
            loop.enqueue("key", lambda: done.append("work"))
        done.append("action")
        loop.enqueue("last", finished.set)

    loop.ask(ask)
    assert finished.wait(20)
    assert done == ["action", "work"]


def test_timers_fire_in_the_order_of_their_times_unless_cancelled(loop: ControlLoop):
    fired: list[int] = []
    finished = threading.Event()

    def set_timers() -> None:
        loop.later(0.02, finished.set)
        loop.later(0.01, lambda: fired.append(2))
        loop.later(0.0, lambda: fired.append(1))
        loop.later(0.0, lambda: fired.append(3)).cancel()

    loop.ask(set_timers)
    assert finished.wait(20)
    assert fired == [1, 2]


def test_a_question_gets_its_answer_or_its_exception(loop: ControlLoop):
    def fail() -> None:
        raise ValueError("no")

    assert loop.ask(lambda: loop.ask(lambda: 42)) == 42
    with pytest.raises(ValueError, match="no"):
        loop.ask(fail)


def test_closing_raises_what_an_action_raised():
    def fail() -> None:
        raise KeyError("missing")

    loop = ControlLoop()
    loop.start()
    loop.post(fail)
    loop.ask(lambda: None)

    with pytest.raises(RuntimeError, match="a controller of the cluster failed") as error:
        loop.close()
    assert isinstance(error.value.__cause__, KeyError)
