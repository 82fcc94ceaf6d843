"""What the tests of reporters share: a process that is a trial's, and what it sent."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sweepwright import trial
from sweepwright.protocol import TrialLine, read_line


@pytest.fixture(autouse=True)
def reports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Make this process one of a trial's; return the file that its reports go to."""
    path = tmp_path / "reports"
    path.touch()
    monkeypatch.setattr(trial, "_state", {})
    monkeypatch.setattr(trial, "_variables", {})
    monkeypatch.setattr(trial, "_senders", {})
    monkeypatch.setenv("SWEEPWRIGHT_TRIAL", json.dumps({"sweep": "s", "trial": 3, "attempt": 1}))
    monkeypatch.setenv("SWEEPWRIGHT_REPORTS", f"file:{path}")
    for name in ("RANK", "TF_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return path


@pytest.fixture
def sent(reports: Path) -> Callable[[], list[TrialLine]]:
    """Return a function that reads what was reported so far."""

    def read() -> list[TrialLine]:
        lines = reports.read_text().splitlines() if reports.exists() else []
        return [line for line in map(read_line, lines) if line]

    return read


@pytest.fixture
def run_script(tmp_path: Path) -> Callable[..., None]:
    """Return a function that runs a script as a process of the trial."""

    def run(text: str, **environment: Any) -> None:
        (tmp_path / "script.py").write_text(text, encoding="utf-8")
        variables: Mapping[str, str] = {**os.environ, **environment}
        ended = subprocess.run(
            [sys.executable, "script.py"],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert ended.returncode == 0, ended.stderr

    return run


@pytest.fixture
def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
