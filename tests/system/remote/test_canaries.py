"""Secrets of a sweep reach their trials, and are found nowhere else on either machine."""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from tests.forked_commands import ForkedCommand, run_forked
from tests.ssh_logins import temporary_user
from tests.system.remote.remote_sweeps import Machines, system_python

PASSWORD, TOKEN = "canary-4hT9wq", "canary-Zr81mk"
TRIAL = """
    import os
    import time
    from pathlib import Path

    import sweepwright as nni

    folder = Path(os.environ["MEETING"])
    assert len(os.environ["API_TOKEN"]) == 13
    (folder / "started").touch()
    while not (folder / "seen").exists():
        time.sleep(0.01)
    if nni.get_sequence_id() % 2:
        raise RuntimeError("told to fail")
    nni.report_final_result(1.0)
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder that other users of this machine can reach and write to."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o1777)  # as the system's folder for temporary files
    yield folder
    shutil.rmtree(folder)


def test_secrets_are_found_nowhere(tmp_path: Path, place: Path, machines: Machines) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text(dedent(TRIAL))
    with temporary_user(PASSWORD) as user:
        lines = ("PasswordAuthentication yes", "LogLevel DEBUG3")
        server = machines.servers.start("box", user=user, lines=lines)
        login = {"identity_file": None, "password_env": "BOX_PASSWORD"}
        folder = place / "kept"  # which exists already, and is open to all
        folder.mkdir()
        shutil.chown(folder, user)
        machines.write(server.options(**login, python=system_python(), folder=str(folder)))
        sweep = ForkedCommand(
            [
                *machines.words,
                *("framework=python", f"trial.folder={tmp_path / 'code'}"),
                *("+trial.entries.python=train.py", f"+trial.environment.MEETING={place}"),
                "+trial.environment.API_TOKEN='${oc.env:TOKEN}'",
                *("max_trials=4", "concurrency=2", f"store.path={tmp_path / 'store'}"),
                "retries.error=1",
            ],
            {**os.environ, "BOX_PASSWORD": PASSWORD, "TOKEN": TOKEN},
            tmp_path,
            merged=True,
        )
        while not (place / "started").exists() and sweep.poll() is None:
            time.sleep(0.01)
        listed = process_listing(user)
        written = files_with(TOKEN, place)
        (place / "seen").touch()
        printed, _ = sweep.communicate(60)
        store = f"store.path={tmp_path / 'store'}"
        told = [
            run_forked([*words, store]).stdout
            for words in (["show"], ["logs", "1"], ["export", "--format", "jsonl"])
        ]

        assert sweep.returncode == 0, printed
        assert "told to fail" in printed
        assert str(folder) in listed
        assert files_with("told to fail", place)
        assert written == []
        for canary in (PASSWORD, TOKEN):
            assert canary not in listed
            assert canary not in printed
            assert canary not in "".join(told)
            assert canary not in server.log
            assert files_with(canary, tmp_path, place) == []
        assert exposed_in(folder) == []


def process_listing(user: str) -> str:
    """Return the command lines of all processes, and the environments of a user's processes.

    A trial that was forked shows the environment of its parent here.
    """
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found += process.cmdline()
            if process.username() == user:
                found += process.environ().values()
    return "\n".join(found)


def files_with(text: str, *folders: Path) -> list[Path]:
    """List the files that contain a text."""
    found = []
    for path in (path for folder in folders for path in folder.rglob("*")):
        with suppress(FileNotFoundError):  # it may have been temporary
            if path.is_file() and text.encode() in path.read_bytes():
                found.append(path)
    return found


def exposed_in(folder: Path) -> list[Path]:
    """List what is in a folder and can be read by other users."""
    return [path for path in folder.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077]
