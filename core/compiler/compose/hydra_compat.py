"""Versions: what Hydra 1.3 and 1.4, each with its OmegaConf, have under different names."""

from importlib import import_module
from typing import Any

import hydra

_NEW = not hydra.__version__.startswith("1.3.")

BASE: dict[str, str] = {} if _NEW else {"version_base": "1.3"}
"""What Hydra wants to be told of itself; 1.4 warns of whoever tells it."""

SCHEMAS_MATCH = not _NEW
"""Whether a file is merged over what a plugin offers under the same name."""

split_key: Any = import_module(f"omegaconf.{'_key_path' if _NEW else '_utils'}").split_key
"""Splits a key, such as ``layers[0].size``, into its parts."""

NODE_LIMIT = 10_000 if _NEW else 250_000
"""YAML nodes that are read of one file; the older OmegaConf has no limit, but patience has."""

LIMITS_ALIASES = _NEW
"""Whether aliases may repeat only so much."""


def extends_list(override: Any) -> bool:
    """Tell whether an override appends to a list, which 1.4 has a grammar for."""
    return _NEW and bool(override.is_list_extend())
