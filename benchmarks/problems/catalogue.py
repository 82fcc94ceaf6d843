"""The catalogue of all problems: which there are, and each by its name with its norms."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from .branching import BRANCHING
from .coco import coco
from .conditional import CONDITIONAL
from .flat import FLAT
from .functions import FUNCTIONS
from .given import given
from .landscape import Landscape
from .learning import LEARNING

OTHER = ("coco/*", "functions/*", "learning/*")
"""The groups that were chosen before any result."""
ADDED = ("flat/*", "conditional/*")
"""The groups that were added later, before any result of tuners with a regression model."""
SETS: Mapping[str, Sequence[str]] = {
    "given": ("given/*",),
    "other": OTHER,
    "added": ADDED,
    "all": ("*",),
}
NORMS = Path(__file__).with_name("norms.json")


def names(chosen: Sequence[str], surrogates: Path) -> list[str]:
    """List the problems that any of the names, patterns or sets chooses."""
    patterns = [pattern for name in chosen for pattern in SETS.get(name, (name,))]
    return [name for name in _makers(surrogates) if any(fnmatch(name, p) for p in patterns)]


@cache
def landscape(name: str, surrogates: Path) -> Landscape:
    """Make a problem, with its norms."""
    made = _makers(surrogates)[name]()
    norms = own_norms().get(name)
    return replace(made, best=norms["best"], median=norms["median"]) if norms else made


@cache
def own_norms() -> Mapping[str, Mapping[str, float]]:
    """Read the best loss and the median of random ones, by problem."""
    found: dict[str, dict[str, float]] = json.loads(NORMS.read_text()) if NORMS.exists() else {}
    return found


@cache
def _makers(surrogates: Path) -> Mapping[str, Callable[[], Landscape]]:
    functions = {f"functions/{make.__name__}": make for make in (*FUNCTIONS, *BRANCHING)}
    added = {f"flat/{make.__name__}": make for make in FLAT}
    added |= {f"conditional/{make.__name__}": make for make in CONDITIONAL}
    return {**given(surrogates), **coco(), **functions, **LEARNING, **added}
