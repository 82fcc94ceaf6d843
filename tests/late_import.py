"""Modules that a test file imports when a test first uses them.

Training libraries take seconds to import. Every test process collects all test files, and few of
the processes run the tests that need a library.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest


class LateModule:
    """Stands for a module, and imports it when one of its public names is read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        # While pytest collects, it reads private names of all objects in a test file.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(import_module(self._name), name)


def import_late(module: str, *needs: str) -> Any:
    """Return a `LateModule`; skip the calling test file if a library it needs is absent."""
    for library in (module.partition(".")[0], *needs):
        if not find_spec(library):
            pytest.skip(f"needs {library}", allow_module_level=True)
    return LateModule(module)
