"""Provenance: lays sources over one another as Hydra does, keeping where each value is from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..marks import Mark
from ..stages import HOLE, KeyPath, Place, Places

ABSENT = "???"


@dataclass(slots=True)
class _Node:
    """A value with what is inside it, and where it was written last."""

    place: Place | None = None
    value: Any = None
    children: dict[str | int, "_Node"] = field(default_factory=dict)


class Provenance:
    """A shadow of the composed configuration.

    Mappings merge and everything else replaces, in the order in which Hydra merges. Where the
    shadow and the composed value differ nevertheless, no place is given: better unknown than
    wrong.
    """

    def __init__(self) -> None:
        self._root = _Node()

    def lay(self, path: KeyPath, values: Any, mark: Mark | None) -> None:
        """Lay the values of a config over what is there, below a path."""
        _lay(self._down(path), values, mark)

    def put(self, path: KeyPath, value: Any, place: Place) -> None:
        """Lay a value over what is there that is written all in one place."""
        node = self._down(path)
        _lay(node, value, None, place)

    def name(self, path: KeyPath, place: Place) -> None:
        """Say where a section was chosen."""
        node = self._down(path)
        if isinstance(node.value, Mapping):
            node.place = place

    def drop(self, path: KeyPath) -> None:
        """Forget a key that is deleted."""
        self._down(path[:-1]).children.pop(path[-1], None)

    def places(self, composed: Any) -> Places:
        """Tell where everything is written that is in the composed values as it is here."""
        return Places(dict(_agreed(self._root, composed, ())))

    def _down(self, path: KeyPath) -> _Node:
        node = self._root
        for key in path:
            known: str | int = key
            if isinstance(key, str) and key.isdecimal() and int(key) in node.children:
                known = int(key)
            node = node.children.setdefault(known, _Node())
        return node


def _lay(node: _Node, values: Any, mark: Mark | None, place: Place | None = None) -> None:
    """Lay values over a node; they are at their marks, or all at one place, or nowhere."""
    if values == ABSENT and (node.children or node.value is not None):
        return  # a mandatory value that was given already
    node.place = place or (Place(mark.key, mark.value) if mark else None)
    node.value = values
    if not isinstance(values, Mapping):
        node.children = {}
    for key, value in _items(values):
        child = node.children.setdefault(key, _Node())
        _lay(child, value, mark.child(key) if mark else None, place)


def _items(values: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(values, Mapping):
        yield from values.items()
    elif isinstance(values, list):
        yield from enumerate(values)


def _agreed(node: _Node, composed: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Place]]:
    inside = dict(_items(composed))
    same = bool(inside) or isinstance(composed, Mapping) or composed is HOLE
    if node.place and path and (same or _equal(node.value, composed)):
        yield path, node.place
    for key, child in node.children.items():
        if key in inside:
            yield from _agreed(child, inside[key], (*path, key))


def _equal(one: Any, other: Any) -> bool:
    # NaN is never equal to itself, yet written the same; True is equal to 1, yet not the same.
    return type(one) is type(other) and (one == other or repr(one) == repr(other))
