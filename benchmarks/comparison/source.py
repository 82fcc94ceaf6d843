"""The source of a module: a digest of its file, and of all that it imports from beside it."""

import ast
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path


def digest(module: Path) -> str:
    """Digest a module and its relations, which tells versions apart between releases."""
    made = blake2b(digest_size=4)
    for path in sorted(relations(module)):
        made.update(path.read_bytes())
    return made.hexdigest()


def relations(module: Path) -> set[Path]:
    """Find all that relative imports lead to, wherever in a module they stand, itself included."""
    found: set[Path] = set()
    ahead = [module]
    while ahead:
        path = ahead.pop()
        if path not in found and path.exists():
            found.add(path)
            ahead += _imported(path)
    return found


def _imported(path: Path) -> Iterator[Path]:
    """Name files that may be meant: an imported name is a module, or something in one."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            yield from (base.with_suffix(".py"), base / "__init__.py")
            yield from (base / f"{name.name}.py" for name in node.names)
