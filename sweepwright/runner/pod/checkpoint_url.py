"""Checkpoints in an object store: fetched before the process starts, kept once it has succeeded.

Object stores cannot rename a folder. So the files of a checkpoint come first, and then a marker,
which lists them; a checkpoint without a marker does not exist.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..fork_server.checkpoint import COMPLETE
from .assignment import Assignment

MARKER = f"{COMPLETE}.json"
"""Name of the marker beside the folder with the files: a mapping from path to size."""


class TransferError(Exception):
    """A checkpoint cannot be fetched or kept."""

    def __init__(self, outcome: Any) -> None:
        super().__init__()
        self.outcome = outcome


class CheckpointUrl:
    """Copies the checkpoints of one attempt, if they are kept at a URL."""

    def __init__(self, assignment: Assignment) -> None:
        self._url = assignment.url
        self._leads = assignment.leads
        self._attempt = Path(assignment.submission["attempt_folder"])
        self._inherited = assignment.submission["inherited"]
        self._store = self._open() if self._url else None

    def fetch(self) -> None:
        """Copy the inherited checkpoint to this container, if there is one."""
        if self._store is None or not self._inherited:
            return
        target = Path(self._inherited)
        try:
            self._store.fetch(_key(target.parent), target)
        except Exception as error:
            raise _failed("its inherited checkpoint cannot be fetched", error) from error

    def keep(self) -> None:
        """Copy the complete checkpoint to the store, if this process leaves one."""
        source = self._attempt / COMPLETE
        if self._store is None or not self._leads or not source.is_dir():
            return
        try:
            self._store.keep(source, _key(self._attempt))
        except Exception as error:
            raise _failed("its checkpoint cannot be kept", error) from error

    def _open(self) -> ObjectStore:
        try:
            import fsspec  # noqa: PLC0415 - only this option needs it
        except ImportError as error:
            reason = f"checkpoints at `{self._url}` need the package fsspec in the image: {error}"
            raise TransferError({"refused": reason}) from error
        try:
            files, root = fsspec.core.url_to_fs(self._url)
        except (ImportError, ValueError) as error:
            reason = f"checkpoints cannot be kept at `{self._url}`: {_line(error)}"
            raise TransferError({"refused": reason}) from error
        return ObjectStore(files, root)


class ObjectStore:
    """The checkpoints of a sweep below one path of a file system of fsspec."""

    def __init__(self, files: Any, root: str) -> None:
        self._files = files
        self._root = root.rstrip("/")

    def keep(self, folder: Path, key: str) -> None:
        """Copy a checkpoint, and mark it as complete."""
        self._remove(f"{key}/{MARKER}")
        sizes = {}
        for path in _walk(folder):
            name = path.relative_to(folder).as_posix()
            self._put(path, f"{key}/{COMPLETE}/{name}")
            sizes[name] = path.stat().st_size
        marker = folder.with_name(MARKER)
        marker.write_text(json.dumps(sizes), "ascii")
        self._put(marker, f"{key}/{MARKER}")

    def fetch(self, key: str, folder: Path) -> None:
        """Copy a checkpoint that is marked as complete; do nothing if there is none."""
        try:
            sizes = json.loads(self._files.cat_file(f"{self._root}/{key}/{MARKER}"))
        except FileNotFoundError:
            return
        part = folder.with_name(f"{folder.name}.fetched")
        part.mkdir(parents=True, exist_ok=True)
        for name, size in sizes.items():
            path = part.joinpath(*_parts(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files.get_file(f"{self._root}/{key}/{COMPLETE}/{name}", str(path))
            if path.stat().st_size != size:
                raise ValueError(f"`{name}` has {path.stat().st_size} of {size} bytes")
        part.rename(folder)

    def _put(self, path: Path, key: str) -> None:
        target = f"{self._root}/{key}"
        try:
            self._files.put_file(str(path), target)
        except FileNotFoundError:
            # An object store has no folders, and asking for one may ask for a bucket.
            self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
            self._files.put_file(str(path), target)

    def _remove(self, key: str) -> None:
        target = f"{self._root}/{key}"
        if self._files.exists(target):
            self._files.rm_file(target)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder, and follow no link."""
    for path, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(path, name)
            if file.is_file() and not file.is_symlink():
                yield file


def _key(attempt: Path) -> str:
    """Return the part of an attempt's folder that is the same in every container."""
    return "/".join(attempt.parts[-3:])


def _parts(name: str) -> list[str]:
    parts = name.split("/")
    if name.startswith("/") or ".." in parts:
        raise ValueError(f"the checkpoint holds the path `{name}`")
    return parts


def _failed(what: str, error: Exception) -> TransferError:
    return TransferError({"failure": {"kind": "lost", "message": f"{what}: {_line(error)}"}})


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
