"""Checkpoints of a scikit-learn network, from which training continues exactly.

A checkpoint is a file that contains only numpy arrays: the weights, the optimizer's moments,
the counters of training, and the state of the generator that shuffles the images.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier

from sweepwright.trials.mnist.data import CLASSES, CheckpointError, Part

FILE = "network.npz"
UNREADABLE = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)
"""Exceptions that numpy raises for a file in another format."""


def save(classifier: MLPClassifier, epochs: int, folder: Path) -> None:
    """Write a network and its number of epochs to a checkpoint, whose file appears atomically."""
    _, keys, position, *_ = classifier.random_state.get_state()
    numbers = {name: getattr(holder, name) for holder, name in _numbers(classifier)}
    own = {"epochs": epochs, "shuffling": keys, "position": position}
    path = folder / FILE
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(file, **{**own, **numbers, **_arrays(classifier)})
    unfinished.replace(path)


def restore(classifier: MLPClassifier, images: Part, folder: Path) -> int:
    """Load a checkpoint into an untrained network; return its number of epochs.

    Raises
    ------
    CheckpointError
        If the file is damaged, or belongs to another network.
    """
    path = folder / FILE
    kept = _read(path)
    _make_arrays(classifier, images)
    arrays = _arrays(classifier)
    numbers = {name: holder for holder, name in _numbers(classifier)}
    if _shapes(kept) != {**_shapes(arrays), **dict.fromkeys(numbers, ()), **_OWN}:
        this = f"{classifier.hidden_layer_sizes[0]} neurons trained by {classifier.solver}"
        raise CheckpointError(f"{path}: is no checkpoint of a network of {this}")
    for name, array in arrays.items():
        np.copyto(array, kept[name])
    for name, holder in numbers.items():
        kind = type(getattr(holder, name))
        setattr(holder, name, kind(kept[name].item()))
    position = int(kept["position"])
    classifier.random_state.set_state(("MT19937", kept["shuffling"], position))
    return int(kept["epochs"])


_OWN: Mapping[str, tuple[int, ...]] = {"epochs": (), "shuffling": (624,), "position": ()}


def _read(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return {name: kept[name] for name in kept.files}
    except UNREADABLE as error:
        said = str(error).splitlines()[0]
        raise CheckpointError(f"{path}: cannot be read: {said}") from error


def _make_arrays(classifier: MLPClassifier, images: Part) -> None:
    """Train on one batch, so that scikit-learn creates the arrays that a checkpoint replaces."""
    first = slice(classifier.batch_size)
    classifier.partial_fit(images.images[first], images.labels[first], classes=range(CLASSES))


def _arrays(classifier: MLPClassifier) -> dict[str, NDArray[Any]]:
    """Map names to the arrays that training changes."""
    weights = [*classifier.coefs_, *classifier.intercepts_]
    moments = vars(classifier._optimizer)  # noqa: SLF001 - there is no other way to them
    held = {**moments, "weights": weights}
    return {
        f"{name}_{number}": array
        for name, arrays in held.items()
        if isinstance(arrays, list)
        for number, array in enumerate(arrays)
    }


def _numbers(classifier: MLPClassifier) -> Iterator[tuple[Any, str]]:
    """Yield the object and the attribute name of each number that training depends on."""
    yield from ((classifier, name) for name in ("t_", "best_loss_", "_no_improvement_count"))
    optimizer = classifier._optimizer  # noqa: SLF001 - likewise
    yield from ((optimizer, name) for name in ("t", "learning_rate") if hasattr(optimizer, name))


def _shapes(arrays: Mapping[str, NDArray[Any]]) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in arrays.items()}
