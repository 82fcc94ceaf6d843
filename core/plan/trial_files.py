"""Locate and hash the files of a trial's entries, without running or importing the files."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from shutil import which
from typing import TypeAlias

from sweepwright.contracts import Command, Entry, PythonFile, PythonModule, TrialCode

FindModule: TypeAlias = Callable[[str], Path | None]
"""Finds the file of a module, given its dotted name; returns None if there is no such file."""


def find_entry(entry: Entry, folder: Path) -> Path | None:
    """Find the file of an entry (a script, module or program); None if no file is found."""
    match entry:
        case PythonFile(path):
            return _existing(folder / path)
        case PythonModule(name):
            return _module_file(name, folder)
        case Command(argv):
            found = which(argv[0])
            return _existing(folder / argv[0]) or (Path(found) if found else None)


def locate_module(name: str, folders: Sequence[Path]) -> Path | None:
    """Find the file that a script would import for a module if its import path were `folders`."""
    found = (_spec(name, folder) for folder in folders)
    return _file_of(next(filter(None, found), None))


def hash_sources(code: TrialCode) -> str:
    """Hash the files that the entries name, so that a change of the trial's code is noticed."""
    digest = sha256()
    folder = Path(code.folder)
    for role in code.roles:
        for path in source_files(role.entry, folder):
            # Hash each file by itself, so that moving code from one file to the next changes the
            # hash.
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def source_files(entry: Entry, folder: Path) -> list[Path]:
    """List the files of the trial's own code that an entry names.

    Any argument of a command may name such a file. The program of a command is not listed if it is
    found on ``PATH``, because it then belongs to the system.
    """
    if isinstance(entry, Command):
        named = (_existing(folder / word) for word in entry.argv)
        return [path for path in named if path]
    found = find_entry(entry, folder)
    return [found] if found else []


def _existing(path: Path) -> Path | None:
    # Unlike `Path.is_file`, this is false where a folder above may not be searched.
    return path if os.path.isfile(path) else None  # noqa: PTH113


def _module_file(name: str, folder: Path) -> Path | None:
    spec = _spec(name, folder)
    if spec and spec.submodule_search_locations is not None:
        # `python -m` of a package runs its `__main__`.
        spec = _spec(f"{name}.__main__", folder)
    return _file_of(spec)


def _file_of(spec: ModuleSpec | None) -> Path | None:
    return Path(spec.origin) if spec and spec.origin and spec.has_location else None


def _spec(name: str, folder: Path) -> ModuleSpec | None:
    """Find the spec of a module. The trial's folder is searched first, as it is when a trial runs.

    The search follows the search path of each package in turn. It does not call
    `importlib.util.find_spec`, which would import the module's parent packages. Such an import may
    be slow or have side effects.
    """
    packages = name.split(".")
    spec = PathFinder.find_spec(packages[0], [str(folder.resolve())])
    spec = spec or _first_answer(packages[0], None)
    for length in range(2, len(packages) + 1):
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = _first_answer(".".join(packages[:length]), list(spec.submodule_search_locations))
    return spec


def _first_answer(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    return next(_answers(name, path), None)


def _answers(name: str, path: Sequence[str] | None) -> Iterator[ModuleSpec]:
    for finder in sys.meta_path:
        # Finders of the old import protocol have no `find_spec`.
        find = getattr(finder, "find_spec", None)
        try:
            spec = find(name, path) if find else None
        except KeyError:
            # Only the import of the outer package lets a folder without `__init__.py` be found in
            # it as a package.
            spec = None
        if spec:
            yield spec
