"""Find out whether code other than a script's own may read its parameters, or report."""

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TypeAlias

from .facts import APIS, is_reporter

Locate: TypeAlias = Callable[[str], Path | None]
"""Finds the file of a module by its dotted name."""

UNREADABLE = (OSError, SyntaxError, ValueError, RecursionError, MemoryError)
"""What is raised for a file that is none, or no Python of a version known here."""
MOST_FILES = 50
"""Modules that are looked into before it is taken that one of them speaks."""
_STARTERS = frozenset({"importlib", "runpy", "subprocess"})
"""Modules that reach code of which a source need not tell the name."""
_STARTS = frozenset({"execv", "execve", "execvp", "popen", "posix_spawn", "spawnv", "system"})
"""Functions of `os` that do."""
_INSTALLED = frozenset({"site-packages", "dist-packages"})
_OURS = "sweepwright"


def api_used_elsewhere(tree: ast.Module, path: Path, locate: Locate) -> bool:
    """Tell whether a module that a script imports, or a program it starts, may use the API."""
    return _Search(locate).leads_on(tree, path)


class _Search:
    """Follows imports, and looks into whatever is not installed for all to use."""

    def __init__(self, locate: Locate) -> None:
        self._locate = cache(locate)
        self._seen: set[Path] = set()

    def leads_on(self, tree: ast.Module, path: Path) -> bool:
        """Tell whether anything speaks that a source imports or starts."""
        if _starts_programs(tree):
            return True
        relative = any(self._file_speaks(file) for file in _relative_imports(tree, path))
        return relative or any(map(self._module_speaks, dict.fromkeys(imports(tree))))

    def _module_speaks(self, name: str) -> bool:
        """Tell whether a module speaks, or a package on the way to it."""
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or name in APIS or is_reporter(name):
            return False
        packages = accumulate(name.split("."), _dotted)
        files = [self._locate(package) for package in packages if package not in APIS]
        if files[0] is None:
            return True
        return any(self._file_speaks(file, own=top == _OURS) for file in files if file)

    def _file_speaks(self, file: Path, *, own: bool = False) -> bool:
        if file in self._seen:
            return False
        self._seen.add(file)
        if file.suffix != ".py" or len(self._seen) > MOST_FILES:
            return not _is_installed(file)
        try:
            text = file.read_bytes()
            if _is_installed(file) and not own:
                return b"sweepwright" in text
            tree = ast.parse(text)
        except UNREADABLE:
            return True
        return _speaks(tree) or self.leads_on(tree, file)


def _dotted(package: str, name: str) -> str:
    return f"{package}.{name}"


def _is_installed(file: Path) -> bool:
    return not _INSTALLED.isdisjoint(file.parts)


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield what is imported in a tree; what is taken from a module may be a module as well."""
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


def _starts_programs(tree: ast.Module) -> bool:
    names = {name.partition(".")[0] for name in imports(tree)}
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return not (names.isdisjoint(_STARTERS) and called.isdisjoint(_STARTS))


def _speaks(tree: ast.Module) -> bool:
    """Tell whether a module has the trial API, or the variables beneath it, in its text."""
    if any(name in APIS or is_reporter(name) for name in imports(tree)):
        return True
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return any(isinstance(value, str) and "SWEEPWRIGHT_" in value for value in constants)
