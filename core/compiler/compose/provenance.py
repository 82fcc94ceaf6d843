"""Provenance: the layers that set each value of a composition, in order, with their spans.

This module merges the layers a second time, by Hydra's rules, into a tree. For every path, the
tree keeps all changes to the value at this path. For example, three layers::

    # space/mine.yaml, at `space`     # experiment/big.yaml, at the root     # third argument
    lr: uniform(0, 1)                 # @package _global_                    ~space.depth
    depth: int(1, 8)                  space:
    width: int(1, 9)                    width: int(1, 99)

give the paths below ``space`` these changes. The last change is the origin of the value::

    lr       set in mine.yaml:1                            → mine.yaml:1
    width    set in mine.yaml:3, set in big.yaml:3         → big.yaml:3
    depth    set in mine.yaml:2, removed by argument 3     → no value, so no origin

A finding on ``space.width`` points at ``big.yaml:3``, and `explain` prints all changes.

Invariant: a path has a value in the tree exactly if its last change is a `SETS`. The tree does not
model every merge, for example that of a mapping over an interpolation. Therefore an origin counts
only if the value that it sets equals the composed value. Otherwise the origin is reported as
unknown, since a wrong origin would mislead (decision 0013,
``docs/decisions/0013-composition-isolates-faults.md``).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sweepwright.diagnostics import Span

from ...registry.options import ABSENT
from ..spans import EntrySpan, KeyPath
from ..yaml_spans import YamlSpan
from .argument_spans import ArgumentSpan
from .layers import Layer, LayerAction

MISSING = object()
"""The value at a path that does not exist."""


class ChangeKind(Enum):
    """What a layer does to a value."""

    SETS = "set"
    REMOVES = "removed"
    """Deletes the value, or replaces a section that contains it."""
    MOVES = "moved"
    """Changes the list that contains the value, so that the value's index is no longer known."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """What one layer does to one value."""

    layer: Layer
    kind: ChangeKind
    value: Any = None
    """The new value at the path, or the value that replaces a section around the path."""
    span: YamlSpan | ArgumentSpan | None = None
    """Where the change is written; None for a default, which is not written in any text."""


@dataclass(slots=True)
class _Node:
    """A node of the tree: the changes to the value at one path, and the nodes below."""

    changes: list[ValueChange] = field(default_factory=list)
    children: "dict[str | int, _Node]" = field(default_factory=dict)

    @property
    def present(self) -> bool:
        return bool(self.changes) and self.changes[-1].kind is ChangeKind.SETS

    def child(self, key: str | int) -> "_Node":
        return self.children.setdefault(key, _Node())

    def discard(self, change: ValueChange) -> None:
        """Record the change that removes the value and all values inside it."""
        if self.present:
            self.changes.append(change)
        for child in self.children.values():
            child.discard(change)


