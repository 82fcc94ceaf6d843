"""Handwritten digits in three fixed parts: for training, for validation and for testing.

By default, the data are scikit-learn's 1,797 digits of 8 by 8 pixels. Alternatively, a folder
holds the four files of MNIST, or of a data set in MNIST's format. Each file may be gzipped::

    train-images-idx3-ubyte  train-labels-idx1-ubyte
    t10k-images-idx3-ubyte   t10k-labels-idx1-ubyte
"""

from __future__ import annotations

import gzip
import zlib
from math import isqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CLASSES = 10
SIDE = 28
"""Width and height of a picture in pixels, as in MNIST."""


class CheckpointError(Exception):
    """A checkpoint is damaged or belongs to another network; the message is one line."""


class DataError(Exception):
    """The data are missing or invalid; the message is one line."""


class Part(NamedTuple):
    """Images with pixels from 0 to 1, as rows or as pictures, and the digits that they show."""

    images: NDArray[np.float32]
    labels: NDArray[np.int64]


class Digits(NamedTuple):
    """The digits, divided into three fixed parts."""

    train: Part
    validation: Part
    test: Part


def load(folder: str | None = None) -> Digits:
    """Load the digits of scikit-learn, or those in a folder of IDX files.

    Raises
    ------
    DataError
        If a file is missing or invalid.
    """
    return load_bundled() if folder is None else load_folder(Path(folder))


def as_pictures(digits: Digits) -> Digits:
    """Return the digits with their images as pictures, shape (n, 28, 28).

    Images of another size are scaled to 28 by 28 pixels, by linear interpolation on both axes.

    Raises
    ------
    DataError
        If images are not square.
    """
    return Digits(*(Part(_pictures(images), labels) for images, labels in digits))


def _pictures(images: NDArray[np.float32]) -> NDArray[np.float32]:
    count, pixels = images.shape
    side = isqrt(pixels)
    if side * side != pixels:
        raise DataError(f"images of {pixels} pixels are not square, as pictures should be")
    squares = images.reshape(count, side, side)
    if side == SIDE:
        return squares
    stretch = _stretch(side)
    return (stretch @ squares @ stretch.T).astype(np.float32)


def _stretch(side: int) -> NDArray[np.float64]:
    """Return the matrix, shape (28, side), that scales columns of `side` pixels to 28 pixels."""
    places = np.linspace(0, side - 1, SIDE)
    return np.array([np.interp(places, range(side), column) for column in np.eye(side)]).T


def load_bundled() -> Digits:
    """Split scikit-learn's digits 3 : 1 : 1; all parts have the same proportions of classes."""
    from sklearn.datasets import load_digits  # noqa: PLC0415 - a folder needs no scikit-learn
    from sklearn.model_selection import train_test_split  # noqa: PLC0415 - likewise

    images, labels = load_digits(return_X_y=True)
    fixed = {"random_state": 0}
    rest, test, rest_labels, test_labels = train_test_split(
        images / 16, labels, test_size=0.2, stratify=labels, **fixed
    )
    train, validation, train_labels, validation_labels = train_test_split(
        rest, rest_labels, test_size=0.25, stratify=rest_labels, **fixed
    )
    return Digits(
        _part(train, train_labels),
        _part(validation, validation_labels),
        _part(test, test_labels),
    )


def load_folder(folder: Path) -> Digits:
    """Read MNIST from a folder, and use the last sixth of the training images for validation."""
    images, labels = _pair(folder, "train")
    cut = len(labels) - len(labels) // 6
    return Digits(
        Part(images[:cut], labels[:cut]),
        Part(images[cut:], labels[cut:]),
        _pair(folder, "t10k"),
    )


def _pair(folder: Path, prefix: str) -> Part:
    images = read_idx(_found(folder, f"{prefix}-images-idx3-ubyte"), dimensions=3)
    labels = read_idx(_found(folder, f"{prefix}-labels-idx1-ubyte"), dimensions=1)
    if not 0 < len(images) == len(labels):
        raise DataError(f"{folder}: `{prefix}` has {len(images)} images, but {len(labels)} labels")
    if labels.max() >= CLASSES:
        raise DataError(f"{folder}: `{prefix}` has the label {labels.max()}; digits end at 9")
    return _part(images.reshape(len(images), -1) / 255, labels)


def _part(images: NDArray[np.float64], labels: NDArray[np.uint8]) -> Part:
    return Part(images.astype(np.float32), labels.astype(np.int64))


def find(folder: Path, name: str) -> Path | None:
    """Find a file, which may be gzipped or spelt as on mirrors, ``train-images.idx3-ubyte``."""
    spellings = [name, name.replace("-idx", ".idx")]
    candidates = [folder / (spelling + end) for spelling in spellings for end in ("", ".gz")]
    return next((path for path in candidates if path.is_file()), None)


def _found(folder: Path, name: str) -> Path:
    path = find(folder, name)
    if path:
        return path
    way_out = "`trial.download=true` fetches MNIST's"
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder of IDX files; {way_out}")
    raise DataError(f"{folder}: neither `{name}` nor `{name}.gz` is in it; {way_out}")


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Read an IDX file of bytes, which holds a magic number, its shape and its values.

    Raises
    ------
    DataError
        If the file is truncated, or is not an IDX file with the given number of dimensions.
    """
    content = _content(path)
    start = 4 * (1 + dimensions)
    if len(content) < start or content[:4] != bytes([0, 0, 8, dimensions]):
        raise DataError(f"{path}: no IDX file of bytes in {dimensions} dimensions")
    shape = tuple(np.frombuffer(content, ">u4", dimensions, offset=4).tolist())
    values = np.frombuffer(content, np.uint8, offset=start)
    if len(values) != np.prod(shape, dtype=object):
        raise DataError(f"{path}: holds {len(values)} values, but its header says {_times(shape)}")
    return values.reshape(shape)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
