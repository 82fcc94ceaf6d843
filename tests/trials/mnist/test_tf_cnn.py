"""The network of TensorFlow's has the layers that it should, learns, and goes on."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.late_import import import_late

MODULE = "sweepwright.trials.mnist.tf_cnn"
tf = import_late("tensorflow")
tf_cnn = import_late(MODULE)
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}
ASSIGNMENT = {
    "dropout_rate": 0.1,
    "conv_size": 3,
    "hidden_size": 64,
    "batch_size": 32,
    "learning_rate": 3e-3,
}
TWICE = f"""
import tensorflow as tf
from {MODULE} import main
tf.config.experimental.enable_op_determinism()
for _ in range(2):
    tf.random.set_seed(5)
    main()
"""


@pytest.fixture
def libraries(libraries: tuple[str, ...]) -> tuple[str, ...]:
    return (*libraries, "tensorflow")


@pytest.fixture
def sweep_trial(sweep_trial):
    return partial(sweep_trial, framework="tensorflow")


def network(**parameters) -> Any:
    parameters = {**tf_cnn.DEFAULTS, **parameters}
    return tf_cnn.Network(parameters, tf.random.Generator.from_seed(1))


def operations(made: Any) -> list[str]:
    graph = tf.function(lambda x: made(x, training=True)).get_concrete_function(
        tf.TensorSpec([None, 28, 28, 1])
    )
    return [operation.type for operation in graph.graph.get_operations()]


def test_it_has_two_convolutions_two_poolings_and_two_layers_of_neurons() -> None:
    types = operations(network())

    assert types.count("Conv2D") == 2
    assert types.count("MaxPool") == 2
    assert types.count("MatMul") == 2


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7])
def test_every_convolution_size_gives_ten_logits(size: int) -> None:
    made = network(conv_size=size, hidden_size=17)

    assert made(tf.zeros([3, 28, 28, 1]), training=False).shape == (3, 10)


def test_its_parameters_are_those_of_the_assignment() -> None:
    made = network(conv_size=7, hidden_size=33, dropout_rate=0.999)
    left = made._left_out(tf.ones([1, 10_000]))

    assert made.first.filters.shape[:2] == made.second.filters.shape[:2] == (7, 7)
    assert made.hidden.weights.shape[1] == 33
    assert 0 < int(tf.math.count_nonzero(left)) < 100


def test_a_good_assignment_is_right_on_more_than_9_of_10_unseen_digits(sweep_trial) -> None:
    lines = sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 4}, **QUIET)

    assert [line.metrics.get("epoch") for line in lines] == [1, 2, 3, 4, None]
    assert lines[-1].metrics["default"] == lines[-2].metrics["default"] > 0.9
    assert lines[-1].metrics["test_accuracy"] > 0.9


@pytest.mark.ci_only
def test_a_promoted_trial_continues_from_its_checkpoint(sweep_trial, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    first = {**ASSIGNMENT, "TRIAL_BUDGET": 1}
    then = {**ASSIGNMENT, "TRIAL_BUDGET": 3}
    sweep_trial(MODULE, first, SWEEPWRIGHT_CHECKPOINTS=kept, **QUIET)
    promoted = sweep_trial(MODULE, then, SWEEPWRIGHT_INHERITED=kept, **QUIET)

    assert [line.metrics.get("epoch") for line in promoted] == [2, 3, None]
    assert all(line.continued for line in promoted)


def test_a_folder_without_a_checkpoint_is_one_line_at_the_end(run_trial, tmp_path: Path) -> None:
    ended = run_trial("-m", MODULE, SWEEPWRIGHT_INHERITED=str(tmp_path), **QUIET)

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"error: {tmp_path / 'training'}: cannot be")


@pytest.mark.ci_only
def test_with_its_operations_exact_the_same_seed_learns_the_same(run_trial) -> None:
    once = {"SWEEPWRIGHT_TRIAL": '{"assignment": {"TRIAL_BUDGET": 2}}', **QUIET}
    ended = run_trial("-c", TWICE, **once)
    lines = ended.stdout.splitlines()

    assert ended.returncode == 0, ended.stderr
    assert len(lines) == 6
    assert lines[:3] == lines[3:]