class Provenance:
    """The changes that led to each value of a composition."""

    def __init__(self, layers: Sequence[Layer], composed: Mapping[Any, Any]) -> None:
        self._layers = layers
        self._composed = composed
        # The root is a mapping before any layer is merged.
        self._root = _Node([ValueChange(Layer((), {}), ChangeKind.SETS, {})])
        self._layers_at: dict[KeyPath, list[Layer]] = defaultdict(list)
        for layer in layers:
            self._layers_at[layer.at].append(layer)
            _merge_layer(layer, self._root)

    def find(self, path: KeyPath) -> EntrySpan | None:
        """Return the span of the value at a path. A section has the span of its choice."""
        if isinstance(self.composed_value(path), Mapping):
            return self._find_section(path)
        origin = self.origin(path)
        return origin.span if origin else None

    def origin(self, path: KeyPath) -> ValueChange | None:
        """Return the change that set the value at a path; return None if it is unknown."""
        node = self._node(path)
        if node is None or not node.present or not self._keeps_its_indices(path):
            return None
        last = node.changes[-1]
        return last if _same(last.value, self.composed_value(path)) else None

    def history(self, path: KeyPath) -> list[ValueChange]:
        """List the changes to the value at a path, oldest first."""
        node = self._node(path)
        return list(node.changes) if node else []

    def composed_value(self, path: KeyPath) -> Any:
        """Return the composed value at a path; return `MISSING` if the path has no value."""
        value: Any = self._composed
        for key in path:
            if isinstance(value, Mapping):
                value = value.get(key, MISSING)
            elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
                value = value[key]
            else:
                return MISSING
        return value

    def chosen_layers(self, path: KeyPath) -> list[Layer]:
        """List the layers of the configs that were chosen to fill a section.

        If the user chose to leave the section empty, the list contains the layer of that choice.
        """
        return [layer for layer in self._layers_at.get(path, ()) if layer.choice]

    def chooser(self, file: str) -> str | None:
        """Return the override that chose a file; return None if no override chose it."""
        for layer in self._layers:
            choice = layer.choice if layer.span and layer.span.file == file else None
            if choice and choice.on_command_line:
                return choice.text
        return None

    def _node(self, path: KeyPath) -> _Node | None:
        node: _Node | None = self._root
        for key in path:
            node = node.children.get(key) if node else None
        return node

    def _find_section(self, path: KeyPath) -> EntrySpan | None:
        """Return the span of a section.

        This is the override that sets the section, or the choice of the config that fills it, or
        the key of the section in a file. The first of these that exists is returned.
        """
        changes = [change for change in self.history(path) if isinstance(change.value, Mapping)]
        written = [change.span for change in changes if change.span]
        # A mapping on the command line, such as `budget={maximum: 9}`, is the section itself.
        if written and isinstance(written[-1], ArgumentSpan):
            return written[-1]
        filling = [
            layer.choice.span
            for layer in self.chosen_layers(path)
            if layer.choice and layer.values is not LayerAction.LEAVE_EMPTY
        ]
        in_text = [span for span in filling if span.file]
        if in_text:
            return _ChoiceSpan(in_text[-1])
        return written[-1] if written else None

    def _keeps_its_indices(self, path: KeyPath) -> bool:
        """Tell whether each composed list around a value matches the merged list.

        Only then are the indices in the value's path valid.
        """
        lists = [path[:length] for length, key in enumerate(path) if isinstance(key, int)]
        return all(
            self.origin(around)
            for around in lists
            if isinstance(self.composed_value(around), list)
        )


@dataclass(frozen=True, slots=True)
class _ChoiceSpan:
    """The span of the choice that fills a section, for both the key and the value."""

    key: Span

    @property
    def value(self) -> Span:
        return self.key


def _merge_layer(layer: Layer, root: _Node) -> None:
    if isinstance(layer.values, LayerAction):
        _act(layer, layer.values, root)
        return
    node = root
    for key in layer.at:
        # Setting a value inside something that is not a section turns it into a section.
        if not node.present or not isinstance(node.changes[-1].value, Mapping | list):
            node.changes.append(ValueChange(layer, ChangeKind.SETS, {}))
        node = node.child(key)
    _merge(layer, layer.values, layer.span, node)


def _merge(
    layer: Layer,
    value: Any,
    span: YamlSpan | ArgumentSpan | None,
    node: _Node,
    *,
    replaces: bool = False,
) -> None:
    """Merge a value into a node; with `replaces`, remove every key of the earlier value."""
    # A mandatory value (`???`) never replaces an existing value.
    if value == ABSENT and node.present:
        return
    if isinstance(value, Mapping):
        inside: dict[Any, Any] = dict(value)
        was_mapping = node.present and isinstance(node.changes[-1].value, Mapping)
        replaces = replaces or not was_mapping
    else:
        inside = dict(enumerate(value)) if isinstance(value, list) else {}
        replaces = True
    node.changes.append(ValueChange(layer, ChangeKind.SETS, value, span))
    if replaces:
        removal = ValueChange(layer, ChangeKind.REMOVES, value, span)
        for key, child in node.children.items():
            if key not in inside:
                child.discard(removal)
    for key, item in inside.items():
        _merge(layer, item, span.child(key) if span else None, node.child(key), replaces=replaces)


def _act(layer: Layer, action: LayerAction, root: _Node) -> None:
    if action is LayerAction.LEAVE_EMPTY:
        return
    parent = node = root
    for key in layer.at:
        parent, node = node, node.child(key)
    deletes = action is LayerAction.DELETE
    kind = ChangeKind.REMOVES if deletes else ChangeKind.MOVES
    node.discard(ValueChange(layer, kind, span=layer.span))
    if deletes and isinstance(layer.at[-1], int):
        # The items behind a deleted item move up, so their indices change.
        for sibling in parent.children.values():
            sibling.discard(ValueChange(layer, ChangeKind.MOVES, span=layer.span))


def _same(merged: Any, composed: Any) -> bool:
    if isinstance(merged, list) and isinstance(composed, list):
        return len(merged) == len(composed)  # each item has its own origin
    # NaN is unequal to itself, so the representations are compared, too. `True` equals 1, so the
    # types are compared as well.
    same_type = type(merged) is type(composed)
    return same_type and (merged == composed or repr(merged) == repr(composed))
