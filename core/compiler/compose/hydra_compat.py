"""Differences between Hydra 1.3 with OmegaConf 2.3 and Hydra 1.4 with OmegaConf 2.4.

Private names of Hydra and OmegaConf that this package relies on, and that a release may change:

- `ConfigLoaderImpl`, its `compute_defaults_list`, `repository` and `_apply_overrides_to_config`,
  and `create_config_search_path`: `compose`, `apply_overrides`. Both versions have them.
- `DefaultsTreeNode` and the kinds of defaults list entries: `defaults_list`. Both have them.
- `split_key` and the YAML loader, which 2.4 moved to other modules: here and in `yaml_spans`.
- `_get_node`, `_get_parent`, `_key` and the resolution of interpolations of OmegaConf containers:
  `interpolations`, `apply_overrides`. Both versions have them.

`hydra_errors` matches the texts of errors, and falls back on Hydra's words where none matches.
"""

from importlib import import_module
from typing import Any

import hydra

_IS_NEW = not hydra.__version__.startswith("1.3.")
"""Whether Hydra is 1.4 or later."""

VERSION_BASE: dict[str, str] = {} if _IS_NEW else {"version_base": "1.3"}
"""Arguments that select Hydra 1.3's behaviour; 1.4 deprecates them and warns."""

MERGES_SCHEMAS = not _IS_NEW
"""Whether a file is merged over the node of the same name in the ConfigStore."""

split_key: Any = import_module(f"omegaconf.{'_key_path' if _IS_NEW else '_utils'}").split_key
"""Splits a key, such as ``layers[0].size``, into its parts."""

NODE_LIMIT = 10_000 if _IS_NEW else 250_000
"""YAML nodes that a file may have, with aliases expanded.

OmegaConf 2.4 raises above 10,000. OmegaConf 2.3 has no limit, and a short file whose aliases refer
to aliases would fill the memory; 250,000 leaves room for a space of 125,000 parameters.
"""

LIMITS_ALIASES = _IS_NEW
"""Whether OmegaConf limits how often aliases may repeat a node."""


def extends_list(override: Any) -> bool:
    """Tell whether an override appends to a list, for which only 1.4 has a grammar."""
    return _IS_NEW and bool(override.is_list_extend())
