"""The files of attempts in a folder: ordinary files alone, and none outside of the folder."""

import os
from pathlib import Path

import pytest

from sweepwright.attempt_folder import AttemptFolder
from sweepwright.contracts import AttemptFile, AttemptRef

ATTEMPT = AttemptRef(3, 1, "s1-3-1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make the folder of an attempt, with a secret beside it."""
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "trials/3/1"
    (folder / "checkpoint/deep").mkdir(parents=True)
    (folder / "checkpoint/deep/weights").write_text("42")
    return folder


@pytest.fixture
def files(folder: Path) -> AttemptFolder:
    """Open the files of the attempts."""
    return AttemptFolder(folder.parents[1])


def test_only_ordinary_files_are_listed(folder: Path, files: AttemptFolder) -> None:
    (folder / "link").symlink_to(folder.parents[2] / "secret")
    (folder / "folder").symlink_to(folder.parents[2])
    os.mkfifo(folder / "pipe")
    (folder / os.fsdecode(b"odd\xff\n")).write_text("odd")

    assert sorted(files.list(ATTEMPT), key=lambda file: file.path) == [
        AttemptFile("checkpoint/deep/weights", 2),
        AttemptFile(os.fsdecode(b"odd\xff\n"), 3),
    ]
    assert files.read(ATTEMPT, os.fsdecode(b"odd\xff\n"), 0, 9) == b"odd"


@pytest.mark.parametrize(
    "path",
    [
        "link",
        "folder/secret",
        "pipe",
        "../../../secret",
        "/etc/hostname",
        "checkpoint",
        "a\0b",
        "",
    ],
)
def test_nothing_else_is_read(path: str, folder: Path, files: AttemptFolder) -> None:
    (folder / "link").symlink_to(folder.parents[2] / "secret")
    (folder / "folder").symlink_to(folder.parents[2])
    os.mkfifo(folder / "pipe")

    with pytest.raises(FileNotFoundError):
        files.read(ATTEMPT, path, 0, 9)


def test_the_folder_of_an_attempt_may_be_no_link(folder: Path, files: AttemptFolder) -> None:
    (folder.parent / "2").symlink_to(folder)

    with pytest.raises(FileNotFoundError):
        files.list(AttemptRef(3, 2, "s1-3-2"))


def test_folders_may_be_nested_without_end(folder: Path, files: AttemptFolder) -> None:
    depth, here = 200, os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)

    assert AttemptFile("d/" * depth + "file", 0) in files.list(ATTEMPT)
