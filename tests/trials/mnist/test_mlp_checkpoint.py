"""A network that was kept and taken up again is, to the bit, one that trained on."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from sweepwright.trials.mnist.data import CheckpointError, Digits, load
from sweepwright.trials.mnist.mlp_checkpoint import FILE, restore, save
from sweepwright.trials.mnist.sklearn_mlp import DEFAULTS, build_classifier, train

OPTIMIZERS: list[dict[str, Any]] = [
    {"_name": "adam"},
    {"_name": "sgd", "momentum": 0.9},
    {"_name": "sgd", "learning_rate": "invscaling"},
    {"_name": "sgd", "learning_rate": "adaptive", "tol": 1.0, "n_iter_no_change": 2},
]


@pytest.fixture(scope="module")
def digits() -> Digits:
    return load()


def network(seed: int = 7, **parameters: Any) -> MLPClassifier:
    return build_classifier({**DEFAULTS, "hidden": 16, **parameters}, seed)


def trained(digits: Digits, epochs: int, **parameters: Any) -> MLPClassifier:
    classifier = network(**parameters)
    train(classifier, digits, range(epochs))
    return classifier


def changed_by_training(classifier: MLPClassifier) -> dict[str, Any]:
    """Everything that a further epoch would start from."""
    optimizer = vars(classifier._optimizer)
    _, keys, position, *_ = classifier.random_state.get_state()
    names = ("coefs_", "intercepts_", "t_", "best_loss_", "_no_improvement_count")
    return {
        **{name: getattr(classifier, name) for name in names},
        **{name: value for name, value in optimizer.items() if name != "params"},
        "shuffling": keys,
        "position": position,
    }


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_three_epochs_and_four_more_equal_seven_at_once(
    optimizer: dict[str, Any], digits: Digits, tmp_path: Path
) -> None:
    save(trained(digits, 3, optimizer=optimizer), 3, tmp_path)
    taken_up = network(seed=8, optimizer=optimizer)
    epochs = restore(taken_up, digits.train, tmp_path)
    train(taken_up, digits, range(epochs, 7))
    at_once = trained(digits, 7, optimizer=optimizer)

    assert epochs == 3
    np.testing.assert_equal(changed_by_training(taken_up), changed_by_training(at_once))


def test_a_checkpoint_holds_arrays_and_nothing_that_could_be_run(
    digits: Digits, tmp_path: Path
) -> None:
    save(trained(digits, 1), 1, tmp_path)
    with np.load(tmp_path / FILE, allow_pickle=False) as kept:
        kinds = {kept[name].dtype.kind for name in kept.files}

    assert kinds <= set("iuf")
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("cut", [0, 100, -1])
def test_a_damaged_checkpoint_is_named(digits: Digits, tmp_path: Path, cut: int) -> None:
    save(trained(digits, 1), 1, tmp_path)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:cut])

    with pytest.raises(CheckpointError, match=r"network\.npz: cannot be read: "):
        restore(network(), digits.train, tmp_path)


def test_an_array_that_is_changed_is_noticed(digits: Digits, tmp_path: Path) -> None:
    save(trained(digits, 1), 1, tmp_path)
    content = bytearray((tmp_path / FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / FILE).write_bytes(content)

    with pytest.raises(CheckpointError, match=r"cannot be read: "):
        restore(network(), digits.train, tmp_path)


def test_an_inherited_folder_without_a_checkpoint_is_named(digits: Digits, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"network\.npz: cannot be read: .*No such file"):
        restore(network(), digits.train, tmp_path)


@pytest.mark.parametrize("other", [{"hidden": 17}, {"optimizer": {"_name": "sgd"}}])
def test_a_checkpoint_of_another_network_is_named(
    other: dict[str, Any], digits: Digits, tmp_path: Path
) -> None:
    save(trained(digits, 1), 1, tmp_path)

    with pytest.raises(CheckpointError, match=r"is no checkpoint of a network of 1[67] neurons"):
        restore(network(**other), digits.train, tmp_path)


def test_another_file_in_numpys_format_is_refused(digits: Digits, tmp_path: Path) -> None:
    np.savez(tmp_path / FILE, epochs=3, weights_0=np.zeros(3))

    with pytest.raises(CheckpointError, match="is no checkpoint of a network"):
        restore(network(), digits.train, tmp_path)
