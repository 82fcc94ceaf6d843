"""The network of PyTorch's has the layers that it should, learns, and goes on."""

from functools import partial
from pathlib import Path

import pytest

from tests.late_import import import_late

MODULE = "sweepwright.trials.mnist.torch_cnn"
torch = import_late("torch")
torch_cnn = import_late(MODULE)
ASSIGNMENT = {
    "dropout_rate": 0.1,
    "conv_size": 3,
    "hidden_size": 64,
    "batch_size": 32,
    "learning_rate": 3e-3,
}
TWICE = f"""
import torch
from {MODULE} import main
torch.use_deterministic_algorithms(True)
for _ in range(2):
    torch.manual_seed(5)
    main()
"""


@pytest.fixture
def libraries(libraries: tuple[str, ...]) -> tuple[str, ...]:
    return (*libraries, "torch", "torch._dynamo")


@pytest.fixture
def sweep_trial(sweep_trial):
    return partial(sweep_trial, framework="pytorch")


def count(network, kind) -> int:
    return sum(isinstance(module, kind) for module in network.modules())


def test_it_has_two_convolutions_two_poolings_and_two_layers_of_neurons() -> None:
    network = torch_cnn.build_network(torch_cnn.DEFAULTS)

    assert count(network, torch.nn.Conv2d) == 2
    assert count(network, torch.nn.MaxPool2d) == 2
    assert count(network, torch.nn.Linear) == 2


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7])
def test_every_convolution_size_gives_ten_logits(size: int) -> None:
    network = torch_cnn.build_network({**torch_cnn.DEFAULTS, "conv_size": size, "hidden_size": 17})

    assert network(torch.zeros(3, 1, 28, 28)).shape == (3, 10)


def test_its_parameters_are_those_of_the_assignment() -> None:
    network = torch_cnn.build_network(
        {**torch_cnn.DEFAULTS, "conv_size": 7, "hidden_size": 33, "dropout_rate": 0.4}
    )
    dropout = next(m for m in network.modules() if isinstance(m, torch.nn.Dropout))

    assert [p.shape[-1] for p in network.parameters() if p.ndim == 4] == [7, 7]
    assert 33 in {p.shape[0] for p in network.parameters()}
    assert dropout.p == 0.4


def test_a_good_assignment_is_right_on_more_than_9_of_10_unseen_digits(sweep_trial) -> None:
    lines = sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 4})

    assert [line.metrics.get("epoch") for line in lines] == [1, 2, 3, 4, None]
    assert lines[-1].final
    assert lines[-1].metrics["default"] == lines[-2].metrics["default"] > 0.9
    assert lines[-1].metrics["test_accuracy"] > 0.9


def test_a_promoted_trial_continues_from_its_checkpoint(sweep_trial, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 1}, SWEEPWRIGHT_CHECKPOINTS=kept)
    promoted = sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 3}, SWEEPWRIGHT_INHERITED=kept)

    assert [line.metrics.get("epoch") for line in promoted] == [2, 3, None]
    assert all(line.continued for line in promoted)


def test_a_damaged_checkpoint_is_one_line_without_a_traceback(run_trial, tmp_path: Path) -> None:
    (tmp_path / "training.pt").write_bytes(b"PK")
    ended = run_trial("-m", MODULE, SWEEPWRIGHT_INHERITED=str(tmp_path))

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {tmp_path / 'training.pt'}: cannot be read: ")
    assert len(ended.stderr.splitlines()) == 1


def test_it_runs_by_hand_and_leaves_no_checkpoint(run_trial, tmp_path: Path) -> None:
    ended = run_trial(
        "-m",
        MODULE,
        SWEEPWRIGHT_TRIAL='{"assignment": {"TRIAL_BUDGET": 0.5}}',
        SWEEPWRIGHT_CHECKPOINTS=str(tmp_path / "kept"),
    )

    assert ended.stderr == ""
    assert ended.stdout.splitlines()[0].startswith("intermediate result: {'default': 0.")
    assert "'test_accuracy': 0." in ended.stdout.splitlines()[1]
    assert not (tmp_path / "kept").exists()


@pytest.mark.ci_only
def test_with_exact_algorithms_the_same_seed_learns_the_same(run_trial) -> None:
    once = {"SWEEPWRIGHT_TRIAL": '{"assignment": {"TRIAL_BUDGET": 2}}'}
    ended = run_trial("-c", TWICE, **once)
    lines = ended.stdout.splitlines()

    assert ended.returncode == 0, ended.stderr
    assert len(lines) == 6
    assert lines[:3] == lines[3:]
