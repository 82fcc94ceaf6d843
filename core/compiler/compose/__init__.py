"""Compose the configuration with Hydra, and find where each of its values is written.

Only this package and the command line use Hydra and OmegaConf. The command line needs them for
multiruns and for Hydra's own flags.
"""

from .compose import compose, compose_traced
from .config_repository import CONFIG_FOLDER, CONFIG_NAME
from .plugin_groups import register_groups

__all__ = ["CONFIG_FOLDER", "CONFIG_NAME", "compose", "compose_traced", "register_groups"]
