"""Loading of one plugin: its faults are recorded, and affect no other plugin.

Each plugin is registered with a pluggy manager of its own. A manager checks all of its plugins at
once, so that one misspelt hook would make every plugin fail.
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
"""The kinds of plugin, each with the type of its providers; ``sweep_<kind>s`` offers them."""

Offer: TypeAlias = tuple[str, Provider]
"""A kind with a provider of it."""


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """Whether one plugin was loaded, and what it offers."""

    name: str
    """Name of its entry point."""
    distribution: str
    version: str
    state: str = "ok"
    """``ok``, ``broken`` or ``duplicate``."""
    error: str | None = None
    """The fault, in one line."""
    offers: tuple[str, ...] = ()
    """Its providers, as on the command line: ``tuner=random``."""

    @property
    def source(self) -> str:
        """The distribution with its version, as in ``sweepwright 0.1.0``."""
        return f"{self.distribution} {self.version}".strip()

    def __str__(self) -> str:
        """Format the plugin's name as in messages."""
        return f"{self.name} ({self.source})"


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """One plugin with its providers and folders; of a broken one, those before the fault."""

    status: PluginStatus
    offers: tuple[Offer, ...] = ()
    config_paths: tuple[str, ...] = ()


def load_plugin(
    name: str, distribution: str, version: str, load: Callable[[], object]
) -> LoadedPlugin:
    """Load a plugin and call its hooks; whatever the plugin raises becomes its status."""
    offers: list[Offer] = []
    paths: list[str] = []
    error = None
    try:
        # Standard output may be read as JSON; what a plugin prints goes to standard error.
        with redirect_stdout(sys.stderr):
            _ask(_register(load(), name), offers, paths)
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
    """A plugin that can be loaded, but does not keep to the hooks."""


def _register(plugin: object, name: str) -> pluggy.PluginManager:
    """Register the plugin with a manager of its own, which checks the names of its hooks."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    manager.register(plugin, name)
    callers = manager.get_hookcallers(plugin) or []
    try:
        manager.check_pending()
    except pluggy.PluginValidationError:
        unknown = next(caller.name for caller in callers if not caller.has_spec())
        help_ = did_you_mean(unknown, [*map(_hook, PROVIDERS), "sweep_config_paths"])
        raise _BadPluginError(f"no hook is called `{unknown}`; {help_}") from None
    if not callers:
        raise _BadPluginError("implements no hook; is `@hookimpl` missing?")
    return manager


def _ask(manager: pluggy.PluginManager, offers: list[Offer], paths: list[str]) -> None:
    """Collect what the hooks return, in place, so that a fault leaves what came before it."""
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
