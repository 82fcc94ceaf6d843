"""The network with one hidden layer of Keras is that of the assignment, learns, and continues."""

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweepwright.trials.mnist.data import CheckpointError
from tests.late_import import import_late

MODULE = "sweepwright.trials.mnist.keras_mlp"
keras_mlp = import_late(MODULE, "keras")
OF_NUMPY = "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
"""Keras makes arrays of TensorFlow's variables, which lack what numpy 2 asks of them."""
BACKENDS = [name for name in ("tensorflow", "torch") if find_spec(name)]
pytestmark = [
    pytest.mark.filterwarnings(OF_NUMPY),
    pytest.mark.skipif(not BACKENDS, reason="needs a backend of Keras"),
]
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "tolerated": OF_NUMPY}
ASSIGNMENT = {
    "learning_rate": 3e-3,
    "alpha": 1e-4,
    "hidden": 64,
    "batch_size": 32,
    "activation": "tanh",
}


@pytest.fixture
def libraries(libraries: tuple[str, ...]) -> tuple[str, ...]:
    return (*libraries, "tensorflow")


@pytest.fixture
def sweep_trial(sweep_trial):
    return partial(sweep_trial, framework="keras")


def network(**parameters: Any) -> Any:
    return keras_mlp.build_model({**keras_mlp.DEFAULTS, **parameters}, 64)


def numbers(model: Any) -> list[np.ndarray]:
    return [np.asarray(kept) for kept in (*model.weights, *model.optimizer.variables)]


def test_its_layers_are_those_of_the_assignment() -> None:
    model = network(hidden=17, activation="tanh", learning_rate=0.25)

    assert [weights.shape for weights in model.get_weights()] == [(64, 17), (17,), (17, 10), (10,)]
    assert [layer.activation.__name__ for layer in model.layers] == ["tanh", "softmax"]
    assert float(model.optimizer.learning_rate) == 0.25


def test_alpha_weighs_as_much_as_in_scikit_learn() -> None:
    model = network(alpha=0.5, batch_size=16)
    squares = sum(float(np.sum(weights**2)) for weights in model.get_weights() if weights.ndim > 1)

    assert sum(map(float, model.losses)) == pytest.approx(0.5 / 16 / 2 * squares, rel=1e-5)


def test_a_checkpoint_holds_the_weights_the_moments_and_the_epochs(tmp_path: Path) -> None:
    model, later = network(), network(alpha=0.5)
    model.fit(np.ones((8, 64)), np.arange(8), verbose=0)
    keras_mlp.save(model, 3, tmp_path)

    assert keras_mlp.restore(later, tmp_path) == 3
    assert all(map(np.array_equal, numbers(model), numbers(later)))
    assert sum(map(float, later.losses)) > 100 * sum(map(float, model.losses))


@pytest.mark.parametrize("content", [None, b"", b"\x89HDF"])
def test_a_damaged_checkpoint_is_named(tmp_path: Path, content: bytes | None) -> None:
    keras_mlp.save(network(), 3, tmp_path)
    path = tmp_path / keras_mlp.FILE
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(CheckpointError, match=r"network\.weights\.h5: cannot be read: "):
        keras_mlp.restore(network(), tmp_path)


def test_a_checkpoint_of_another_network_is_named(tmp_path: Path) -> None:
    keras_mlp.save(network(), 3, tmp_path)

    with pytest.raises(CheckpointError, match=r"network\.weights\.h5: cannot be read: "):
        keras_mlp.restore(network(hidden=17), tmp_path)


@pytest.mark.ci_only
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_promoted_trial_continues_and_learns(sweep_trial, backend: str, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    chosen = {"KERAS_BACKEND": backend, **QUIET}
    first, then = ({**ASSIGNMENT, "TRIAL_BUDGET": budget} for budget in (5, 6))
    sweep_trial(MODULE, first, SWEEPWRIGHT_CHECKPOINTS=kept, **chosen)
    promoted = sweep_trial(MODULE, then, SWEEPWRIGHT_INHERITED=kept, **chosen)

    assert [line.metrics.get("epoch") for line in promoted] == [6, None]
    assert all(line.continued for line in promoted)
    assert promoted[-1].metrics["default"] == promoted[-2].metrics["default"] > 0.9
    assert promoted[-1].metrics["test_accuracy"] > 0.9


def test_a_trial_with_an_inherited_checkpoint_keeps_its_own_learning_rate(
    sweep_trial, tmp_path: Path
) -> None:
    model, later = network(**ASSIGNMENT), network(**ASSIGNMENT)
    keras_mlp.save(model, 1, tmp_path)
    parameters = {**ASSIGNMENT, "learning_rate": 0.0, "TRIAL_BUDGET": 2}
    lines = sweep_trial(MODULE, parameters, SWEEPWRIGHT_INHERITED=str(tmp_path), **QUIET)
    keras_mlp.restore(later, tmp_path / "checkpoint")

    assert [line.metrics.get("epoch") for line in lines] == [2, None]
    assert all(map(np.array_equal, model.get_weights(), later.get_weights()))
