"""Download of MNIST's files, which happens only once even if several trials start together."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from sweepwright.trials.mnist.data import DataError, find

SOURCE = "https://ossci-datasets.s3.amazonaws.com/mnist/"
MD5 = {
    "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
}
"""Mapping from file name to the MD5 digest of the gzipped file that is downloaded."""
PATIENCE = 60
"""Seconds to wait for an answer, or for more data."""


def download(folder: Path, source: str = SOURCE, digests: Mapping[str, str] = MD5) -> None:
    """Download the files that a folder lacks, while other processes wait.

    If no file is missing, nothing is written, so the folder may be read-only.

    Parameters
    ----------
    source : str
        Start of each file's address; the rest is the file's name and ``.gz``.

    Raises
    ------
    DataError
        If a file cannot be fetched, or if its digest is wrong.
    """
    if all(find(folder, name) for name in digests):
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone_in(folder):
            for name in [name for name in digests if not find(folder, name)]:
                content = _fetch(f"{source}{name}.gz", digests[name])
                _put(content, folder / f"{name}.gz")
    except OSError as error:
        raise DataError(f"{folder}: cannot be filled: {error}") from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Lock a folder against downloads by other processes; the lock ends with this process."""
    with Path(folder, ".download.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(address: str, digest: str) -> bytes:
    try:
        with urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310 - it is no user's
            content: bytes = answer.read()
    except (OSError, HTTPException) as error:
        raise DataError(f"{address}: cannot be fetched: {error}") from error
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != digest:
        raise DataError(f"{address}: what came has the MD5 {found}, and should have {digest}")
    return content


def _put(content: bytes, path: Path) -> None:
    """Write a file atomically, so that no other process sees an incomplete file."""
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
