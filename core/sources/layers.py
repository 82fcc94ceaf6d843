"""Layers: what a composition is made of, each laid over those before as Hydra lays them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..marks import Mark
from ..options import ABSENT
from ..stages import KeyPath, Place
from .choices import Choice
from .typed import Typed


class Change(Enum):
    """What a layer does to a value."""

    SETS = "set"
    REMOVES = "removed"
    """Deletes it, or puts something else in the place of a section around it."""
    MOVES = "moved"
    """Changes the list around it, so that its index is another one."""


class Deed(Enum):
    """What a layer does that sets no value."""

    DELETE = "delete"
    EXTEND = "extend"
    NOTHING = "nothing"
    """Of a group that is left empty."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Values that are laid over what is there; mappings merge, and everything else replaces."""

    at: KeyPath
    """Below which key."""
    values: Any
    """Plain values, or what is done instead."""
    by: str = ""
    """Whose values they are, when no text holds them."""
    mark: Mark | Typed | None = None
    """Where each of them is written."""
    ask: Callable[[], Choice | None] = lambda: None
    """Finds out who chose it, which only findings and explanations want to know."""

    @property
    def choice(self) -> Choice | None:
        """Who chose it."""
        return self.ask()

    def told(self, path: KeyPath) -> "Told | None":
        """Tell what it does to the value at a path, None for nothing."""
        if isinstance(self.values, Deed):
            return self._done(self.values, path)
        if path[: len(self.at)] != self.at:
            return None
        value, mark = self.values, self.mark
        for key in path[len(self.at) :]:
            if isinstance(value, Mapping) and key not in value:
                return None
            if not isinstance(value, Mapping) and not _has_item(value, key):
                return None if value == ABSENT else Told(self, Change.REMOVES, value, mark)
            value, mark = value[key], mark.child(key) if mark else None
        return Told(self, Change.SETS, value, mark)

    def makes(self, path: KeyPath) -> bool:
        """Tell whether it makes a section, by what it puts inside."""
        inside = len(self.at) > len(path) and self.at[: len(path)] == path
        return inside and not isinstance(self.values, Deed)

    def _done(self, deed: Deed, path: KeyPath) -> "Told | None":
        if deed is Deed.NOTHING:
            return None
        depth = len(self.at)
        if path[:depth] == self.at:
            change = Change.REMOVES if deed is Deed.DELETE else Change.MOVES
            return Told(self, change, mark=self.mark)
        in_list = isinstance(self.at[-1], int) and path[: depth - 1] == self.at[:-1]
        moves = in_list and len(path) >= depth
        return Told(self, Change.MOVES, mark=self.mark) if moves else None


@dataclass(frozen=True, slots=True)
class Told:
    """What a layer does to one value."""

    layer: Layer
    change: Change
    value: Any = None
    """What it sets, here or in the place of a section around."""
    mark: Mark | Typed | None = None

    @property
    def place(self) -> Place | None:
        """Where that is written, None for what no text holds."""
        return Place(self.mark.key, self.mark.value) if self.mark else None


def _has_item(value: Any, key: str | int) -> bool:
    return isinstance(value, list) and isinstance(key, int) and key < len(value)
