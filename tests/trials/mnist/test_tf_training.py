"""Training with TensorFlow that was kept and taken up again is training that never paused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweepwright.trials.mnist.data import CheckpointError, Digits, Part
from tests.late_import import import_late

tf = import_late("tensorflow")
tf_cnn = import_late("sweepwright.trials.mnist.tf_cnn")
tf_network = import_late("sweepwright.trials.mnist.tf_network")
tf_training = import_late("sweepwright.trials.mnist.tf_training")


@pytest.fixture
def few(pictures: Digits) -> Part:
    """Seven batches of 16 digits, and one of 8."""
    images, labels = pictures.train
    return Part(images[:120], labels[:120])


def untrained(
    few: Part, seed: int = 7, rate: float = 1e-3, weight_decay: float = 0.0, **parameters: Any
) -> Any:
    generator = tf.random.Generator.from_seed(seed)
    network = tf_cnn.Network({**tf_cnn.DEFAULTS, **parameters}, generator)
    return tf_training.Training(network, few, 16, rate, generator, weight_decay=weight_decay)


def trained(few: Part, epochs: int, **parameters: Any) -> Any:
    training = untrained(few, **parameters)
    for _ in range(epochs):
        training.train_epoch()
    return training


def weights(training: Any) -> list[np.ndarray]:
    return [variable.numpy() for variable in training.network.trainable_variables]


def same(first: Any, second: Any) -> bool:
    return all(map(np.array_equal, weights(first), weights(second)))


def test_training_with_a_pause_equals_training_without(few: Part, tmp_path: Path) -> None:
    trained(few, 2).save(tmp_path)
    taken_up = untrained(few, seed=8)
    taken_up.restore(tmp_path)
    while taken_up.epochs < 5:
        taken_up.train_epoch()

    for paused, at_once in zip(weights(taken_up), weights(trained(few, 5)), strict=True):
        np.testing.assert_allclose(paused, at_once, rtol=1e-4, atol=1e-6)


def test_a_checkpoint_holds_the_number_of_epochs(few: Part, tmp_path: Path) -> None:
    trained(few, 2).save(tmp_path)
    taken_up = untrained(few, seed=8)
    taken_up.restore(tmp_path)

    assert taken_up.epochs == 2
    assert same(taken_up, trained(few, 2))


def test_another_seed_leads_to_another_network(few: Part) -> None:
    assert not same(trained(few, 1), trained(few, 1, seed=8))


def test_the_global_seed_decides_on_the_generators() -> None:
    made = []
    for seed in (7, 7, 8):
        tf.random.set_seed(seed)
        made.append(tf_training.seeded_generator().state.numpy().tolist())

    assert made[0] == made[1] != made[2]


def test_an_epoch_sees_every_image_once(few: Part) -> None:
    training = untrained(few)
    seen: list[Any] = []
    training._train_step = seen.append
    training.train_epoch()

    assert [len(batch) for batch in seen] == [16] * 7 + [8]
    assert sorted(tf.concat(seen, axis=0).numpy()) == list(range(120))


def test_a_trial_with_an_inherited_checkpoint_keeps_its_own_learning_rate(
    few: Part, tmp_path: Path
) -> None:
    trained(few, 1).save(tmp_path)
    still = untrained(few, rate=0.0)
    still.restore(tmp_path)
    still.train_epoch()

    assert same(still, trained(few, 1))


def test_weight_decay_is_the_gradient_of_half_the_squares(few: Part) -> None:
    few = Part(few.images[:16], few.labels[:16])
    thetas = weights(untrained(few))
    decayed, plain = (trained(few, 1, weight_decay=decay) for decay in (0.1, 0.0))
    moments = ([m.numpy() for m in t._optimizer.m] for t in (decayed, plain))

    for with_decay, without, theta in zip(*moments, thetas, strict=True):
        np.testing.assert_allclose(with_decay - without, 0.01 * theta, rtol=1e-3, atol=1e-6)


def test_accuracy_is_the_share_of_correct_answers(pictures: Digits) -> None:
    training = trained(pictures.train, 1)
    guesses = training.network(pictures.train.images[..., None], training=False).numpy().argmax(1)

    assert training.accuracy(pictures.train) == np.mean(guesses == pictures.train.labels)


def test_dropout_applies_only_in_training(few: Part) -> None:
    network = untrained(few, dropout_rate=0.5).network
    images = few.images[:4, ..., None]
    guesses = [network(images, training=training).numpy() for training in (True, True, False)]

    assert not np.array_equal(guesses[0], guesses[1])
    assert np.array_equal(guesses[2], network(images, training=False).numpy())


@pytest.mark.parametrize("cut", [0, 100])
def test_a_damaged_checkpoint_is_named(few: Part, tmp_path: Path, cut: int) -> None:
    trained(few, 0).save(tmp_path)
    index = tmp_path / "training.index"
    index.write_bytes(index.read_bytes()[:cut])

    with pytest.raises(CheckpointError, match=r"training: cannot be read: "):
        untrained(few).restore(tmp_path)


def test_a_folder_without_a_checkpoint_is_named(few: Part, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"training: cannot be read: "):
        untrained(few).restore(tmp_path)


def test_a_checkpoint_of_another_network_is_named(few: Part, tmp_path: Path) -> None:
    trained(few, 0).save(tmp_path)

    with pytest.raises(CheckpointError, match="is no checkpoint of this network"):
        untrained(few, hidden_size=17).restore(tmp_path)


def test_a_checkpoint_of_something_else_is_named(few: Part, tmp_path: Path) -> None:
    tf.train.Checkpoint(other=tf.Variable(1.0)).write(str(tmp_path / "training"))

    with pytest.raises(CheckpointError, match="is no checkpoint of this network"):
        untrained(few).restore(tmp_path)


def test_adam_follows_its_algorithm() -> None:
    gradients = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    moved = tf.Variable([1.0, 2.0, 3.0])
    adam = tf_network.Adam([moved], 0.1)
    theta, m, v = np.array([1.0, 2.0, 3.0]), np.zeros(3), np.zeros(3)
    for t, g in enumerate(gradients, 1):
        adam.step([tf.constant(g)])
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        theta -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)

    np.testing.assert_allclose(moved.numpy(), theta, rtol=1e-4)


def test_a_moment_that_another_worker_has_written_throws_no_weight_far_away() -> None:
    moved = tf.Variable([1.0])
    adam = tf_network.Adam([moved], 0.1)
    adam.m[0].assign([1.0])  # while the v of the same step is not written yet
    adam.step([tf.constant([0.0])])

    assert abs(moved.numpy()[0] - 1.0) < 1.0
