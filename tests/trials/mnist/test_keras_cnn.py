"""The network of Keras has the layers that it should, learns, and goes on."""

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweepwright.trials.mnist.data import CheckpointError, Digits
from tests.late_import import import_late

MODULE = "sweepwright.trials.mnist.keras_cnn"
keras_cnn = import_late(MODULE, "keras")
FILE = "network.keras"
OF_NUMPY = "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
"""Keras makes arrays of TensorFlow's variables, which lack what numpy 2 asks of them."""
BACKENDS = [name for name in ("tensorflow", "torch") if find_spec(name)]
pytestmark = [
    pytest.mark.filterwarnings(OF_NUMPY),
    pytest.mark.skipif(not BACKENDS, reason="needs a backend of Keras"),
]
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "tolerated": OF_NUMPY}
ASSIGNMENT = {"optimizer": "Adam", "learning_rate": 3e-3}
TWICE = f"""
import keras
from {MODULE} import main
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
    tf.config.experimental.enable_op_determinism()
else:
    import torch
    torch.use_deterministic_algorithms(True)
for _ in range(2):
    keras.utils.set_random_seed(5)
    main()
"""


@pytest.fixture
def libraries(libraries: tuple[str, ...]) -> tuple[str, ...]:
    return (*libraries, "tensorflow")


@pytest.fixture
def sweep_trial(sweep_trial):
    return partial(sweep_trial, framework="keras")


@pytest.fixture(
    params=[
        name if name == BACKENDS[0] else pytest.param(name, marks=pytest.mark.ci_only)
        for name in BACKENDS
    ]
)
def backend(request: pytest.FixtureRequest) -> dict[str, str]:
    return {"KERAS_BACKEND": request.param, **QUIET}


def trained(pictures: Digits, epochs: int = 1, **parameters) -> Any:
    model = keras_cnn.build_model({**keras_cnn.DEFAULTS, **parameters})
    model.fit(*pictures.train, batch_size=32, epochs=epochs, verbose=0)
    return model


def same(first: Any, second: Any) -> bool:
    return all(map(np.array_equal, first.get_weights(), second.get_weights()))


def test_it_has_two_convolutions_one_pooling_and_two_layers_of_neurons() -> None:
    kinds = [type(layer).__name__ for layer in keras_cnn.build_model(keras_cnn.DEFAULTS).layers]

    assert kinds.count("Conv2D") == 2
    assert kinds.count("MaxPooling2D") == 1
    assert kinds.count("Dense") == 2


def test_outputs_are_probabilities_of_ten_digits(pictures: Digits) -> None:
    shares = keras_cnn.build_model(keras_cnn.DEFAULTS).predict(pictures.test.images[:3], verbose=0)

    assert shares.shape == (3, 10)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("optimizer", ["Adam", "SGD"])
def test_the_optimizer_is_that_of_the_assignment(optimizer: str) -> None:
    made = keras_cnn.build_model({"optimizer": optimizer, "learning_rate": 0.25}).optimizer

    assert type(made).__name__ == optimizer
    assert float(made.learning_rate) == 0.25


def test_a_checkpoint_restores_the_optimizer_too(pictures: Digits, tmp_path: Path) -> None:
    model = trained(pictures, epochs=2)
    model.save(tmp_path / FILE)
    kept = keras_cnn.restore(tmp_path / FILE)
    moments = [[np.asarray(v) for v in m.optimizer.variables] for m in (model, kept)]

    assert same(model, kept)
    assert all(map(np.array_equal, *moments))
    assert keras_cnn.epochs_of(kept, len(pictures.train.labels)) == 2


@pytest.mark.parametrize("content", [None, b"", b"PK", b"PK\3\4" + bytes(100)])
def test_a_damaged_checkpoint_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / FILE).write_bytes(content)

    with pytest.raises(CheckpointError, match=r"network\.keras: cannot be read: "):
        keras_cnn.restore(tmp_path / FILE)


def test_a_truncated_checkpoint_is_named(tmp_path: Path) -> None:
    keras_cnn.build_model(keras_cnn.DEFAULTS).save(tmp_path / FILE)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:-100])

    with pytest.raises(CheckpointError, match=r"network\.keras: cannot be read: "):
        keras_cnn.restore(tmp_path / FILE)


def test_a_good_assignment_is_right_on_more_than_9_of_10_unseen_digits(
    sweep_trial, backend: dict[str, str]
) -> None:
    lines = sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 3}, **backend)

    assert [line.metrics.get("epoch") for line in lines] == [1, 2, 3, None]
    assert lines[-1].metrics["default"] == lines[-2].metrics["default"] > 0.9
    assert lines[-1].metrics["test_accuracy"] > 0.9


@pytest.mark.ci_only
def test_a_promoted_trial_continues_from_its_checkpoint(
    sweep_trial, backend: dict[str, str], tmp_path: Path
) -> None:
    kept = str(tmp_path / "kept")
    first, then = ({**ASSIGNMENT, "TRIAL_BUDGET": budget} for budget in (2, 3))
    sweep_trial(MODULE, first, SWEEPWRIGHT_CHECKPOINTS=kept, **backend)
    promoted = sweep_trial(MODULE, then, SWEEPWRIGHT_INHERITED=kept, **backend)

    assert [line.metrics.get("epoch") for line in promoted] == [3, None]
    assert all(line.continued for line in promoted)


def test_a_trial_with_an_inherited_checkpoint_keeps_its_own_learning_rate(
    sweep_trial, pictures: Digits, tmp_path: Path
) -> None:
    model = trained(pictures)
    model.save(tmp_path / FILE)
    parameters = {"optimizer": "Adam", "learning_rate": 0.0, "TRIAL_BUDGET": 2}
    sweep_trial(MODULE, parameters, SWEEPWRIGHT_INHERITED=str(tmp_path), **QUIET)

    assert same(keras_cnn.restore(tmp_path / "checkpoint" / FILE), model)


@pytest.mark.ci_only
def test_with_exact_algorithms_the_same_seed_learns_the_same(
    run_trial, backend: dict[str, str]
) -> None:
    once = {"SWEEPWRIGHT_TRIAL": '{"assignment": {"TRIAL_BUDGET": 2}}', **backend}
    ended = run_trial("-c", TWICE, **once)
    lines = ended.stdout.splitlines()

    assert ended.returncode == 0, ended.stderr
    assert len(lines) == 6
    assert lines[:3] == lines[3:]
