"""Digits for networks with convolutions, and interpreters that run trials."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import cache
from typing import TypeAlias

import pytest

from sweepwright.trials.mnist.data import Digits, as_pictures, load
from tests.trials.conftest import RunTrial
from tests.trials.preloaded_interpreter import PreloadedInterpreter

InterpreterWith: TypeAlias = Callable[..., PreloadedInterpreter]


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


@pytest.fixture(scope="session")
def interpreter_with(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InterpreterWith]:
    """Return a function that starts an interpreter with libraries, once for all tests."""
    with ExitStack() as kept:

        @cache
        def start(*libraries: str) -> PreloadedInterpreter:
            folder = tmp_path_factory.mktemp("interpreter")
            return kept.enter_context(closing(PreloadedInterpreter(libraries, folder)))

        yield start


@pytest.fixture
def libraries() -> tuple[str, ...]:
    """Name what an interpreter imports before it runs trials."""
    return ("sklearn.datasets", "sklearn.model_selection", "sklearn.neural_network")


@pytest.fixture
def run_trial(interpreter_with: InterpreterWith, libraries: tuple[str, ...]) -> RunTrial:
    """Run ``python …`` as the fixture of this name elsewhere does, but with imported libraries."""

    def run(
        *arguments: str, tolerated: str = "error", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, **environment}
        return interpreter_with(*libraries).run(arguments, tolerated, variables)

    return run
