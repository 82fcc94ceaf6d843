"""Digits for networks with convolutions."""

import sys

import pytest

from sweepwright.trials.mnist.data import Digits, as_pictures, load


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PyTorch compute with one thread, here and in processes that a test starts.

    Several test processes share the cores, and the threads of each would wait for the others.
    """
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def pictures() -> Digits:
    """Load all of the digits that scikit-learn brings, 28 by 28 pixels large."""
    return as_pictures(load())
