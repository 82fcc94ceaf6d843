"""The token and the secrets of trials reach OpenPAI, and are found nowhere else."""

import base64
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.plugins.platforms.pai.conftest import Drivers

TOKEN, SECRET = "canary-7cVx2m", "canary-Kq91zd"
SCRIPT = f"""
import os, time
from pathlib import Path
import sweepwright as nni
assert os.environ["VAULT"][::-1] == {SECRET[::-1]!r}
(Path(os.environ["MEETING"]) / "began").touch()
while not (Path(os.environ["MEETING"]) / "go").exists():
    time.sleep(0.01)
raise RuntimeError("told to fail")
"""


def test_secrets_are_found_nowhere(
    drivers: Drivers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAI_TOKEN", TOKEN)
    monkeypatch.setenv("VAULT", SECRET)
    drivers.cluster.users = {"alice": TOKEN}
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    harness = drivers.start(secret_env=("VAULT",))
    (drivers.folder / "keeper.py").write_text(SCRIPT)
    job = harness.job("keeper")
    job = replace(job, environment={**job.environment, "MEETING": str(meeting)})
    submission = harness.platform.render(job)
    harness.platform.launch(job, submission)
    harness.watch((meeting / "began").exists)
    listed = command_lines()
    (meeting / "go").touch()
    harness.watch_to_end(job)
    failure = harness.failure(job)

    assert failure is not None
    assert failure.message == "RuntimeError: told to fail"
    for canary in (TOKEN, SECRET):
        packed = base64.b64encode(canary.encode()).decode().rstrip("=")
        for text in (listed, str(submission), str(harness.seen), str(drivers.cluster.requests)):
            assert canary not in text
            assert packed not in text
        assert files_with(canary, tmp_path) == []


def command_lines() -> str:
    """Return the command lines of all processes."""
    found: list[str] = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found += process.cmdline()
    return "\n".join(found)


def files_with(text: str, folder: Path) -> list[Path]:
    """List the files that contain a text."""
    return [path for path in folder.rglob("*") if path.is_file() and text in read(path)]


def read(path: Path) -> str:
    with suppress(OSError):  # it may have been temporary
        return path.read_bytes().decode("latin-1")
    return ""
