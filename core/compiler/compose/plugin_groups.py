"""Make what plugins offer selectable in Hydra, as in ``tuner=<name>``.

Hydra keeps both in process-wide singletons, the ConfigStore and the list of search path plugins,
so registering replaces what an earlier registry left there.
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

    They come behind the built-in folder, whose files of the same name win, and before the folder
    of ``--config-dir``. `report_shadowed` warns of a file that is hidden.
    """

    folders: tuple[str, ...] = ()

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append the folders of the registry that was registered last."""
        for folder in self.folders:
            search_path.append("plugins", folder)


def register_groups(registry: Registry) -> None:
    """Put every provider's defaults into Hydra's ConfigStore, in place of an earlier registry's.

    They are plain values rather than structured configs, with which OmegaConf would stop at the
    first wrong type. The bind pass checks types and names, reports all faults, and has spans.
    """
    _unregister()
    store = ConfigStore.instance()
    for kind in KINDS:
        for name in registry.names(kind):
            node = {"name": name, **option_defaults(registry.find(kind, name).options)}
            provider = registry.distribution(kind, name)
            store.store(name, node, group=kind, provider=provider)
            _registered.add((kind, f"{name}.yaml"))
    # A file named after a provider is merged over its defaults; Hydra 1.3 deprecates that.
    warnings.filterwarnings("ignore", r"\s*'.*' is validated against ConfigStore schema")
    PluginFolders.folders = tuple(registry.config_paths)
    Plugins.instance().register(PluginFolders)


_registered: set[tuple[str, str]] = set()


def _unregister() -> None:
    """Remove what an earlier registry put into the ConfigStore."""
    repository = ConfigStore.instance().repo
    for kind, name in _registered:
        repository.get(kind, {}).pop(name, None)
        # With an empty group, `--help` would recurse without end.
        if not repository.get(kind, True):
            del repository[kind]
    _registered.clear()
