"""Compose the configuration with Hydra, and find where each of its values is written.

Hydra and OmegaConf are used in here, and in the command line for multiruns and Hydra's own flags.
"""

from .compose import compose, compose_traced
from .config_repository import CONFIG_FOLDER, CONFIG_NAME
from .plugin_groups import register_groups

__all__ = ["CONFIG_FOLDER", "CONFIG_NAME", "compose", "compose_traced", "register_groups"]
