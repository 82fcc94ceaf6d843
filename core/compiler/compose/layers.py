"""Layers: what a composition is made of, each laid over those before as Hydra lays them.

Trace a composition: which layers it is made of, and who chose them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.default_element import GroupDefault
from hydra.plugins.config_source import ConfigLoadError
from omegaconf import OmegaConf

from ...registry.options import ABSENT
from ..spans import EntrySpan, KeyPath
from ..yaml_spans import YamlSpan
from .argument_spans import ArgumentSpan
from .config_repository import ConfigCache, Source
from .defaults_list import Choice, Choices
from .hydra_compat import SCHEMAS_MATCH, split_key
from .overrides import ParsedOverride


class Change(Enum):
    """What a layer does to a value."""

    SETS = "set"
    REMOVES = "removed"
    """Deletes it, or puts something else in the place of a section around it."""
    MOVES = "moved"
    """Changes the list around it, so that its index is another one."""


class LayerAction(Enum):
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
    mark: YamlSpan | ArgumentSpan | None = None
    """Where each of them is written."""
    ask: Callable[[], Choice | None] = lambda: None
    """Finds out who chose it, which only findings and explanations want to know."""

    @property
    def choice(self) -> Choice | None:
        """Who chose it."""
        return self.ask()

    def told(self, path: KeyPath) -> "ValueChange | None":
        """Tell what it does to the value at a path, None for nothing."""
        if isinstance(self.values, LayerAction):
            return self._done(self.values, path)
        if path[: len(self.at)] != self.at:
            return None
        value, mark = self.values, self.mark
        for key in path[len(self.at) :]:
            if isinstance(value, Mapping) and key not in value:
                return None
            if not isinstance(value, Mapping) and not _has_item(value, key):
                return None if value == ABSENT else ValueChange(self, Change.REMOVES, value, mark)
            value, mark = value[key], mark.child(key) if mark else None
        return ValueChange(self, Change.SETS, value, mark)

    def makes(self, path: KeyPath) -> bool:
        """Tell whether it makes a section, by what it puts inside."""
        inside = len(self.at) > len(path) and self.at[: len(path)] == path
        return inside and not isinstance(self.values, LayerAction)

    def _done(self, deed: LayerAction, path: KeyPath) -> "ValueChange | None":
        if deed is LayerAction.NOTHING:
            return None
        depth = len(self.at)
        if path[:depth] == self.at:
            change = Change.REMOVES if deed is LayerAction.DELETE else Change.MOVES
            return ValueChange(self, change, mark=self.mark)
        in_list = isinstance(self.at[-1], int) and path[: depth - 1] == self.at[:-1]
        moves = in_list and len(path) >= depth
        return ValueChange(self, Change.MOVES, mark=self.mark) if moves else None


@dataclass(frozen=True, slots=True)
class ValueChange:
    """What a layer does to one value."""

    layer: Layer
    change: Change
    value: Any = None
    """What it sets, here or in the place of a section around."""
    mark: YamlSpan | ArgumentSpan | None = None

    @property
    def place(self) -> EntrySpan | None:
        """Where that is written, None for what no text holds."""
        return self.mark


def _has_item(value: Any, key: str | int) -> bool:
    return isinstance(value, list) and isinstance(key, int) and key < len(value)


def trace(defaults: Any, shelf: ConfigCache, given: Sequence[ParsedOverride]) -> list[Layer]:
    """List the configs of Hydra's defaults list as layers, in the order in which they merge.

    Groups that are left empty come at the end.
    """
    choices = Choices(defaults, shelf, given)
    nodes = [node for node in choices.merged if _is_laid(node)]
    entries = defaults.defaults
    # Should Hydra merge something else than its tree says, nobody is said to have chosen it.
    known = [node.get_config_path() for node in nodes] == [entry.config_path for entry in entries]
    asked = nodes if known else [None] * len(entries)
    return [
        layer
        for entry, node in zip(entries, asked, strict=True)
        for layer in _layers(entry, shelf, partial(choices.choice, node))
    ] + [
        Layer(
            _package(node.get_final_package()),
            LayerAction.NOTHING,
            ask=partial(choices.choice, node),
        )
        for node in choices.merged
        if _is_empty(node)
    ]


def _is_laid(node: Any) -> bool:
    """Tell whether a node of the tree is in the defaults list, by the rules of Hydra's own."""
    if node.is_virtual() or node.is_deleted() or node.is_missing():
        return False
    return node.get_name() not in (None, "_dummy_empty_config_")


def _is_empty(node: Any) -> bool:
    """Tell whether a group was left without a config, rather than not yet given one."""
    if not isinstance(node, GroupDefault) or node.is_missing():
        return False
    return node.is_deleted() or node.get_name() is None


def _layers(entry: Any, shelf: ConfigCache, ask: Callable[[], Choice | None]) -> Iterator[Layer]:
    at = _package(entry.package)
    source = shelf.sources.get(entry.config_path.removesuffix(".yaml"))
    if source is None or at[:1] == ("hydra",):
        return
    if source.file and SCHEMAS_MATCH:
        yield from (Layer(at, beneath.values, _owner(beneath)) for beneath in _schema(source))
    yield Layer(at, source.values, _owner(source), source.mark, ask=ask)


def _schema(source: Source) -> Iterator[Source]:
    """Find what a plugin offers under the name of a file, which Hydra 1.3 lays beneath it."""
    try:
        found = ConfigStore.instance().load(f"{source.config_path}.yaml")
    except ConfigLoadError:
        return
    values = OmegaConf.to_container(found.node, resolve=False)
    yield Source(source.config_path, found.provider or "", values)


def _package(name: str | None) -> KeyPath:
    return tuple(split_key(name)) if name else ()


def _owner(source: Source) -> str:
    group, _, name = source.config_path.rpartition("/")
    return f"`{group}={name}` in {source.provider}"
