"""Runs a command of sweepwright whose driver notes when it asks, when it polls, when it drains.

Usage: python -m benchmarks.slots.timed_driver RECORD [ARGUMENT ...]

RECORD becomes a file of lines: Unix seconds, what begins or ends, and for the end of an ask how
many trials it opened.
"""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO
from unittest.mock import patch

from sweepwright.core.cli.app import main as run_command
from sweepwright.core.driver.driver import Driver
from sweepwright.core.driver.ending.drain import Drain
from sweepwright.core.driver.trial_opener import TrialOpener

ASKS, ASKED, POLLS, POLLED, DRAINS = "asks", "asked", "polls", "polled", "drains"


def main(record: Path, arguments: list[str]) -> int:
    """Run the command with timers in place of three methods."""
    with record.open("w", buffering=1) as file, ExitStack() as patches:
        for owner, name, timed in (
            (TrialOpener, "open_trials", _timed_ask),
            (Driver, "_poll", _timed_poll),
            (Drain, "update", _noted_drain),
        ):
            patches.enter_context(patch.object(owner, name, timed(getattr(owner, name), file)))
        sys.argv[1:] = arguments
        return run_command()


def _note(file: TextIO, what: str, count: int = 0) -> None:
    file.write(f"{time.time()} {what} {count}\n")


def _timed_ask(method: Callable[[TrialOpener], None], file: TextIO) -> Callable[..., None]:
    def open_trials(opener: TrialOpener) -> None:
        study = opener._study  # noqa: SLF001 - it is a timer within the driver
        before = study.suggestions
        if study.vacancies and not study.exhausted:
            _note(file, ASKS)
        method(opener)
        if opened := study.suggestions - before:
            _note(file, ASKED, opened)

    return open_trials


def _timed_poll(method: Callable[[Driver], None], file: TextIO) -> Callable[..., None]:
    def poll(driver: Driver) -> None:
        _note(file, POLLS)
        method(driver)
        _note(file, POLLED)

    return poll


def _noted_drain(method: Callable[..., None], file: TextIO) -> Callable[..., None]:
    def update(drain: Drain, *given: Any, **named: Any) -> None:
        before = drain.reason
        method(drain, *given, **named)
        if drain.reason and not before:
            _note(file, DRAINS)

    return update


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
