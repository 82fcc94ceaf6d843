"""Training that was kept and taken up again is, to the bit, training that never paused."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweepwright.trials.mnist.data import CheckpointError, Digits, Part
from tests.late_import import import_late

torch = import_late("torch")
torch_cnn = import_late("sweepwright.trials.mnist.torch_cnn")
torch_training = import_late("sweepwright.trials.mnist.torch_training")


@pytest.fixture(autouse=True)
def _exactly() -> Iterator[None]:
    torch.use_deterministic_algorithms(mode=True)
    yield
    torch.use_deterministic_algorithms(mode=False)


@pytest.fixture
def few(pictures: Digits) -> Part:
    """Seven batches of 16 digits, and one of 8."""
    images, labels = pictures.train
    return Part(images[:120], labels[:120])


def untrained(
    few: Part,
    seed: int = 7,
    batch_size: int = 16,
    rate: float = 1e-3,
    weight_decay: float = 0.0,
    **parameters: Any,
) -> Any:
    torch.manual_seed(seed)
    network = torch_cnn.build_network({**torch_cnn.DEFAULTS, **parameters})
    return torch_training.Training(network, few, batch_size, rate, weight_decay=weight_decay)


def trained(few: Part, steps: int, **parameters: Any) -> Any:
    training = untrained(few, **parameters)
    for _ in range(steps):
        training.train_step()
    return training


def weights(training: Any) -> list[Any]:
    return [tensor.clone() for tensor in training.network.state_dict().values()]


def same(first: Any, second: Any) -> bool:
    return all(map(torch.equal, weights(first), weights(second)))


@pytest.mark.parametrize("paused_after", [3, 8, 11])
def test_training_with_a_pause_equals_training_without(
    few: Part, tmp_path: Path, paused_after: int
) -> None:
    trained(few, paused_after).save(tmp_path)
    taken_up = untrained(few, seed=8)
    taken_up.restore(tmp_path)
    while taken_up.steps < 20:
        taken_up.train_step()

    assert same(taken_up, trained(few, 20))


def test_a_checkpoint_holds_the_position_in_the_epoch(few: Part, tmp_path: Path) -> None:
    trained(few, 11).save(tmp_path)
    taken_up = untrained(few, seed=8)
    taken_up.restore(tmp_path)

    assert (taken_up.steps, taken_up.epochs) == (11, 1)


def test_an_epoch_sees_every_image_once(few: Part) -> None:
    training = untrained(few)
    seen = [training._next_batch() for _ in range(8)]

    assert [len(batch) for batch in seen] == [16] * 7 + [8]
    assert sorted(torch.cat(seen).tolist()) == list(range(120))
    assert training.epochs == 1


def test_each_epoch_has_an_order_of_its_own(few: Part) -> None:
    training = untrained(few)
    first, second = (torch.cat([training._next_batch() for _ in range(8)]) for _ in range(2))

    assert not torch.equal(first, second)


def test_the_same_seed_learns_the_same_and_another_does_not(few: Part) -> None:
    assert same(trained(few, 9), trained(few, 9))
    assert not same(trained(few, 9), trained(few, 9, seed=8))


def test_a_trial_with_an_inherited_checkpoint_keeps_its_own_learning_rate(
    few: Part, tmp_path: Path
) -> None:
    """A member of a population inherits what another learnt, and not how it learnt."""
    trained(few, 8).save(tmp_path)
    slow, still = untrained(few), untrained(few, rate=0.0)
    for training in (slow, still):
        training.restore(tmp_path)
        training.train_step()

    assert not same(slow, trained(few, 8))
    assert same(still, trained(few, 8))


def test_weight_decay_is_the_gradient_of_half_the_squares(few: Part) -> None:
    thetas = weights(untrained(few))
    decayed, plain = (trained(few, 1, weight_decay=decay) for decay in (0.1, 0.0))
    moments = ([s["exp_avg"] for s in t._optimizer.state.values()] for t in (decayed, plain))

    for with_decay, without, theta in zip(*moments, thetas, strict=True):
        torch.testing.assert_close(with_decay - without, 0.01 * theta, rtol=1e-3, atol=1e-6)


def test_accuracy_is_the_share_of_correct_answers(few: Part) -> None:
    training = trained(few, 40)
    guesses = training.network.eval()(torch.from_numpy(few.images)[:, None]).argmax(1).numpy()

    assert training.accuracy(few) == np.mean(guesses == few.labels)


def test_accuracy_counts_pictures_of_several_batches(pictures: Digits) -> None:
    few = Part(pictures.train.images[:1077], pictures.train.labels[:1077])
    training = trained(few, 20)
    halves = [Part(few.images[half], few.labels[half]) for half in (slice(500), slice(500, None))]
    right = sum(training.accuracy(half) * len(half.labels) for half in halves)

    assert training.accuracy(few) == pytest.approx(right / 1077)


@pytest.mark.parametrize("cut", [0, 100, -1])
def test_a_damaged_checkpoint_is_named(few: Part, tmp_path: Path, cut: int) -> None:
    trained(few, 1).save(tmp_path)
    (tmp_path / torch_training.FILE).write_bytes(
        (tmp_path / torch_training.FILE).read_bytes()[:cut]
    )

    with pytest.raises(CheckpointError, match=r"training\.pt: cannot be read: "):
        untrained(few).restore(tmp_path)


def test_an_archive_with_other_contents_is_named(few: Part, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / torch_training.FILE, "w") as archive:
        archive.writestr("word", "nothing")

    with pytest.raises(CheckpointError, match=r"training\.pt: cannot be read: "):
        untrained(few).restore(tmp_path)


def test_a_folder_without_a_checkpoint_is_named(few: Part, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no such file"):
        untrained(few).restore(tmp_path)


def test_a_checkpoint_of_another_network_is_named(few: Part, tmp_path: Path) -> None:
    trained(few, 1).save(tmp_path)

    with pytest.raises(CheckpointError, match="is no checkpoint of this network"):
        untrained(few, hidden_size=17).restore(tmp_path)
