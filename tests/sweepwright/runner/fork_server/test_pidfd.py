"""Descriptors of processes, with the functions of Python or without them."""

import os
import select
import signal
import subprocess

import pytest

from sweepwright.runner.fork_server.pidfd import open_process, send_signal


@pytest.fixture(params=["functions of Python", "system calls"], autouse=True)
def _way(request, monkeypatch) -> None:
    if request.param == "system calls":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
        monkeypatch.delattr(signal, "pidfd_send_signal", raising=False)


def test_a_signal_reaches_the_process_and_its_end_is_seen() -> None:
    child = subprocess.Popen(["/bin/sleep", "600"])
    descriptor = open_process(child.pid)
    assert select.select([descriptor], [], [], 0)[0] == []
    send_signal(descriptor, signal.SIGTERM)

    assert select.select([descriptor], [], [], 60)[0] == [descriptor]
    assert child.wait() == -signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        send_signal(descriptor, signal.SIGTERM)
    os.close(descriptor)


def test_a_process_that_is_gone_cannot_be_opened() -> None:
    child = subprocess.Popen(["/bin/true"])
    child.wait()

    with pytest.raises(ProcessLookupError):
        open_process(child.pid)
