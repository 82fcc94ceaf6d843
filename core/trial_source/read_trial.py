"""Read the file that a trial starts, as far as anything is certain of it."""

import ast
from dataclasses import dataclass
from pathlib import Path

from .elsewhere import UNREADABLE, Locate, speaks_elsewhere
from .facts import Facts
from .read_source import read_source


@dataclass(frozen=True, slots=True)
class Source:
    """A script and what is certain of it."""

    path: Path
    text: str
    facts: Facts


def read_trial(path: Path, locate: Locate) -> Source | None:
    """Read a script; None when it is no Python that can be followed."""
    try:
        text = path.read_text("utf-8-sig")
        tree = ast.parse(text)
    except UNREADABLE:
        return None
    facts = read_source(text, tree, elsewhere=speaks_elsewhere(tree, path, locate))
    return Source(path, text, facts) if facts else None
