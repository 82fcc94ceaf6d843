"""Find out whether code outside of a script may use the trial API on its behalf.

Of the modules that a script imports, those of the user are parsed and searched in turn, and
installed packages are only searched for the word `sweepwright`. Whatever cannot be found or read
is assumed to use the API.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TypeAlias

from .facts import APIS, is_reporter

FindModule: TypeAlias = Callable[[str], Path | None]
"""Finds the file of a module, given the dotted name; None if there is none."""

PARSE_ERRORS = (OSError, SyntaxError, ValueError, RecursionError, MemoryError)
"""Exceptions for a file that cannot be read, or that is no Python of this version."""
MAX_FILES = 50
"""Modules that are searched before it is assumed that one of the rest uses the API."""
_DYNAMIC_MODULES = frozenset({"importlib", "runpy", "subprocess"})
"""Modules that can run code whose name does not appear in the source."""
_OS_LAUNCHERS = frozenset(
    {"execv", "execve", "execvp", "popen", "posix_spawn", "spawnv", "system"}
)
"""Functions of `os` that can."""
_INSTALLED = frozenset({"site-packages", "dist-packages"})
_OURS = "sweepwright"


def api_used_elsewhere(tree: ast.Module, path: Path, find_module: FindModule) -> bool:
    """Tell whether modules that a script imports, or programs that it starts, may use the API."""
    return _Search(find_module).may_reach_api(tree, path)


class _Search:
    """Searches modules transitively, each file once, so that circular imports end."""

    def __init__(self, find_module: FindModule) -> None:
        self._find_module = cache(find_module)
        self._seen: set[Path] = set()

    def may_reach_api(self, tree: ast.Module, path: Path) -> bool:
        """Tell whether anything that a source imports or starts may use the API."""
        # Code whose name is unknown cannot be searched.
        if _runs_unknown_code(tree):
            return True
        relative = any(self._file_may_use_api(file) for file in _relative_imports(tree, path))
        return relative or any(map(self._module_may_use_api, dict.fromkeys(imports(tree))))

    def _module_may_use_api(self, name: str) -> bool:
        """Tell whether a module, or a package that contains it, may use the API."""
        top = name.partition(".")[0]
        # The API itself and the reporters are modelled by the interpreter.
        if top in sys.stdlib_module_names or name in APIS or is_reporter(name):
            return False
        packages = accumulate(name.split("."), _dotted)
        files = [self._find_module(package) for package in packages if package not in APIS]
        if files[0] is None:
            return True
        return any(self._file_may_use_api(file, own=top == _OURS) for file in files if file)

    def _file_may_use_api(self, file: Path, *, own: bool = False) -> bool:
        # A file that was searched, or is being searched, adds nothing.
        if file in self._seen:
            return False
        self._seen.add(file)
        # A compiled module may use the API if it is the user's; installed ones are trusted.
        if file.suffix != ".py" or len(self._seen) > MAX_FILES:
            return not _is_installed(file)
        try:
            text = file.read_bytes()
            # Packages are large; one that never mentions this project cannot use its API.
            if _is_installed(file) and not own:
                return b"sweepwright" in text
            tree = ast.parse(text)
        except PARSE_ERRORS:
            return True
        return _mentions_api(tree) or self.may_reach_api(tree, file)


def _dotted(package: str, name: str) -> str:
    return f"{package}.{name}"


def _is_installed(file: Path) -> bool:
    return not _INSTALLED.isdisjoint(file.parts)


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a tree imports; a name imported from one may be a module, too."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(str(module), names, 0):
                yield module
                if module not in APIS:
                    yield from (f"{module}.{alias.name}" for alias in names)


def _relative_imports(tree: ast.Module, path: Path) -> Iterator[Path]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module, names, int(level)) if level:
                folder = path.parents[level - 1].joinpath(*(module or "").split("."))
                yield from _files(folder)
                for alias in names:
                    yield from _files(folder / alias.name)


def _files(module: Path) -> Iterator[Path]:
    candidates = (module.with_name(f"{module.name}.py"), module / "__init__.py")
    yield from (file for file in candidates if file.is_file())


def _runs_unknown_code(tree: ast.Module) -> bool:
    # Attributes such as `system` are compared by name alone: a false hit only silences checks.
    names = {name.partition(".")[0] for name in imports(tree)}
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return not (names.isdisjoint(_DYNAMIC_MODULES) and called.isdisjoint(_OS_LAUNCHERS))


def _mentions_api(tree: ast.Module) -> bool:
    """Tell whether a module imports the trial API, or contains the name of its variables."""
    if any(name in APIS or is_reporter(name) for name in imports(tree)):
        return True
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return any(isinstance(value, str) and "SWEEPWRIGHT_" in value for value in constants)
