"""Keys and passwords of those who log in to the servers of the tests."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import monotonic, sleep

import pytest

_PATIENCE = 20


def make_key(path: Path, passphrase: str = "") -> Path:
    """Make a pair of keys that no server admits."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


@cache
def key_pair(_purpose: str) -> tuple[str, str]:
    """Make a pair of keys once for all tests of this process."""
    with tempfile.TemporaryDirectory() as folder:
        path = make_key(Path(folder) / "key")
        return path.read_text(), path.with_name("key.pub").read_text()


@contextmanager
def temporary_user(password: str) -> Iterator[str]:
    """Give the name of a new user of this machine who has a password; skip without root."""
    if os.getuid() != 0 or not shutil.which("useradd"):
        pytest.skip("only root can make the user whose password is tested")
    name = f"sweepwright{os.getpid()}"
    _run_on_accounts(["useradd", "--no-create-home", "--shell", "/bin/sh", name])
    try:
        _run_on_accounts(["chpasswd"], f"{name}:{password}\n")
        yield name
    finally:
        # By force, because processes of the user may still be ending.
        _run_on_accounts(["userdel", "--force", name])


def _run_on_accounts(command: list[str], text: str = "") -> None:
    """Run a program that changes the list of users, which another may have locked."""
    deadline = monotonic() + _PATIENCE
    while subprocess.run(
        command, input=text, text=True, capture_output=True, check=False
    ).returncode:
        if monotonic() > deadline:
            raise TimeoutError(f"{shlex.join(command)} fails")
        sleep(0.1)
