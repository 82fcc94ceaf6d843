"""Fixtures for tests of the command line."""

from pathlib import Path

import pytest

from sweepwright.core.cli.app import main
from tests.core.cli.application import App, Ran


@pytest.fixture
def app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> App:
    """Run command lines in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["run.py"])

    def run(*argv: str) -> Ran:
        code = main(argv)
        return Ran(code, *capsys.readouterr())

    return run
