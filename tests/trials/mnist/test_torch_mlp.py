"""PyTorch's network with one hidden layer is that of the assignment, learns, and continues."""

from functools import partial
from pathlib import Path

import pytest

from sweepwright.trials.mnist.data import load
from tests.late_import import import_late

MODULE = "sweepwright.trials.mnist.torch_mlp"
torch = import_late("torch")
torch_mlp = import_late(MODULE)
ASSIGNMENT = {
    "learning_rate": 3e-3,
    "alpha": 1e-4,
    "hidden": 64,
    "batch_size": 32,
    "activation": "tanh",
}


@pytest.fixture
def libraries(libraries: tuple[str, ...]) -> tuple[str, ...]:
    return (*libraries, "torch", "torch._dynamo")


@pytest.fixture
def sweep_trial(sweep_trial):
    return partial(sweep_trial, framework="pytorch")


@pytest.mark.parametrize(("activation", "layer"), [("relu", "ReLU"), ("tanh", "Tanh")])
def test_its_layers_are_those_of_the_assignment(activation: str, layer: str) -> None:
    parameters = {**torch_mlp.DEFAULTS, "hidden": 17, "activation": activation}
    network = torch_mlp.build_network(parameters, 64)

    assert [type(part).__name__ for part in network] == ["Flatten", "Linear", layer, "Linear"]
    assert [tuple(p.shape) for p in network.parameters()] == [(17, 64), (17,), (10, 17), (10,)]
    assert network(torch.zeros(3, 1, 64)).shape == (3, 10)


def test_alpha_weighs_as_much_as_in_scikit_learn() -> None:
    training = torch_mlp.begin({**ASSIGNMENT, "alpha": 0.5, "batch_size": 16}, load())

    assert training._optimizer.param_groups[0]["weight_decay"] == 0.5 / 16


def test_a_promoted_trial_ends_as_if_trained_without_a_pause(sweep_trial, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 2}, SWEEPWRIGHT_CHECKPOINTS=kept)
    promoted = sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 6}, SWEEPWRIGHT_INHERITED=kept)
    whole = sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 6})

    assert [line.metrics.get("epoch") for line in promoted] == [3, 4, 5, 6, None]
    assert all(line.continued for line in promoted)
    assert [line.metrics for line in promoted] == [line.metrics for line in whole[2:]]
    assert whole[-1].metrics["default"] > 0.9
    assert whole[-1].metrics["test_accuracy"] > 0.9
