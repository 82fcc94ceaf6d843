"""TensorFlow's network with one hidden layer is that of the assignment, learns, and continues."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweepwright.trials.mnist.data import load
from tests.late_import import import_late

MODULE = "sweepwright.trials.mnist.tf_mlp"
tf = import_late("tensorflow")
tf_mlp = import_late(MODULE)
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}
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
    return partial(sweep_trial, framework="tensorflow")


def network(**parameters: Any) -> Any:
    generator = tf.random.Generator.from_seed(1)
    return tf_mlp.Network({**tf_mlp.DEFAULTS, **parameters}, 64, generator)


def test_its_layers_are_those_of_the_assignment() -> None:
    made = network(hidden=17)

    assert [made.hidden.weights.shape, made.output.weights.shape] == [(64, 17), (17, 10)]
    assert made(tf.zeros([3, 64, 1]), training=False).shape == (3, 10)


@pytest.mark.parametrize(("activation", "function"), [("relu", abs), ("tanh", np.tanh)])
def test_its_activation_is_that_of_the_assignment(activation: str, function: Any) -> None:
    made = network(activation=activation)
    made.output.bias.assign(tf.zeros([10]))
    made.output.weights.assign(tf.ones([64, 10]))
    made.hidden.weights.assign(tf.fill([64, 64], 0.01))
    logits = made(tf.ones([1, 64, 1]), training=False)

    np.testing.assert_allclose(logits, np.full((1, 10), 64 * function(0.64)), rtol=1e-5)


def test_alpha_weighs_as_much_as_in_scikit_learn() -> None:
    training = tf_mlp.begin({**ASSIGNMENT, "alpha": 0.5, "batch_size": 16}, load())

    assert training._weight_decay == 0.5 / 16


def test_a_good_assignment_is_right_on_more_than_9_of_10_unseen_digits(sweep_trial) -> None:
    lines = sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 6}, **QUIET)

    assert [line.metrics.get("epoch") for line in lines] == [1, 2, 3, 4, 5, 6, None]
    assert lines[-1].metrics["default"] == lines[-2].metrics["default"] > 0.9
    assert lines[-1].metrics["test_accuracy"] > 0.9


@pytest.mark.ci_only
def test_a_promoted_trial_continues_from_its_checkpoint(sweep_trial, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    first, then = ({**ASSIGNMENT, "TRIAL_BUDGET": budget} for budget in (2, 3))
    sweep_trial(MODULE, first, SWEEPWRIGHT_CHECKPOINTS=kept, **QUIET)
    promoted = sweep_trial(MODULE, then, SWEEPWRIGHT_INHERITED=kept, **QUIET)

    assert [line.metrics.get("epoch") for line in promoted] == [3, None]
    assert all(line.continued for line in promoted)
