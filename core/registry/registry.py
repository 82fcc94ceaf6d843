"""The registry: the providers of all installed plugins, by kind and name.

A faulty plugin matters only if a sweep selects a provider that the plugin offers or may offer.
Only then is the fault reported, in a message that starts with the plugin's name.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import Distribution, entry_points
from typing import Any, Literal, overload

from sweepwright.contracts import (
    Assessor,
    AssessorProvider,
    Framework,
    FrameworkProvider,
    Platform,
    PlatformProvider,
    PluginError,
    Problem,
    Provider,
    Tuner,
    TunerProvider,
    Workspace,
)
from sweepwright.diagnostics import did_you_mean
from sweepwright.hooks import PROJECT

from ..plan.plan import Selection
from .loading import PROVIDERS, LoadedPlugin, PluginStatus, load_plugin
from .options import build_options, check_options

KINDS = tuple(PROVIDERS)
"""The kinds of plugin. Each kind is also the name of a config group."""

IN_MEMORY = "in-memory"
"""Stands in place of a distribution's name for plugins that belong to no distribution."""


@dataclass(eq=False)
class UnknownProvider(LookupError):  # noqa: N818 - reads as the fact it states
    """No plugin offers a provider of this name."""

    kind: str
    name: str
    known: list[str]
    help: str

    def __str__(self) -> str:
        """Return the message and the help on one line."""
        return f"no {self.kind} is called `{self.name}`; {self.help}"


class DuplicateProvider(PluginError):  # noqa: N818 - reads as the fact it states
    """Several plugins offer a provider of the same kind under the same name."""

    def __init__(self, kind: str, name: str, plugins: Sequence[PluginStatus]) -> None:
        """Write a message that names all these plugins, in the order in which they are given."""
        first, *others = map(str, plugins)
        also = " and ".join(others)
        super().__init__(f"{first}: `{kind}={name}` is offered by {also} as well; uninstall one")
        self.fact = f"`{kind}={name}` is offered by {first} and by {also}"


@dataclass(frozen=True, slots=True)
class _Offer:
    provider: Provider
    plugin: PluginStatus


