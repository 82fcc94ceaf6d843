"""Fixtures for tests of the command line."""

from pathlib import Path

import pytest

from sweepwright.core.cli.app import main
from tests.core.cli.application import App, Ran, write_files

SPACE = """
    a: {x: 1, y: [2, 3]}
    b: ${.a.x}
    c: ${.b}-${oc.env:PLAIN}
    section: ${.a}
    h: &h word
    i: *h
    """
"""A search space with sections, references, an environment variable and an alias."""


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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a configuration folder with the space ``mine``, which is also the current folder."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path, {"space/mine.yaml": SPACE})
    return tmp_path


@pytest.fixture
def explain(folder: Path, capsys: pytest.CaptureFixture[str]) -> App:
    """Explain a key of a configuration with the space ``mine``."""

    def run(*argv: str) -> Ran:
        code = main(["explain", f"--config-dir={folder}", "space=mine", *argv])
        return Ran(code, *capsys.readouterr())

    return run
