"""Layers: the configs, defaults and overrides that a composition merges, in merge order.

`config_layers` lists the configs of Hydra's defaults list. `apply_overrides` adds a layer for each
plugin's defaults and a layer for each override. `provenance` merges the layers a second time to
find out which of them set a value. The docstring of `provenance` has an example.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.default_element import GroupDefault
from hydra.plugins.config_source import ConfigLoadError
from omegaconf import OmegaConf

from ..spans import KeyPath
from ..yaml_spans import YamlSpan
from .argument_spans import ArgumentSpan
from .config_repository import ConfigCache, LoadedConfig
from .defaults_list import ConfigChoice, DefaultsTree
from .hydra_compat import MERGES_SCHEMAS, split_key
from .overrides import ParsedOverride


class LayerAction(Enum):
    """The effect of a layer that has no values to merge."""

    DELETE = "delete"
    """Remove the value, as ``~key`` does."""
    EXTEND = "extend"
    """Append to the list, or move the items of the list in another way."""
    LEAVE_EMPTY = "leave empty"
    """Change nothing. The layer stands for a config group for which no config is chosen."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Values that are merged into the configuration at one path.

    Mappings merge key by key; any other value replaces what was there.
    """

    at: KeyPath
    values: Any
    """Python values without interpolations resolved, or a `LayerAction`."""
    owner: str = ""
    """The plugin or section that the values belong to, if they are not written in any text."""
    span: YamlSpan | ArgumentSpan | None = None
    """Span of the values. Its children are the spans of the values inside."""
    find_choice: Callable[[], ConfigChoice | None] = lambda: None
    """Function that computes `choice`, which only findings and explanations need."""

    @property
    def choice(self) -> ConfigChoice | None:
        """The entry or override that chose the config."""
        return self.find_choice()


def config_layers(
    defaults: Any, cache: ConfigCache, overrides: Sequence[ParsedOverride]
) -> list[Layer]:
    """List the configs of Hydra's defaults list as layers, in merge order.

    The layers of groups that are left empty come last.
    """
    tree = DefaultsTree(defaults, cache, overrides)
    merged = [node for node in tree.merge_order if _is_merged(node)]
    entries = defaults.defaults
    # Hydra flattens the same tree into its list. If the tree and the list ever differ, the layers
    # follow the list, and the choices are unknown.
    same = [node.get_config_path() for node in merged] == [e.config_path for e in entries]
    nodes = merged if same else [None] * len(entries)
    layers = [
        layer
        for entry, node in zip(entries, nodes, strict=True)
        for layer in _layers_of(entry, cache, partial(tree.choice, node))
    ]
    return layers + [
        Layer(
            _package(node.get_final_package()),
            LayerAction.LEAVE_EMPTY,
            find_choice=partial(tree.choice, node),
        )
        for node in tree.merge_order
        if _is_left_empty(node)
    ]


def _is_merged(node: Any) -> bool:
    """Tell whether Hydra's rules put a node of the tree into the defaults list."""
    if node.is_virtual() or node.is_deleted() or node.is_missing():
        return False
    return node.get_name() not in (None, "_dummy_empty_config_")


def _is_left_empty(node: Any) -> bool:
    """Tell whether a node is a group that deliberately has no config.

    A group whose config must still be chosen (``???``) does not count.
    """
    if not isinstance(node, GroupDefault) or node.is_missing():
        return False
    return node.is_deleted() or node.get_name() is None


def _layers_of(
    entry: Any, cache: ConfigCache, find_choice: Callable[[], ConfigChoice | None]
) -> Iterator[Layer]:
    at = _package(entry.package)
    config = cache.configs.get(entry.config_path.removesuffix(".yaml"))
    # Hydra's own section is removed after composition.
    if config is None or at[:1] == ("hydra",):
        return
    # `tuner/random.yaml` in the user's folder extends the defaults of the provider `random`.
    if config.file and MERGES_SCHEMAS and (schema := _schema(config)):
        yield Layer(at, schema.values, _owner(schema))
    yield Layer(at, config.values, _owner(config), config.span, find_choice)


def _schema(config: LoadedConfig) -> LoadedConfig | None:
    """Return the config that a plugin offers in memory under the name of a file.

    Hydra 1.3 merges the file over this config.
    """
    try:
        found = ConfigStore.instance().load(f"{config.config_path}.yaml")
    except ConfigLoadError:
        return None
    values = OmegaConf.to_container(found.node, resolve=False)
    return LoadedConfig(config.config_path, found.provider or "", values)


def _package(name: str | None) -> KeyPath:
    return tuple(split_key(name)) if name else ()


def _owner(config: LoadedConfig) -> str:
    group, _, name = config.config_path.rpartition("/")
    return f"`{group}={name}` in {config.provider}"
