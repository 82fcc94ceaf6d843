"""Tests of the threads that copy files, when what they do fails in a way that nobody expects."""

from pathlib import Path
from queue import SimpleQueue
from typing import Any, NoReturn

from sweepwright.events import CheckpointRef
from sweepwright.plugins.platforms.remote.scheduling.checkpoints import Copied, Copy
from sweepwright.plugins.platforms.remote.transfers import Fetch, Notice, Transfers

COPY = Copy("job", 1, CheckpointRef(0, 1), "box1", "box2")


def fail(machine: str) -> NoReturn:
    raise ValueError(f"{machine} is odd")


def test_each_copy_gets_an_answer_whatever_happens(tmp_path: Path) -> None:
    notices: SimpleQueue[Notice] = SimpleQueue()
    transfers = Transfers("sweep", tmp_path, fail, notices)
    answers: list[Any] = []
    for _ in range(2):
        transfers.copy(COPY)
        answers.append(notices.get(timeout=20))
    transfers.close()

    assert answers == [Copied(COPY, failed="box1", reason="box1 is odd")] * 2


def test_the_end_does_not_wait_for_files_that_cannot_be_fetched(tmp_path: Path) -> None:
    transfers = Transfers("sweep", tmp_path, fail, SimpleQueue())
    for trial in range(3):
        transfers.fetch(Fetch("box1", trial, 1, everything=True))
    transfers.close()

    assert list(tmp_path.iterdir()) == []
