"""The hooks through which plugins offer tuners, assessors, platforms and frameworks.

A plugin is a module (or object) named by an entry point of the group ``sweepwright``::

    [project.entry-points.sweepwright]
    mine = "my_package.plugin"

It implements any of these hooks with ``@hookimpl``. A hook only returns declarations, such as
providers. All hooks are called at every start, before Hydra composes the configuration. So a hook
must not import slow modules, read files or have effects.
"""

from collections.abc import Iterable
from typing import Any

import pluggy

from .contracts import AssessorProvider, FrameworkProvider, PlatformProvider, TunerProvider

PROJECT = "sweepwright"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def sweep_tuners() -> Iterable[TunerProvider[Any]]:  # type: ignore[empty-body]
    """Offer tuners, each under the name that ``tuner=<name>`` selects."""


@hookspec
def sweep_assessors() -> Iterable[AssessorProvider[Any]]:  # type: ignore[empty-body]
    """Offer assessors, each under the name that ``assessor=<name>`` selects."""


@hookspec
def sweep_platforms() -> Iterable[PlatformProvider[Any]]:  # type: ignore[empty-body]
    """Offer platforms, each under the name that ``platform=<name>`` selects."""


@hookspec
def sweep_frameworks() -> Iterable[FrameworkProvider[Any]]:  # type: ignore[empty-body]
    """Offer frameworks, each under the name that ``framework=<name>`` selects."""


@hookspec
def sweep_config_paths() -> Iterable[str]:  # type: ignore[empty-body]
    """Offer folders of YAML files, as ``pkg://package.folder``; built-in folders come first."""
