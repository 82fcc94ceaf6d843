"""Loads one plugin. A fault of the plugin is recorded, and does not affect other plugins.

Each plugin is registered with its own pluggy manager. A manager validates all its plugins
together, so if plugins shared a manager, one misspelt hook would make every plugin fail.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any, TypeAlias

import pluggy

from sweepwright import hooks
from sweepwright.contracts import (
    AssessorProvider,
    FrameworkProvider,
    PlatformProvider,
    Provider,
    TunerProvider,
)
from sweepwright.diagnostics import did_you_mean

from .option_types import check_schema
from .options import show

PROVIDERS: dict[str, type[Provider]] = {
    "tuner": TunerProvider,
    "assessor": AssessorProvider,
    "platform": PlatformProvider,
    "framework": FrameworkProvider,
}
"""The kinds of plugin, with the type of provider that each offers. The hook ``sweep_tuners``
offers tuners, and so on."""

Offer: TypeAlias = tuple[str, Provider]
"""A provider, together with its kind."""


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """Whether a plugin was loaded, and which providers it offers."""

    name: str
    """Name of the plugin's entry point."""
    distribution: str
    version: str
    state: str = "ok"
    """``ok``, ``broken`` or ``duplicate``."""
    error: str | None = None
    """Description of the fault, on one line; None if there is no fault."""
    offers: tuple[str, ...] = ()
    """The providers that the plugin offers, as they are selected: ``tuner=random``."""

    @property
    def source(self) -> str:
        """Name and version of the plugin's distribution, as in ``sweepwright 0.1.0``."""
        return f"{self.distribution} {self.version}".strip()

    def __str__(self) -> str:
        """Return the plugin's name as it appears in messages."""
        return f"{self.name} ({self.source})"


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """The providers and config folders of a plugin, or those before its fault if it is broken."""

    status: PluginStatus
    offers: tuple[Offer, ...] = ()
    config_paths: tuple[str, ...] = ()


def load_plugin(
    name: str, distribution: str, version: str, load: Callable[[], object]
) -> LoadedPlugin:
    """Load a plugin and call its hooks. Any exception of the plugin is recorded in its status."""
    offers: list[Offer] = []
    paths: list[str] = []
    error = None
    try:
        # Programs may read standard output as JSON, so print the plugin's own output on standard
        # error.
        with redirect_stdout(sys.stderr):
            _ask(_register(load(), name), offers, paths)
    # A module may call `sys.exit` when it is imported. Ctrl-C still ends the program.
    except (Exception, SystemExit) as broken:  # noqa: BLE001 - plugin code may raise anything
        error = _one_line(broken)
    status = PluginStatus(
        name,
        distribution,
        version,
        "broken" if error else "ok",
        error,
        tuple(f"{kind}={provider.name}" for kind, provider in offers),
    )
    return LoadedPlugin(status, tuple(offers), tuple(paths))


class _BadPluginError(Exception):
    """A plugin was loaded, but it does not use the hooks correctly."""


def _register(plugin: object, name: str) -> pluggy.PluginManager:
    """Register a plugin with its own manager, which checks the names of the plugin's hooks."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    manager.register(plugin, name)
    callers = manager.get_hookcallers(plugin) or []
    try:
        # pluggy ignores a hook whose name it does not know, unless it is asked for such hooks.
        manager.check_pending()
    except pluggy.PluginValidationError:
        unknown = next(caller.name for caller in callers if not caller.has_spec())
        help_ = did_you_mean(unknown, [*map(_hook, PROVIDERS), "sweep_config_paths"])
        raise _BadPluginError(f"no hook is called `{unknown}`; {help_}") from None
    if not callers:
        raise _BadPluginError("implements no hook; is `@hookimpl` missing?")
    return manager


def _ask(manager: pluggy.PluginManager, offers: list[Offer], paths: list[str]) -> None:
    """Append the results of the hooks to the lists. A fault does not remove earlier results."""
    for kind in PROVIDERS:
        hook = _hook(kind)
        for provider in _results(manager, hook):
            _check_provider(hook, kind, provider)
            if (kind, provider.name) in [(other, offer.name) for other, offer in offers]:
                raise _BadPluginError(f"`{hook}` offers `{provider.name}` twice")
            offers.append((kind, provider))
    for path in _results(manager, "sweep_config_paths"):
        if not isinstance(path, str) or "://" not in path:
            raise _BadPluginError(
                f"`sweep_config_paths` offers {show(path)}, not a folder as `pkg://package.folder`"
            )
        paths.append(path)


def _results(manager: pluggy.PluginManager, hook: str) -> Iterator[Any]:
    for result in getattr(manager.hook, hook)():
        # A text is iterable, but its characters are no providers.
        if isinstance(result, str) or not isinstance(result, Iterable):
            raise _BadPluginError(f"`{hook}` returned {show(result)}, not a list")
        yield from result


def _hook(kind: str) -> str:
    return f"sweep_{kind}s"


def _check_provider(hook: str, kind: str, provider: Any) -> None:
    wanted = PROVIDERS[kind]
    if not isinstance(provider, wanted):
        another = isinstance(provider, tuple(PROVIDERS.values()))
        what = f"`{provider.name}`, a {type(provider).__name__}" if another else show(provider)
        raise _BadPluginError(f"`{hook}` offers {what}, not a {wanted.__name__}")
    name: Any = provider.name
    # Users write the name in an override, such as `tuner=my_tuner`, where other characters would
    # need quotes.
    if not (isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_]*", name)):
        raise _BadPluginError(
            f"`{hook}` offers the name {show(name)}, which must consist of lower case letters,"
            " digits and underscores"
        )
    if not callable(provider.build):
        raise _BadPluginError(f"`build` of `{name}` is {show(provider.build)}, not a function")
    try:
        check_schema(provider.options)
    except (TypeError, NameError) as fault:
        raise _BadPluginError(f"`{name}` cannot be configured: {fault}") from fault
    if "name" in provider.options.__dataclass_fields__:
        raise _BadPluginError(f"`{name}` has an option `name`, a key that selects the provider")


def _one_line(error: BaseException) -> str:
    if isinstance(error, _BadPluginError):
        return str(error)
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
