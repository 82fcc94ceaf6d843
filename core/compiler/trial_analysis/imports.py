"""Determine whether code outside of a script may use the trial API.

The search follows the imports of the script. Modules of the user are parsed, and their imports are
followed in turn. Installed packages are only searched for the word `sweepwright`. A module that
cannot be found or read is assumed to use the API.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path

from ...plan.trial_files import FindModule
from .facts import APIS, is_reporter

PARSE_ERRORS = (OSError, SyntaxError, ValueError, RecursionError, MemoryError)
"""Exceptions for a file that cannot be read, or that this version of Python cannot parse."""
MAX_FILES = 50
"""Largest number of files that are searched; further modules are assumed to use the API."""
_DYNAMIC_MODULES = frozenset({"importlib", "runpy", "subprocess"})
"""Modules that can run code that the source does not import by name."""
_OS_LAUNCHERS = frozenset(
    {"execv", "execve", "execvp", "popen", "posix_spawn", "spawnv", "system"}
)
"""Functions of `os` that can run such code."""
_INSTALLED = frozenset({"site-packages", "dist-packages"})
_OURS = "sweepwright"


def api_used_elsewhere(tree: ast.Module, path: Path, find_module: FindModule) -> bool:
    """Tell whether modules that a script imports, or programs that it starts, may use the API."""
    return _Search(find_module).may_reach_api(_Summary.of(tree), path)


class _Search:
    """Searches modules and their imports, each file only once, so that circular imports end."""

    def __init__(self, find_module: FindModule) -> None:
        self._find_module = cache(find_module)
        self._seen: set[Path] = set()

    def may_reach_api(self, source: "_Summary", path: Path) -> bool:
        """Tell whether a module that a source imports, or code that it runs, may use the API."""
        # Code whose name is unknown cannot be searched.
        if source.runs_unknown_code:
            return True
        relative = any(map(self._file_may_use_api, source.relative_files(path)))
        return relative or any(map(self._module_may_use_api, source.imports))

    def _module_may_use_api(self, name: str) -> bool:
        """Tell whether a module, or a package that contains the module, may use the API."""
        top = name.partition(".")[0]
        # The interpreter itself models the API and the reporters.
        if top in sys.stdlib_module_names or name in APIS or is_reporter(name):
            return False
        packages = accumulate(name.split("."), _dotted)
        files = [self._find_module(package) for package in packages if package not in APIS]
        if files[0] is None:
            return True
        return any(self._file_may_use_api(file, own=top == _OURS) for file in files if file)

    def _file_may_use_api(self, file: Path, *, own: bool = False) -> bool:
        # A file that has been searched, or is being searched, adds nothing new.
        if file in self._seen:
            return False
        self._seen.add(file)
        # A compiled module of the user may use the API. An installed compiled module is assumed
        # not to use it.
        if file.suffix != ".py" or len(self._seen) > MAX_FILES:
            return not _is_installed(file)
        try:
            stat = file.stat()
            # Installed packages are large, so they are not parsed. A file that does not mention
            # this project cannot use its API.
            if _is_installed(file) and not own:
                return _mentions_project(file, stat.st_mtime_ns, stat.st_size)
            source = _summarise(file, stat.st_mtime_ns, stat.st_size)
        except PARSE_ERRORS:
            return True
        return source.mentions_api or self.may_reach_api(source, file)


@dataclass(frozen=True, slots=True)
class _Summary:
    """A summary of one source: the modules that it imports, and whether it mentions the API."""

    imports: tuple[str, ...]
    """Absolute names of the imported modules, without duplicates."""
    relative_imports: tuple[ast.ImportFrom, ...]
    mentions_api: bool
    runs_unknown_code: bool

    @classmethod
    def of(cls, tree: ast.Module) -> "_Summary":
        """Summarise a parsed source in one pass over its syntax tree."""
        nodes = list(ast.walk(tree))
        names = tuple(dict.fromkeys(name for node in nodes for name in _imported(node)))
        return cls(
            imports=names,
            relative_imports=tuple(n for n in nodes if isinstance(n, ast.ImportFrom) and n.level),
            mentions_api=_mentions_api(names, nodes),
            runs_unknown_code=_runs_unknown_code(names, nodes),
        )

    def relative_files(self, path: Path) -> Iterator[Path]:
        """Yield the files that the relative imports of a source at this path may load."""
        for node in self.relative_imports:
            folder = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            yield from _files(folder)
            for alias in node.names:
                yield from _files(folder / alias.name)


# A multirun compiles the same trial for each of its sweeps, so the summaries are cached. The
# modification time and the size of a file are part of the key, so that an edited file is read
# again.
@lru_cache(maxsize=1024)
def _summarise(file: Path, modified_ns: int, size: int) -> _Summary:  # noqa: ARG001 - the key
    return _Summary.of(ast.parse(file.read_bytes()))


@lru_cache(maxsize=1024)
def _mentions_project(file: Path, modified_ns: int, size: int) -> bool:  # noqa: ARG001 - the key
    return _OURS.encode() in file.read_bytes()


def _dotted(package: str, name: str) -> str:
    return f"{package}.{name}"


def _is_installed(file: Path) -> bool:
    return not _INSTALLED.isdisjoint(file.parts)


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a tree imports, and the imported names, which may also be modules."""
    for node in ast.walk(tree):
        yield from _imported(node)


def _imported(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(str(module), names, 0):
            yield module
            if module not in APIS:
                yield from (f"{module}.{alias.name}" for alias in names)


def _files(module: Path) -> Iterator[Path]:
    candidates = (module.with_name(f"{module.name}.py"), module / "__init__.py")
    yield from (file for file in candidates if file.is_file())


def _runs_unknown_code(imported: Iterable[str], nodes: Iterable[ast.AST]) -> bool:
    # Attributes such as `system` are compared by name alone: a false hit only silences checks.
    names = {name.partition(".")[0] for name in imported}
    called = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return not (names.isdisjoint(_DYNAMIC_MODULES) and called.isdisjoint(_OS_LAUNCHERS))


def _mentions_api(imported: Iterable[str], nodes: Iterable[ast.AST]) -> bool:
    """Tell whether a module imports the trial API, or contains the name of an API variable."""
    if any(name in APIS or is_reporter(name) for name in imported):
        return True
    constants = (node.value for node in nodes if isinstance(node, ast.Constant))
    return any(isinstance(value, str) and "SWEEPWRIGHT_" in value for value in constants)
