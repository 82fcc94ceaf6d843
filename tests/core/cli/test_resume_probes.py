"""A resume looks for what the sweep needs before anything starts, and reports what is missing."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sweepwright.contracts import PythonFile
from sweepwright.core.plan import machine_needs
from sweepwright.core.plan.machine_needs import entry_finding, store_finding
from tests.core.cli.application import App, write_files


@pytest.fixture
def begun(app: App, tmp_path: Path) -> Path:
    """Begin a sweep of a script in a folder of its own, and return the folder."""
    folder = tmp_path / "code"
    write_files(folder, {"train.py": "import sweepwright; sweepwright.report_final_result(1.0)"})
    program = folder / "interpreter"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    begun = app(
        "trial=noop",
        "framework=python",
        f"trial.folder={folder}",
        "trial.entries.python=train.py",
        f"platform.python={program}",
        "platform.cpus=2",
        "+trial.roles.main.resources.cpu=1",
        "max_trials=1",
        "--quiet",
    )
    assert begun.code == 0, begun.err
    return folder


def assert_refused(app: App, *said: str) -> None:
    """Assert that a resume reports findings and leaves the journal as it was."""
    (journal,) = Path("sweeps").glob("*/journal.sqlite")
    before = journal.read_bytes()
    code, out, err = app("resume", "max_trials=2", "--quiet")

    assert (code, out) == (2, "")
    assert all(line in err for line in said), err
    assert journal.read_bytes() == before
    assert not Path("sweeps", "trials").exists()


def remove_script(folder: Path) -> None:
    (folder / "train.py").unlink()


def remove_folder(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))


def remove_interpreter(folder: Path) -> None:
    (folder / "interpreter").unlink()


def break_script(folder: Path) -> None:
    (folder / "train.py").write_text("import sweepwright\nsweepwright.report_final_result(\n")


def break_module(folder: Path) -> None:
    (folder / "train.py").write_text("import model\n")
    (folder / "model.py").write_text("def :\n")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (remove_script, ["error[T102]: there is no file `train.py`", "--> trial.entries.python"]),
        (remove_folder, ["error[T102]", "is not a folder", "--> trial.folder"]),
        (remove_interpreter, ["error[T102]", "cannot be run as a Python", "--> platform.python"]),
        (break_script, ["error[T109]: `code/train.py` is not valid", "--> code/train.py:2:32"]),
        (break_module, ["error[T109]: `code/model.py` is not valid", "--> code/model.py:1:5"]),
    ],
)
def test_a_resume_reports_what_keeps_a_trial_from_starting(
    app: App, begun: Path, spoil: Callable[[Path], None], said: list[str]
) -> None:
    spoil(begun)

    assert_refused(app, *said)


def test_a_resume_reports_resources_that_are_gone(app: App, begun: Path) -> None:
    assert begun.exists()
    code, _, err = app("resume", "platform.cpus=0.5", "--quiet")

    assert code == 2
    assert "error[R101]: a trial needs 1 `cpu`, but `platform=local` has only 0.5" in err


def test_a_full_disk_is_a_finding_at_the_beginning_and_at_a_resume(
    app: App, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is almost full is a disk with less space than is asked for."""
    assert begun.exists()
    monkeypatch.setattr(machine_needs, "LEAST_FREE_BYTES", 2**60)
    assert_refused(app, "error[R104]: the disk of `sweeps/s", "help: free some space")
    _, out, err = app("trial=noop", "store.path=other", "--quiet")

    assert out == ""
    assert "error[R104]: the disk of `other` has" in err
    assert not Path("other").exists()


@pytest.mark.parametrize(
    ("path", "said"),
    [("store", "`store` cannot be written"), ("train.py", "`train.py` cannot be read")],
)
def test_what_this_user_may_not_use_is_a_finding(tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / "store").mkdir(0o500)
    (tmp_path / "train.py").touch(0o000)

    def find() -> str:
        if path == "store":
            found = store_finding(Path(path))
        else:
            found = entry_finding(PythonFile(path), Path())
        return found.message if found else ""

    assert as_nobody(find, tmp_path) == said


def as_nobody(call: Callable[[], str], folder: Path) -> str:
    """Call a function in a process that has no special rights, and return its text."""
    reader, writer = os.pipe()
    if child := os.fork():
        os.close(writer)
        with os.fdopen(reader) as text:
            told = text.read()
        assert os.waitpid(child, 0)[1] == 0
        return told
    os.chdir(folder)
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
        for path in folder.iterdir():
            os.chown(path, 65534, 65534)
        os.setgid(65534)
        os.setuid(65534)
    os.write(writer, call().encode())
    os._exit(0)
