"""The import path of a trial, in which its own folder comes first, as in a fresh interpreter.

A module that is imported already is not searched for again. The server has imported modules that
a fresh interpreter has not, and a trial may have a module of the same name beside its script, such
as ``queue.py``. So the server's modules of such names are forgotten in the trial's process. Code
that has imported them before keeps them.
"""

# ruff: noqa: PTH208 - `pathlib` would slow down every fork

from __future__ import annotations

import os
import sys
from _imp import is_frozen
from collections.abc import Collection
from importlib.machinery import PathFinder

_at_start: set[str] = set()


def remember_start(modules: Collection[str]) -> None:
    """Remember the modules that a fresh interpreter has imported before any code of a script."""
    _at_start.update(modules)


def put_first(folder: str) -> None:
    """Search for modules in a folder first, unless Python was told not to."""
    # Before Python 3.11, only an isolated interpreter was told so.
    if not getattr(sys.flags, "safe_path", sys.flags.isolated):
        sys.path.insert(0, folder)
        forget_shadowed(folder)


def forget_shadowed(folder: str) -> None:
    """Forget imported modules that an interpreter would find in this folder instead."""
    try:
        entries = os.listdir(folder or ".")
    except OSError:
        return
    names = {entry.partition(".")[0] for entry in entries}
    for name in (names & sys.modules.keys()) - _at_start:
        if _shadows(folder, name):
            for known in [known for known in sys.modules if f"{known}.".startswith(f"{name}.")]:
                del sys.modules[known]


def _shadows(folder: str, name: str) -> bool:
    """Tell whether a folder has another module of this name than the one that is imported."""
    if name in sys.builtin_module_names or is_frozen(name):
        return False  # these are found before any folder is searched
    origin = getattr(getattr(sys.modules[name], "__spec__", None), "origin", None)
    # Often the module is the folder's own, and a search takes longer than all else here.
    if origin in (f"{folder}/{name}/__init__.py", f"{folder}/{name}.py"):
        return False
    found = PathFinder.find_spec(name, [folder])
    # A folder without Python files is found only if nothing else is.
    return found is not None and found.origin is not None and found.origin != origin
