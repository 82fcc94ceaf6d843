"""How paths are shown."""

from importlib.resources.abc import Traversable
from pathlib import Path


def shown(file: Traversable) -> str:
    """Write a path as the user would type it: relative where it is below the current folder."""
    path, here = Path(str(file)).resolve(), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
