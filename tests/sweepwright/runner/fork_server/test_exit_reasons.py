"""What a process says of its failure reaches the keeper whole, or not at all."""

import mmap
import os
import signal

import pytest

from sweepwright.runner.fork_server.exit_reasons import (
    ExitReason,
    shared_memory,
)


def written(write) -> ExitReason:
    """Return a page to which a forked process has written."""
    page = ExitReason()
    if not (child := os.fork()):
        page.claim()
        write(page)
        os._exit(0)
    os.waitpid(child, 0)
    return page


def holding(data: bytes) -> ExitReason:
    memory = shared_memory()
    os.pwrite(memory, data, 0)
    page = ExitReason(memory)
    os.close(memory)
    return page


@pytest.mark.parametrize("text", ["plain", "", "ü€😀", "\0\x1b\ud800", '{"kind"'])
def test_a_reason_is_read_as_it_was_written(text) -> None:
    page = written(lambda page: page.write("error", text))

    read = text.replace("\ud800", "?")
    assert page.take() == {"kind": "error", "message": read}


@pytest.mark.parametrize("character", ["x", "\0", "😀", "\ud800", '"'])
def test_a_long_reason_is_cut_to_fit(character) -> None:
    page = written(lambda page: page.write("error", character * 10_000))

    reason = page.take()
    assert reason is not None
    assert len(reason["message"]) >= 500


def test_the_last_reason_counts() -> None:
    def write_twice(page):
        page.write("error", "a long reason, which came first")
        page.write("launch", "later")

    assert written(write_twice).take() == {"kind": "launch", "message": "later"}


def test_no_reason_is_none() -> None:
    assert ExitReason().take() is None


def test_a_forked_child_of_the_process_gives_no_reason() -> None:
    def fork_and_write(page):
        if not (child := os.fork()):
            page.write("error", "the child's own")
            os._exit(0)
        os.waitpid(child, 0)

    assert written(fork_and_write).take() is None


@pytest.mark.parametrize(
    "data",
    [
        b'{"kind": "error", "mess',
        b'{"kind": "unknown", "message": "x"}',
        b'{"kind": ["error"], "message": "x"}',
        b'{"kind": "error", "message": 3}',
        b'{"kind": "error"}',
        b"[" * mmap.PAGESIZE,
        b"\xff\xfe garbage",
        b"3",
    ],
)
def test_what_is_no_reason_is_none(data) -> None:
    assert holding(data).take() is None


def test_a_reason_reaches_a_process_that_shares_only_the_descriptor() -> None:
    memory = shared_memory()
    page, theirs = ExitReason(memory), ExitReason(memory)
    os.close(memory)
    theirs.claim()
    theirs.write("memory", "MemoryError")

    assert page.take() == {"kind": "memory", "message": "MemoryError"}


def test_a_process_killed_by_a_signal_gives_no_reason() -> None:
    assert written(lambda _: os.kill(os.getpid(), signal.SIGKILL)).take() is None
