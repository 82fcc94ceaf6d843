"""Groups: makes what plugins offer selectable in Hydra, as ``tuner=<name>`` is."""

import warnings

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from ...registry.options import option_defaults
from ...registry.registry import KINDS, Registry


class PluginFolders(SearchPathPlugin):
    """Puts the folders that plugins offer behind the user's own, which so win."""

    folders: tuple[str, ...] = ()

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append the folders of the registry that was registered last."""
        for folder in self.folders:
            search_path.append("plugins", folder)


def register_groups(registry: Registry) -> None:
    """Offer every provider's defaults in Hydra's ConfigStore; what was there before is replaced.

    They are plain data: types and names are checked by the bind pass, which finds all that is
    wrong and knows where it is written.
    """
    _forget()
    store = ConfigStore.instance()
    for kind in KINDS:
        for name in registry.names(kind):
            node = {"name": name, **option_defaults(registry.find(kind, name).options)}
            provider = registry.distribution(kind, name)
            store.store(name, node, group=kind, provider=provider)
            _registered.add((kind, f"{name}.yaml"))
    # A file of a provider's name amends the provider's defaults, which Hydra 1.3 would rather not.
    warnings.filterwarnings("ignore", r"\s*'.*' is validated against ConfigStore schema")
    PluginFolders.folders = tuple(registry.config_paths)
    Plugins.instance().register(PluginFolders)


_registered: set[tuple[str, str]] = set()


def _forget() -> None:
    """Take out what an earlier registry offered; an empty group would make `--help` recurse."""
    repository = ConfigStore.instance().repo
    for kind, name in _registered:
        repository.get(kind, {}).pop(name, None)
        if not repository.get(kind, True):
            del repository[kind]
    _registered.clear()
