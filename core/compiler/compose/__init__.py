"""Sources: composes the configuration, with a place for every key; all of Hydra's is in here."""

from .compose import CONFIG_FOLDER, CONFIG_NAME, compose, compose_traced
from .plugin_groups import register_groups

__all__ = ["CONFIG_FOLDER", "CONFIG_NAME", "compose", "compose_traced", "register_groups"]