class Registry:
    """Providers by kind and name. Looking up a provider of a faulty plugin raises an error."""

    def __init__(self, loaded: Iterable[LoadedPlugin]) -> None:
        """Index the providers of plugins that were loaded by `load_plugin`."""
        self._offers: dict[tuple[str, str], list[_Offer]] = defaultdict(list)
        self.config_paths: list[str] = []
        self.plugins: list[PluginStatus] = []
        for plugin in loaded:
            self.plugins.append(plugin.status)
            self.config_paths += plugin.config_paths
            for kind, provider in plugin.offers:
                self._offers[kind, provider.name].append(_Offer(provider, plugin.status))
        # Duplicates are only known after all plugins have been indexed.
        self.plugins = [self._marked(status) for status in self.plugins]

    @classmethod
    def load(cls) -> "Registry":
        """Load all plugins that are installed with an entry point in the group ``sweepwright``."""
        # The order of installation must not change the order of messages.
        found = sorted(entry_points(group=PROJECT), key=lambda entry: entry.name)
        return cls(load_plugin(e.name, *_distribution(e.dist), e.load) for e in found)

    @classmethod
    def of(cls, plugins: Mapping[str, object]) -> "Registry":
        """Create a registry from plugin objects, given by name."""
        return cls(
            load_plugin(name, IN_MEMORY, "0", lambda plugin=plugin: plugin)  # type: ignore[misc]  # bound now
            for name, plugin in plugins.items()
        )

    @overload
    def find(self, kind: Literal["tuner"], name: str) -> TunerProvider[Any]: ...
    @overload
    def find(self, kind: Literal["assessor"], name: str) -> AssessorProvider[Any]: ...
    @overload
    def find(self, kind: Literal["platform"], name: str) -> PlatformProvider[Any]: ...
    @overload
    def find(self, kind: Literal["framework"], name: str) -> FrameworkProvider[Any]: ...
    @overload
    def find(self, kind: str, name: str) -> Provider: ...
    def find(self, kind: str, name: str) -> Provider:
        """Look up a provider.

        Raises
        ------
        UnknownProvider
            When no plugin offers the provider. The help lists broken plugins, because a broken
            plugin might offer the provider.
        PluginError
            When the plugin that offers the provider is broken, or several plugins offer it.
        """
        return self._find(kind, name).provider

    def names(self, kind: str) -> list[str]:
        """List the names of the selectable providers of a kind."""
        return sorted(
            name
            for (of, name), offers in self._offers.items()
            if of == kind and len(_valid(offers)) == 1
        )

    def distribution(self, kind: str, name: str) -> str:
        """Return the name and version of the distribution that offers a provider."""
        return self._find(kind, name).plugin.source

    def build_tuner(
        self, selected: Selection, problem: Problem, sampler: Tuner | None = None
    ) -> Tuner:
        """Build a tuner. If `sampler` is given, the sampler chooses the tuner's assignments."""
        tuner: Tuner = self._build(selected, problem, *([sampler] if sampler else []))
        return tuner

    def build_assessor(self, selected: Selection, problem: Problem) -> Assessor:
        """Build an assessor."""
        assessor: Assessor = self._build(selected, problem)
        return assessor

    def build_platform(self, selected: Selection, workspace: Workspace) -> Platform:
        """Build a platform for one sweep."""
        platform: Platform = self._build(selected, workspace)
        return platform

    def build_framework(self, selected: Selection) -> Framework:
        """Build a framework."""
        framework: Framework = self._build(selected)
        return framework

    def _build(self, selected: Selection, *arguments: Any) -> Any:
        """Build the selected plugin with its options. Any failure becomes a `PluginError`."""
        offer = self._find(selected.kind, selected.name)
        what = f"{offer.plugin}: {selected.kind} `{selected.name}`"
        # The options may come from an old journal, and the plugin may have changed since.
        if faults := check_options(offer.provider.options, selected.options):
            raise PluginError(f"{what}: {'; '.join(fault.message for fault in faults)}")
        try:
            options = build_options(offer.provider.options, selected.options)
            build: Callable[..., Any] = offer.provider.build
            return build(options, *arguments)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise PluginError(f"{what} could not be built: {said}") from error

    def _find(self, kind: str, name: str) -> _Offer:
        match _valid(self._offers.get((kind, name), [])):
            case [offer]:
                return offer
            case [_, _, *_] as offers:
                raise DuplicateProvider(kind, name, [offer.plugin for offer in offers])
        self._raise_broken(kind, name)
        raise UnknownProvider(kind, name, self.names(kind), self._help(kind, name))

    def _raise_broken(self, kind: str, name: str) -> None:
        """Raise an error if a broken plugin offers this provider or has the provider's name."""
        for plugin in self._broken():
            # A plugin that breaks at its import offers nothing, but its name may tell what it
            # would have offered: the plugin of the built-in `tuner=tpe` is called `tuner.tpe`.
            if f"{kind}={name}" in plugin.offers or plugin.name == f"{kind}.{name}":
                raise PluginError(f"{plugin}: is broken: {plugin.error}")

    def _help(self, kind: str, name: str) -> str:
        suspects = [f"plugin {plugin} is broken: {plugin.error}" for plugin in self._broken()]
        missing = [] if suspects else [f"if a plugin offers `{name}`, install it"]
        known = did_you_mean(name, self.names(kind))
        return "; ".join([*([known] if known else []), *suspects, *missing])

    def _broken(self) -> list[PluginStatus]:
        return [plugin for plugin in self.plugins if plugin.state == "broken"]

    def _marked(self, status: PluginStatus) -> PluginStatus:
        """Mark the status of a plugin if another plugin offers a provider of the same name."""
        for (kind, name), offers in self._offers.items():
            plugins = [offer.plugin for offer in _valid(offers)]
            if len(plugins) > 1 and status in plugins:
                others = " and ".join(str(other) for other in plugins if other != status)
                error = f"`{kind}={name}` is offered by {others} as well"
                return replace(status, state="duplicate", error=error)
        return status


def _valid(offers: list[_Offer]) -> list[_Offer]:
    return [offer for offer in offers if offer.plugin.state == "ok"]


# A distribution has many entry points, and each look at its name parses its metadata again.
@cache
def _distribution(found: Distribution | None) -> tuple[str, str]:
    return (found.name, found.version) if found else (IN_MEMORY, "0")
