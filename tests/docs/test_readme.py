"""The README does what it says: its script is tuned, its mistake found, its sweep resumed."""

import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sweepwright.core.cli.app import main
from sweepwright.core.store.history import read_history
from tests.docs.pages import block

README = (Path(__file__).parents[2] / "README.md").read_text()


def tuning_command() -> list[str]:
    """Return the arguments of the command that tunes the reader's own script."""
    (line,) = re.findall(r"^sweepwright (--config-dir .*)$", README, re.MULTILINE)
    return shlex.split(line)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the folder that the README describes, and enter it."""
    space, trial = re.split(r"^# .*\n", block(README, "yaml"), flags=re.MULTILINE)[1:]
    written = {
        "train.py": block(README, "python"),
        "space/svm.yaml": space,
        "trial/svm.yaml": trial,
    }
    for name, text in written.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sweepwright(*arguments: str) -> subprocess.Popen[str]:
    """Start the command as a user does, in the current folder."""
    command = Path(sys.executable).with_name("sweepwright")
    return subprocess.Popen([command, *arguments], stdout=subprocess.PIPE, text=True)


def test_each_set_up_command_is_one_line_that_does_everything() -> None:
    set_up = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)

    assert len(set_up) == 2
    assert set_up[0].endswith("/bin/python run.py")
    assert "/bin/python -m pytest" in set_up[1]


def test_the_first_screens_sweep_survives_a_kill(project: Path) -> None:
    """The script is tuned from its own folder, killed with -9, and resumed to its end."""
    arguments = [*tuning_command()[:-1], "max_trials=3"]
    with sweepwright(*arguments) as started:
        assert started.stdout is not None
        assert any(line.startswith("trial 0 ") for line in started.stdout), "it ended too early"
        started.send_signal(signal.SIGKILL)
    resumed = sweepwright("resume")
    said, _ = resumed.communicate(timeout=100)
    (folder,) = (project / "sweeps").iterdir()
    history = read_history(folder)

    assert resumed.returncode == 0, said
    assert [trial.number for trial in history.trials] == list(range(3))
    assert history.best is not None
    assert history.best.value is not None
    assert history.best.value > 0.8


def test_the_mistake_is_found_as_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    space = project / "space" / "svm.yaml"
    space.write_text(space.read_text().replace("gamma", "gama"))
    arguments = [word.replace("max_trials", "max_trails") for word in tuning_command()]
    code = main(arguments)

    assert code == 2
    assert capsys.readouterr().err.split("\n\n1 error")[0].strip() in README
    assert not (project / "sweeps").exists()
