"""Make the providers and config folders of plugins selectable in Hydra, as in ``tuner=<name>``.

Hydra keeps providers and folders in two process-wide singletons: the ConfigStore and the list of
search path plugins. Registering a registry therefore replaces the entries of an earlier registry.
"""

import warnings

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from ...registry.options import option_defaults
from ...registry.registry import KINDS, Registry


class PluginFolders(SearchPathPlugin):
    """Appends the config folders of plugins to Hydra's search path.

    The folders come after the built-in folder and before the folder of ``--config-dir``. If
    several folders contain a file of the same name, Hydra loads the first file on the search path,
    and `report_shadowed` warns of the others.
    """

    folders: tuple[str, ...] = ()

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append the folders of the registry that was registered last."""
        for folder in self.folders:
            search_path.append("plugins", folder)


def register_groups(registry: Registry) -> None:
    """Replace the defaults in Hydra's ConfigStore by those of this registry's providers.

    The defaults are dictionaries rather than structured configs, since OmegaConf would stop at the
    first wrong type in a structured config. The bind pass checks types and names instead, and
    reports all faults with their spans.
    """
    # A multirun composes each of its sweeps with the same registry, which never changes.
    if _registries == [registry]:
        return
    _unregister()
    _registries[:] = [registry]
    store = ConfigStore.instance()
    for kind in KINDS:
        for name in registry.names(kind):
            node = {"name": name, **option_defaults(registry.find(kind, name).options)}
            provider = registry.distribution(kind, name)
            store.store(name, node, group=kind, provider=provider)
            _registered.add((kind, f"{name}.yaml"))
    # Hydra 1.3 merges a file named after a provider over the provider's defaults, but warns that
    # this is deprecated.
    warnings.filterwarnings("ignore", r"\s*'.*' is validated against ConfigStore schema")
    PluginFolders.folders = tuple(registry.config_paths)
    Plugins.instance().register(PluginFolders)


_registered: set[tuple[str, str]] = set()
_registries: list[Registry] = []
"""The one registry whose providers are in the ConfigStore; empty before the first registration."""


def _unregister() -> None:
    """Remove the entries of an earlier registry from the ConfigStore."""
    repository = ConfigStore.instance().repo
    for kind, name in _registered:
        repository.get(kind, {}).pop(name, None)
        # An empty group would make `--help` recurse without end.
        if not repository.get(kind, True):
            del repository[kind]
    _registered.clear()
