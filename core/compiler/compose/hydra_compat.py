"""Differences between Hydra 1.3 with OmegaConf 2.3 and Hydra 1.4 with OmegaConf 2.4.

This package relies on private names of Hydra and OmegaConf, which a release may change:

- `compose` and `apply_overrides` use `create_config_search_path`, `ConfigLoaderImpl`, and its
  attributes `compute_defaults_list`, `repository` and `_apply_overrides_to_config`. Both versions
  have these names.
- `hydra_section` uses `_compose_config_from_defaults_list` of the same class, and sets the
  attribute of `HydraConfig`. Both versions have these names.
- This module replaces `create_defaults_list` in the module of `ConfigLoaderImpl`. Both versions
  call it by this name.
- This module replaces `_create_interpolation_map` in the module of `create_defaults_list`. Hydra
  1.4 has no such function.
- `defaults_list` uses `DefaultsTreeNode` and the classes of defaults list entries. Both versions
  have these names.
- This module uses `split_key`, and `yaml_spans` uses the YAML loader. OmegaConf 2.4 moved both to
  other modules.
- `interpolations` and `apply_overrides` use methods of OmegaConf containers: `_get_node`,
  `_get_parent`, `_key`, and the methods that resolve interpolations. Both versions have these
  names.

`hydra_errors` matches the texts of error messages. If no pattern matches, it uses Hydra's message.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any

import hydra
from hydra._internal import config_loader_impl, defaults_list

_IS_NEW = not hydra.__version__.startswith("1.3.")
"""Whether Hydra is 1.4 or later."""

VERSION_BASE: dict[str, str] = {} if _IS_NEW else {"version_base": "1.3"}
"""Arguments that select the behaviour of Hydra 1.3. Hydra 1.4 warns that they are deprecated."""

MERGES_SCHEMAS = not _IS_NEW
"""Whether Hydra merges a file over the node of the same name in the ConfigStore."""

split_key: Any = import_module(f"omegaconf.{'_key_path' if _IS_NEW else '_utils'}").split_key
"""Function that splits a key, such as ``layers[0].size``, into its parts."""

NODE_LIMIT = 10_000 if _IS_NEW else 250_000
"""Maximum number of YAML nodes in a file, with aliases expanded.

OmegaConf 2.4 raises an error above 10,000 nodes. OmegaConf 2.3 has no limit, so a short file whose
aliases refer to other aliases would exhaust the memory. A limit of 250,000 nodes allows a space of
125,000 parameters.
"""

LIMITS_ALIASES = _IS_NEW
"""Whether OmegaConf limits how often aliases may repeat a node."""


def extends_list(override: Any) -> bool:
    """Tell whether an override appends to a list. Only the grammar of Hydra 1.4 allows this."""
    return _IS_NEW and bool(override.is_list_extend())


@contextmanager
def merging_computed(defaults: Any, values: list[Any]) -> Iterator[None]:
    """Let Hydra merge the configs of a defaults list that it has computed before.

    Hydra's loader would compute the list a second time, and has no parameter for it. That takes a
    seventh of the time of a compilation. Overrides that set values do not change the list; of
    these, Hydra applies `values` to the merged tree.
    """
    computed = replace(defaults, config_overrides=values)
    loader: Any = config_loader_impl
    create = loader.create_defaults_list
    loader.create_defaults_list = lambda **_: computed
    try:
        yield
    finally:
        loader.create_defaults_list = create


@contextmanager
def mapping_choices_when_needed() -> Iterator[None]:
    """Let Hydra map the choices that interpolations refer to only where there are interpolations.

    Hydra 1.3 creates the map for each config of a defaults list, and uses it for entries such as
    ``optimizer: ${model}`` alone. The maps take an eighth of the time of a compilation.
    """
    if _IS_NEW:
        yield
        return
    module: Any = defaults_list
    create = module._create_interpolation_map  # noqa: SLF001 - see the top of this file

    def create_if_needed(overrides: Any, entries: list[Any], *others: Any) -> Any:
        needed = any(entry.is_interpolation() for entry in entries)
        return create(overrides, entries, *others) if needed else None

    module._create_interpolation_map = create_if_needed  # noqa: SLF001
    try:
        yield
    finally:
        module._create_interpolation_map = create  # noqa: SLF001
