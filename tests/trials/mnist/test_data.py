"""Digits come from scikit-learn or from IDX files, always in the same three parts."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from sweepwright.trials.mnist.data import DataError, Digits, Part, as_pictures, load, read_idx

IMAGES = "{}-images-idx3-ubyte"
LABELS = "{}-labels-idx1-ubyte"


def idx(values: np.ndarray) -> bytes:
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return header + values.astype(np.uint8).tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve training images and six test images of 2 by 3 pixels."""
    for prefix, count in (("train", 12), ("t10k", 6)):
        images = np.arange(count * 6).reshape(count, 2, 3)
        (tmp_path / IMAGES.format(prefix)).write_bytes(idx(images))
        (tmp_path / LABELS.format(prefix)).write_bytes(idx(np.arange(count) % 10))
    return tmp_path


def test_bundled_digits_come_in_three_parts() -> None:
    digits = load()

    assert [len(part.labels) for part in digits] == [1077, 360, 360]
    assert all(part.images.shape[1] == 64 for part in digits)
    assert all(part.images.min() == 0 and part.images.max() == 1 for part in digits)


def test_the_parts_are_fixed_and_share_no_image() -> None:
    first, second = load(), load()
    rows = [{row.tobytes() for row in part.images} for part in first]

    assert all(np.array_equal(a.images, b.images) for a, b in zip(first, second, strict=True))
    assert not rows[0] & rows[1]
    assert not rows[0] & rows[2]
    assert not rows[1] & rows[2]


def test_every_digit_is_in_every_part() -> None:
    assert all(set(part.labels) == set(range(10)) for part in load())


def test_a_folder_of_idx_files_is_read(folder: Path) -> None:
    digits = load(str(folder))

    assert [len(part.labels) for part in digits] == [10, 2, 6]
    assert digits.train.images.dtype == np.float32
    assert digits.train.images[1].tolist() == pytest.approx([v / 255 for v in range(6, 12)])
    assert digits.validation.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    "renamed",
    ["train-images-idx3-ubyte.gz", "train-images.idx3-ubyte", "train-images.idx3-ubyte.gz"],
)
def test_other_spellings_of_a_file_are_found(folder: Path, renamed: str) -> None:
    plain = load(str(folder))
    source = folder / IMAGES.format("train")
    content = source.read_bytes()
    source.unlink()
    (folder / renamed).write_bytes(gzip.compress(content) if renamed.endswith("gz") else content)

    assert np.array_equal(load(str(folder)).train.images, plain.train.images)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: no such folder"):
        load(str(tmp_path / "nowhere"))


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / LABELS.format("t10k")).unlink()

    with pytest.raises(DataError, match=r"neither `t10k-labels-idx1-ubyte` nor"):
        load(str(folder))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no IDX file of bytes in 3 dimensions"),
        (b"GIF89a" * 9, "no IDX file of bytes in 3 dimensions"),
        (idx(np.zeros(5)), "no IDX file of bytes in 3 dimensions"),
        (idx(np.zeros((12, 2, 3)))[:-1], "holds 71 values, but its header says 12 x 2 x 3"),
        (idx(np.zeros((12, 2, 3))) + b"\0", "holds 73 values"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, *[2**32 - 1] * 3), "holds 0 values"),
    ],
)
def test_an_invalid_file_is_refused(folder: Path, content: bytes, message: str) -> None:
    (folder / IMAGES.format("train")).write_bytes(content)

    with pytest.raises(DataError, match=message):
        load(str(folder))


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"\0" * len(data)])
def test_a_damaged_gzip_file_is_refused(folder: Path, damage) -> None:
    packed = gzip.compress(idx(np.zeros((12, 2, 3))))
    path = folder / "broken.gz"
    path.write_bytes(damage(packed))

    with pytest.raises(DataError, match="cannot be read"):
        read_idx(path, dimensions=3)


def test_images_without_labels_are_refused(folder: Path) -> None:
    (folder / LABELS.format("train")).write_bytes(idx(np.zeros(11)))

    with pytest.raises(DataError, match="12 images, but 11 labels"):
        load(str(folder))


def test_a_label_that_is_not_a_digit_is_refused(folder: Path) -> None:
    (folder / LABELS.format("t10k")).write_bytes(idx(np.full(6, 10)))

    with pytest.raises(DataError, match="has the label 10"):
        load(str(folder))


def test_digits_of_8_by_8_become_pictures_of_28_by_28() -> None:
    digits = load()
    pictures = as_pictures(digits)

    assert [part.images.shape for part in pictures] == [(n, 28, 28) for n in (1077, 360, 360)]
    assert all(part.images.dtype == np.float32 for part in pictures)
    assert all(np.array_equal(a.labels, b.labels) for a, b in zip(digits, pictures, strict=True))


def test_a_picture_keeps_the_corners_and_the_range_of_its_image() -> None:
    images = load().train.images.reshape(-1, 8, 8)
    pictures = as_pictures(load()).train.images
    corners = np.ix_(range(len(images)), [0, -1], [0, -1])

    np.testing.assert_allclose(pictures[corners], images[corners], atol=1e-6)
    assert pictures.min() >= 0
    assert pictures.max() <= 1 + 1e-6


def test_a_slope_is_stretched_to_a_slope() -> None:
    slope = np.add.outer(np.arange(4), 2 * np.arange(4)).reshape(1, 16)
    wider = np.linspace(0, 3, 28)
    pictures = as_pictures(three_parts(slope))

    expected = np.add.outer(wider, 2 * wider)
    np.testing.assert_allclose(pictures.test.images[0], expected, atol=1e-5)


def test_images_of_28_by_28_are_pictures_already() -> None:
    images = np.random.default_rng(0).random((5, 784))
    pictures = as_pictures(three_parts(images))

    assert np.array_equal(pictures.train.images.reshape(5, 784), images.astype(np.float32))


def test_images_that_are_not_square_are_refused(folder: Path) -> None:
    with pytest.raises(DataError, match="images of 6 pixels are not square"):
        as_pictures(load(str(folder)))


def three_parts(images: np.ndarray) -> Digits:
    part = Part(images.astype(np.float32), np.zeros(len(images), np.int64))
    return Digits(part, part, part)
