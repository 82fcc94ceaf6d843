"""Ends what a sweep left running, and removes its files outside the store."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ...plan.plan import Plan, Selection
from ...registry.options import build_options
from ...registry.registry import Registry
from .open_files import converting_platform_errors, recorded_workspace


def cleans_up(platform: Selection, registry: Registry) -> bool:
    """Tell whether a platform may leave anything outside the store."""
    return registry.find("platform", platform.name).cleanup is not None


def loses_checkpoints(platforms: Iterable[Selection], registry: Registry) -> bool:
    """Tell whether a cleanup removes checkpoints; they stay where a platform names their place."""
    providers = (registry.find("platform", each.name) for each in platforms)
    return any(each.cleanup is not None and each.checkpoint_place is None for each in providers)


def clean_up(platform: Selection, folder: Path, plan: Plan, registry: Registry) -> Iterator[str]:
    """Let a platform clean up after a sweep, and yield a line for each thing done.

    Raises
    ------
    StoreError
        When a machine cannot be reached.
    PluginError
        When the platform fails.
    """
    provider = registry.find("platform", platform.name)
    if provider.cleanup is None:
        return
    with converting_platform_errors(platform):
        options = build_options(provider.options, platform.options)
        yield from provider.cleanup(options, recorded_workspace(folder, plan))
