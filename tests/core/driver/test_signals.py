"""Signals are counted in the main thread, and handlers are restored."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from sweepwright.core.driver.signals import SignalCounter


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_a_signal_is_counted_and_sets_the_exit_code(number: int, exit_code: int) -> None:
    with SignalCounter() as signals:
        os.kill(os.getpid(), number)

    assert (signals.count, signals.exit_code) == (1, exit_code)


def test_outside_the_main_thread_no_signal_is_caught() -> None:
    def enter() -> int:
        with SignalCounter() as signals:
            return signals.count

    before = signal.getsignal(signal.SIGTERM)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(enter).result() == 0

    assert signal.getsignal(signal.SIGTERM) is before
