"""A trial trains for as many mini-batches as it is told, over any number of attempts."""

from functools import partial
from pathlib import Path

import pytest

from tests.late_import import import_late

MODULE = "sweepwright.trials.mnist.torch_steps"
torch = import_late("torch")
ASSIGNMENT = {
    "dropout_rate": 0.1,
    "conv_size": 3,
    "hidden_size": 64,
    "batch_size": 32,
    "learning_rate": 3e-3,
}


@pytest.fixture
def libraries(libraries: tuple[str, ...]) -> tuple[str, ...]:
    return (*libraries, "torch", "torch._dynamo")


@pytest.fixture
def sweep_trial(sweep_trial):
    return partial(sweep_trial, framework="pytorch")


def test_it_trains_for_its_steps_and_reports_in_between(sweep_trial, tmp_path: Path) -> None:
    lines = sweep_trial(MODULE, {**ASSIGNMENT, "STEPS": 160})
    kept = torch.load(tmp_path / "checkpoint" / "training.pt", weights_only=True)

    assert [line.metrics.get("step") for line in lines] == [*range(18, 160, 18), None]
    assert kept["progress"]["steps"] == 160
    assert lines[-1].metrics["default"] > 0.9
    assert lines[-1].metrics["test_accuracy"] > 0.9


def test_a_promoted_trial_continues_in_the_middle_of_an_epoch(sweep_trial, tmp_path: Path) -> None:
    folders = [str(tmp_path / name) for name in ("first", "second")]
    sweep_trial(MODULE, {**ASSIGNMENT, "STEPS": 7}, SWEEPWRIGHT_CHECKPOINTS=folders[0])
    promoted = sweep_trial(
        MODULE,
        {**ASSIGNMENT, "STEPS": 20},
        SWEEPWRIGHT_INHERITED=folders[0],
        SWEEPWRIGHT_CHECKPOINTS=folders[1],
    )
    first, second = (
        torch.load(Path(folder, "training.pt"), weights_only=True) for folder in folders
    )

    assert [line.metrics.get("step") for line in promoted] == [18, None]
    assert [kept["position"] for kept in (first, second)] == [7 * 32, 20 * 32]
    assert torch.equal(first["order"], second["order"])


@pytest.mark.ci_only
def test_spent_steps_leave_the_network_unchanged(sweep_trial, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    assignment = {**ASSIGNMENT, "STEPS": 5}
    first = sweep_trial(MODULE, assignment, SWEEPWRIGHT_CHECKPOINTS=kept)
    again = sweep_trial(MODULE, assignment, SWEEPWRIGHT_INHERITED=kept)

    assert [line.metrics for line in again] == [first[-1].metrics]
