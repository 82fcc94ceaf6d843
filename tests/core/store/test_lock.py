"""The lock of a driver: one at a time, whatever lies in the sweep's folder."""

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sweepwright.core.store.catalog import Store
from sweepwright.core.store.entries import SessionStarted
from sweepwright.core.store.journal import Journal
from sweepwright.core.store.lock import is_driven, take_lock
from sweepwright.core.store.store_errors import StoreError
from sweepwright.core.store.sweep_files import JOURNAL
from tests.core.examples import plan

HOST = socket.gethostname()
RACE = """
import sys
from pathlib import Path
from sweepwright.core.store.journal import Journal
from sweepwright.core.store.store_errors import StoreError
print("ready", flush=True)
for line in sys.stdin:
    try:
        journal = Journal(Path(line.strip()))
    except StoreError as error:
        print(error, flush=True)
    else:
        print("drives", flush=True)
        sys.stdin.readline()
        journal.close()
        print("closed", flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a sweep."""
    return Store(tmp_path).create(plan())


def session(process: int) -> SessionStarted:
    """Return the beginning of a session of a process on this machine."""
    return SessionStarted(plan().limits, plan().platform, process, HOST, "0.1.0")


def test_of_two_drivers_that_race_one_drives(tmp_path: Path) -> None:
    """Two processes are told at once to drive a sweep, 50 times."""
    sweeps = [Store(tmp_path).create(plan()) for _ in range(5)]
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]

    def tell(racer: "subprocess.Popen[str]", line: str) -> None:
        assert racer.stdin
        racer.stdin.write(f"{line}\n")
        racer.stdin.flush()

    def hear(racer: "subprocess.Popen[str]") -> str:
        assert racer.stdout
        return racer.stdout.readline().strip()

    assert [hear(racer) for racer in racers] == ["ready", "ready"]
    for race in range(50):
        folder = sweeps[race % len(sweeps)]
        for racer in racers[:: 1 if race % 2 else -1]:
            tell(racer, str(folder))
        heard = [hear(racer) for racer in racers]
        assert min(heard) == "drives", heard
        assert max(heard).endswith("is being driven by another process"), heard
        winner = racers[heard.index("drives")]
        tell(winner, "close")
        assert hear(winner) == "closed"
    for racer in racers:
        racer.communicate(timeout=60)
        assert racer.returncode == 0


def test_nothing_in_the_folder_can_take_the_place_of_the_lock(tmp_path: Path) -> None:
    """Earlier drivers locked a file `driver.lock`, and hung if it was a pipe."""
    folder = Store(tmp_path).create(plan())
    os.mkfifo(folder / "driver.lock")
    journal = Journal(folder)

    (folder / "driver.lock").unlink()

    assert is_driven(folder)
    with pytest.raises(StoreError, match="is being driven by"):
        Journal(folder)
    journal.close()


def test_a_folder_that_is_a_link_is_not_driven(tmp_path: Path) -> None:
    folder = Store(tmp_path / "store").create(plan())
    link = tmp_path / "link"
    link.symlink_to(folder)

    with pytest.raises(StoreError, match=r"cannot drive the sweep in .*: "):
        Journal(link)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_gets_no_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """No file system without locks can be had here, so the system call is replaced."""

    def refuse(_descriptor: int, _kind: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)

    with pytest.raises(StoreError, match=f"{os.strerror(number)}; name a folder on a local disk"):
        Store(tmp_path).create(plan())
    assert list(tmp_path.iterdir()) == []


def test_a_lock_does_not_outlive_its_descriptor(tmp_path: Path) -> None:
    lock = take_lock(tmp_path)
    held = is_driven(tmp_path)
    os.close(lock)

    assert (held, is_driven(tmp_path)) == (True, False)


def test_a_second_writer_is_refused_and_learns_who_the_first_is(folder: Path) -> None:
    journal = Journal(folder)
    journal.append(session(os.getpid()))
    journal.commit()

    assert is_driven(folder)
    assert is_driven(folder)
    with pytest.raises(StoreError, match=f"is being driven by process {os.getpid()} on {HOST}$"):
        Journal(folder)
    journal.close()


def test_a_driver_that_has_not_begun_its_session_is_another_process(folder: Path) -> None:
    """The last driver was killed, and its process is no more."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    journal = Journal(folder)
    journal.append(session(dead.pid))
    journal.commit()

    with pytest.raises(StoreError, match=r"is being driven by another process$"):
        Journal(folder)
    journal.close()


def test_a_closed_journal_has_no_driver(folder: Path) -> None:
    Journal(folder).close()

    assert not is_driven(folder)


def test_a_sweep_that_was_never_driven_has_no_driver(tmp_path: Path) -> None:
    assert not is_driven(tmp_path)


def test_a_refused_journal_leaves_no_lock(folder: Path) -> None:
    (folder / JOURNAL).write_bytes(b"broken" * 1000)
    with pytest.raises(StoreError):
        Journal(folder)

    assert not is_driven(folder)


def test_the_lock_is_released_when_its_process_is_killed(folder: Path) -> None:
    script = f"""
import os, signal
from pathlib import Path
from sweepwright.core.store.journal import Journal
journal = Journal(Path({str(folder)!r}))
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], check=False)

    assert done.returncode == -signal.SIGKILL
    Journal(folder).close()
