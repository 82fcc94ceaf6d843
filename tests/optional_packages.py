"""Packages that only the processes of trials import, each of which may be absent."""

from importlib.util import find_spec

import pytest


def require(*packages: str) -> None:
    """Skip where a package is missing; it is not imported, which takes seconds."""
    if missing := [name for name in packages if not find_spec(name)]:
        pytest.skip(f"without {', '.join(missing)}")
