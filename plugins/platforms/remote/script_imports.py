"""The modules that scripts import first of all, which each machine must have."""

import ast
from collections.abc import Iterator
from pathlib import Path

from sweepwright.contracts import PythonFile, TrialCode

_SEARCH_PATH = "PYTHONPATH"


def script_imports(code: TrialCode) -> list[str]:
    """List the top-level modules that the scripts of a trial import whatever happens.

    Modules in the trial's folder are sent along, so they are left out. A script that extends its
    search path may find modules where nobody else looks, so its imports are not listed.
    """
    names: dict[str, None] = {}
    for role in code.roles:
        if _SEARCH_PATH in {*code.environment, *role.environment}:
            continue
        if isinstance(role.entry, PythonFile):
            path = Path(code.folder, role.entry.path)
            folders = [path.parent, Path(code.folder)]
            found = (name for name in _imports_of(path) if not _is_in(folders, name))
            names.update(dict.fromkeys(found))
    return list(names)


def _imports_of(path: Path) -> Iterator[str]:
    try:
        source = path.read_bytes()
        statements = ast.parse(source).body
    except (OSError, SyntaxError, ValueError):  # other checks report it
        return
    if b"sys.path" in source:
        return
    for statement in statements:
        match statement:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]


def _is_in(folders: list[Path], name: str) -> bool:
    return any((each / name).is_dir() or any(each.glob(f"{name}.*")) for each in folders)
