"""Trace a composition: which layers it is made of, and who chose them."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.default_element import GroupDefault
from hydra.plugins.config_source import ConfigLoadError
from omegaconf import OmegaConf

from ..stages import KeyPath
from .choices import Choice, Choices
from .layers import Deed, Layer
from .overrides import Given
from .repository import Shelf, Source
from .versions import SCHEMAS_MATCH, split_key


def trace(defaults: Any, shelf: Shelf, given: Sequence[Given]) -> list[Layer]:
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
        Layer(_package(node.get_final_package()), Deed.NOTHING, ask=partial(choices.choice, node))
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


def _layers(entry: Any, shelf: Shelf, ask: Callable[[], Choice | None]) -> Iterator[Layer]:
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
