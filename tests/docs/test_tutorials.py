"""Tutorials work: their code is written to files, and their commands are run."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from sweepwright.core.store.history import read_history
from sweepwright.testing import failed_checks
from sweepwright.testing.problems import PROBLEMS
from sweepwright.testing.tuners import TunerSuite
from tests.docs.pages import ROOT, block, commands, read_page
from tests.forked_commands import run_forked

OWN_TRIAL = read_page("your-own-trial.md")
BUDGETS = read_page("budgets.md")
TUTORIAL = read_page("write-a-tuner.md")
PLATFORM = read_page("write-a-platform.md")


@pytest.fixture(scope="module")
def coin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_package(tmp_path_factory.mktemp("coin"), TUTORIAL)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_package(tmp_path_factory.mktemp("box"), PLATFORM)


def write_package(folder: Path, page: str) -> Path:
    """Write down the package of a tutorial, with the metadata that installing it leaves."""
    project = tomllib.loads(block(page, "toml"))["project"]
    offers = project["entry-points"]["sweepwright"]
    (module,) = offers.values()
    metadata = folder / f"{module}-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    (metadata / "entry_points.txt").write_text(
        "[sweepwright]\n" + "".join(f"{key} = {value}\n" for key, value in offers.items())
    )
    (folder / f"{module}.py").write_text(block(page, "python"))
    (folder / f"test_{module.removeprefix('sweepwright_')}.py").write_text(
        block(page, "python", 1)
    )
    return folder


def run_with(package: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(package), "PYTEST_ADDOPTS": "", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.ci_only
def test_the_tuner_with_budgets_of_the_tutorial_passes_the_contract_suite(coin: Path) -> None:
    (coin / "doubting.py").write_text(block(TUTORIAL, "python", 2))
    (coin / "test_doubting.py").write_text(
        "from doubting import sweep_tuners\n"
        "from sweepwright.testing.tuners import TunerSuite\n\n\n"
        "class TestDoubting(TunerSuite):\n"
        "    repeats = True\n"
        "    provider = sweep_tuners()[0]\n"
    )
    ended = run_with(coin, "-m", "pytest", "-q", str(coin / "test_doubting.py"))

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"\d{2,} passed", ended.stdout)


def test_the_tuners_that_measure_again_and_believe_pass_the_contract_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sweepwright_careful.py").write_text(block(TUTORIAL, "python", 3))
    (tmp_path / "sweepwright_sure.py").write_text(block(TUTORIAL, "python", 4))
    monkeypatch.syspath_prepend(tmp_path)
    (provider,) = import_module("sweepwright_sure").sweep_tuners()
    problems = {name: PROBLEMS[name] for name in ("finite", "every_kind")}
    facts = {"provider": provider, "repeats": True, "problems": lambda _: problems}

    assert failed_checks(type("Suite", (TunerSuite,), facts)) == {}


def test_the_tuner_of_the_tutorial_runs(coin: Path, tmp_path: Path) -> None:
    sweep = ["tuner=coin", "tuner.heads=0.8", "trial=noop", f"store.path={tmp_path}"]
    environment = {**os.environ, "PYTHONPATH": str(coin)}
    ended = run_forked(sweep, environment)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "coin" in run_forked(["plugins"], environment).stdout


def test_the_tuner_of_the_tutorial_passes_the_contract_suite(coin: Path) -> None:
    ended = run_with(coin, "-m", "pytest", "-p", "no:cacheprovider", str(coin / "test_coin.py"))

    assert ended.returncode == 0, ended.stdout
    assert " passed" in ended.stdout


def test_the_platform_of_the_tutorial_runs_a_sweep(box: Path, tmp_path: Path) -> None:
    options = ["platform=box", "platform.command=[env]", f"platform.folder={tmp_path / 'box'}"]
    environment = {**os.environ, "PYTHONPATH": str(box)}
    store = f"store.path={tmp_path / 'sweeps'}"
    ended = run_forked([*options, "trial=noop", "max_trials=3", store], environment, tmp_path)
    printed = run_forked(["logs", "2", store], environment, tmp_path)
    cleaned = run_forked(["cleanup", store], environment, tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "3 trials finished" in ended.stdout
    assert printed.returncode == 0, printed.stderr
    assert cleaned.returncode == 0, cleaned.stderr
    assert not list(tmp_path.glob("box/sweeps/*"))


@pytest.mark.ci_only
def test_the_platform_of_the_tutorial_passes_the_contract_suite(box: Path, tmp_path: Path) -> None:
    suite = str(box / "test_box.py")
    ended = run_with(box, "-m", "pytest", "-p", "no:cacheprovider", suite, HOME=str(tmp_path))

    assert ended.returncode == 0, ended.stdout
    assert re.search(r"\d{2,} passed", ended.stdout)


@pytest.fixture(scope="module")
def own_trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write down the script and the configuration of the page about a trial of one's own."""
    folder = tmp_path_factory.mktemp("own")
    written = {
        "train.py": block(OWN_TRIAL, "python"),
        "space/mine.yaml": block(OWN_TRIAL, "yaml"),
        "trial/mine.yaml": block(OWN_TRIAL, "yaml", 1),
        "experiment/mine.yaml": block(OWN_TRIAL, "yaml", 2),
    }
    for name, text in written.items():
        (folder / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "mine" / name).write_text(text)
    return folder


def test_the_trial_on_the_page_about_budgets_continues_from_its_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(block(BUDGETS, "python"))
    options = ["tuner=successive_halving", "trial=noop", "trial.name=train", "tuner.trials=9"]
    sweep = [f"trial.entries.python={tmp_path / 'train.py'}", "budget={maximum: 9}"]
    space = ["~space.alpha", "~space.hidden", "~space.batch_size", "~space.activation"]
    ended = run_forked([*options, *sweep, *space, "max_trials=9"], folder=tmp_path)
    (folder,) = (tmp_path / "sweeps").iterdir()
    history = read_history(folder)
    promoted = [
        step for trial in history.trials for step in trial.evaluations if step.inherited_budget
    ]

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "warning" not in ended.stdout + ended.stderr
    assert [step.continued for step in promoted] == [True] * 4


@pytest.mark.parametrize("command", commands(OWN_TRIAL))
def test_commands_on_the_page_about_your_own_trial_run(own_trial: Path, command: str) -> None:
    ended = run_forked([*shlex.split(command), "max_trials=2"], folder=own_trial)

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_script_on_the_page_about_your_own_trial_runs_by_hand(own_trial: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "mine/train.py"], cwd=own_trial, check=False, timeout=60
    )

    assert ended.returncode == 0
