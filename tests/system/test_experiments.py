"""The built-in experiments on digits run, on a small budget, and learn."""

from pathlib import Path

import pytest
import yaml

from sweepwright.core.store.history import History, read_history
from tests.forked_commands import ROOT, run_forked
from tests.optional_packages import require


def run(store: Path, *words: str) -> History:
    """Run a sweep to its end; return what became of it."""
    done = run_forked([f"store.path={store}", *words], timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = store.iterdir()
    return read_history(folder)


@pytest.mark.ci_only
@pytest.mark.parametrize(
    ("framework", "package"), [("pytorch", "torch"), ("tensorflow", "tensorflow")]
)
def test_two_convolutions_are_trained_by_either_framework(
    framework: str, package: str, tmp_path: Path
) -> None:
    require(package)
    words = ("+experiment=mnist", f"framework={framework}", "max_trials=3", "budget.maximum=3")
    history = run(tmp_path / "store", *words)

    assert len(history.trials) == 3
    assert history.best
    assert (history.best.value or 0) > 0.9


@pytest.mark.ci_only
@pytest.mark.parametrize(
    ("framework", "packages"),
    [
        ("pytorch", ("torch",)),
        ("tensorflow", ("tensorflow",)),
        ("keras", ("keras", "tensorflow")),
    ],
)
def test_hyperband_promotes_the_default_trial_in_any_framework(
    framework: str, packages: tuple[str, ...], tmp_path: Path
) -> None:
    require(*packages)
    words = ("tuner=hyperband", f"framework={framework}", "max_trials=3")
    history = run(tmp_path / "store", *words)
    promoted = [step for trial in history.trials for step in trial.evaluations[1:]]

    assert promoted
    assert all(step.continued for step in promoted)
    assert history.best
    assert (history.best.value or 0) > 0.9


@pytest.mark.ci_only
def test_a_batch_runs_what_is_listed_and_nothing_else(tmp_path: Path) -> None:
    require("keras", "tensorflow")
    file = ROOT / "conf" / "experiment" / "mnist_batch_keras.yaml"
    listed = yaml.safe_load(file.read_text())["tuner"]["assignments"]
    history = run(tmp_path / "store", "+experiment=mnist_batch_keras", "budget.maximum=1")
    run_ = [dict(trial.assignment) for trial in history.trials]

    assert [{name: tried[name] for name in listed[0]} for tried in run_] == listed


@pytest.mark.ci_only
def test_hyperband_takes_trials_up_its_rungs_from_their_checkpoints(tmp_path: Path) -> None:
    require("torch")
    words = ("+experiment=mnist_hyperband", "budget.maximum=54")
    history = run(tmp_path / "store", *words)
    climbed = [step for trial in history.trials for step in trial.evaluations[1:]]

    assert len(history.trials) == 17
    assert climbed
    assert all(step.continued for step in climbed)
    assert {step.budget for trial in history.trials for step in trial.evaluations} == {6, 18, 54}


@pytest.mark.ci_only
def test_ten_layers_are_chosen(tmp_path: Path) -> None:
    require("torch")
    words = ("+experiment=mnist_nested", "max_trials=4", "budget.maximum=1")
    history = run(tmp_path / "store", *words)

    assert len(history.trials) == 4
    assert all(len(trial.assignment) >= 10 for trial in history.trials)


@pytest.mark.ci_only
@pytest.mark.parametrize(
    ("experiment", "packages"),
    [("mnist", ("torch",)), ("mnist_keras", ("keras", "tensorflow"))],
)
def test_the_same_sweep_comes_to_the_same_accuracies(
    experiment: str, packages: tuple[str, ...], tmp_path: Path
) -> None:
    require(*packages)
    exactly = ("framework.deterministic=true", "reproducible=true")
    words = (f"+experiment={experiment}", *exactly, "max_trials=3", "budget.maximum=2")
    first, second = (run(tmp_path / store, *words) for store in ("first", "second"))

    assert len(first.trials) == 3
    assert [(trial.value, trial.metrics) for trial in first.trials] == [
        (trial.value, trial.metrics) for trial in second.trials
    ]
