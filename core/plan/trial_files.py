"""Find the file that an entry runs, without running any of it."""

import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from shutil import which

from sweepwright.contracts import Command, Entry, PythonFile, PythonModule, TrialCode


def find_entry(entry: Entry, folder: Path) -> Path | None:
    """Find the program, the script or the module's file; None when it is not there.

    The parents of a module are not imported, since they may be heavy.
    """
    match entry:
        case PythonFile(path):
            return _existing(folder / path)
        case PythonModule(name):
            return _module_file(name, folder)
        case Command(argv):
            found = which(argv[0])
            return _existing(folder / argv[0]) or (Path(found) if found else None)


def locate_module(name: str, folders: Sequence[Path]) -> Path | None:
    """Find the file that a module is imported from, by a script that looks in these folders."""
    found = (_spec(name, folder) for folder in folders)
    spec = next(filter(None, found), None)
    return Path(spec.origin) if spec and spec.origin and spec.has_location else None


def hash_sources(code: TrialCode) -> str:
    """Hash the files that the entries name, which tells whether the trial is still the same."""
    digest = sha256()
    folder = Path(code.folder)
    for role in code.roles:
        for path in source_files(role.entry, folder):
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def source_files(entry: Entry, folder: Path) -> list[Path]:
    """List the files that an entry names, which are the trial's own code."""
    if isinstance(entry, Command):
        named = (_existing(folder / word) for word in entry.argv)
        return [path for path in named if path]
    found = find_entry(entry, folder)
    return [found] if found else []


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def _module_file(name: str, folder: Path) -> Path | None:
    spec = _spec(name, folder)
    if spec and spec.submodule_search_locations is not None:
        spec = _spec(f"{name}.__main__", folder)
    return Path(spec.origin) if spec and spec.origin and spec.has_location else None


def _spec(name: str, folder: Path) -> ModuleSpec | None:
    """Find a module from the top down; the folder of the trial comes first, as when it runs."""
    parts = name.split(".")
    spec = PathFinder.find_spec(parts[0], [str(folder.resolve())]) or _ask(parts[0], None)
    for length in range(2, len(parts) + 1):
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = _ask(".".join(parts[:length]), list(spec.submodule_search_locations))
    return spec


def _ask(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    return next(_answers(name, path), None)


def _answers(name: str, path: Sequence[str] | None) -> Iterator[ModuleSpec]:
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec = find(name, path) if find else None
        if spec:
            yield spec
