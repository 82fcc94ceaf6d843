"""Hydra's own section, which is merged once for all compositions of a process.

A defaults list begins with nine configs that Hydra brings along. They are more than half of what
Hydra merges, and they are the same in each composition unless a group of theirs is overridden.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from itertools import takewhile
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.default_element import ResultDefault
from hydra.core.hydra_config import HydraConfig
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig, OmegaConf, open_dict

_NAME = "hydra/merged"
"""Config path of what the configs of a section are merged to."""
_MERGED: dict[tuple[tuple[str, str], ...], DictConfig] = {}
"""Merged configs, by the config paths and packages of what was merged."""


def merge_section_once(
    defaults: Any, loader: ConfigLoaderImpl, results: dict[str, ConfigResult]
) -> Any:
    """Return a defaults list in which one merged config replaces those of Hydra at the beginning.

    `results` are the results of loading configs, to which the merged config is added.
    """
    own = list(takewhile(lambda entry: _is_hydras(entry, results), defaults.defaults))
    key = tuple((entry.config_path, entry.package) for entry in own)
    if key not in _MERGED:
        merge = loader._compose_config_from_defaults_list  # noqa: SLF001 - Hydra has no public name for it
        _MERGED[key] = merge(own, loader.repository)
    # Composition moves the nodes to the tree, where overrides change them.
    section = deepcopy(_MERGED[key])
    results[_NAME] = ConfigResult("hydra", "", section, {"package": ""}, is_schema_source=True)
    merged = ResultDefault(_NAME, package="", primary=True)
    return replace(defaults, defaults=[merged, *defaults.defaults[len(own) :]])


def _is_hydras(entry: ResultDefault, results: Mapping[str, ConfigResult]) -> bool:
    result = results.get(str(entry.config_path).removesuffix(".yaml"))
    return result is not None and result.provider == "hydra"


def take_section(tree: DictConfig) -> DictConfig:
    """Remove Hydra's section from a tree, and return it."""
    section: DictConfig = tree.hydra
    with open_dict(tree):
        del tree["hydra"]
    return section


def publish_section(section: DictConfig, tree: DictConfig) -> None:
    """Store Hydra's section in the singleton that ``${hydra:…}`` reads.

    This function does what `HydraConfig.set_config` does, but copies nothing.
    """
    OmegaConf.set_readonly(section, value=True)
    config = OmegaConf.create(flags={"no_deepcopy_set_nodes": True})
    config.hydra = section
    # The section may refer to the rest of the tree, which no longer contains it.
    section._set_parent(tree)  # noqa: SLF001 - Hydra does the same
    HydraConfig.instance().cfg = config  # type: ignore[assignment]  # Hydra ignores it too
