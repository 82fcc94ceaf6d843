"""How paths are shown."""

from pathlib import Path


def shown(path: Path) -> str:
    """Write a path as the user would type it: relative where it is below the current folder."""
    path, here = path.resolve(), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
