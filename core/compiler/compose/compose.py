"""Compose the configuration with Hydra, report every fault, and compose the valid remainder.

Hydra raises at the first fault, so this module isolates faults by elimination. It composes,
attributes the error to one file, choice or override, reports the error, removes the culprit, and
composes again, until the remainder composes. Each round removes one culprit, so the loop ends.

1. `read_overrides` parses each argument by itself and leaves out the invalid ones.
2. `_compute_defaults` repeats the computation of the defaults list. A config that does not exist,
   or whose defaults list is invalid, becomes an empty config (`ConfigCache.broken`). If the error
   names no file, the culprit is the last override whose removal changes the error.
   A file with broken YAML raises no error: `TolerantRepository` replaces it by an empty config.
3. `_mark_broken_sections` marks the sections of empty configs as invalid. Later passes skip them.
   An empty config at the root, such as an experiment, could have set any key of the
   configuration, so compilation ends.
4. `_merge` lets Hydra merge the configs without the overrides that set values. If the configs do
   not merge, there is no tree, and compilation ends.
5. `apply_overrides` applies the overrides that set values, one by one.

The defaults list is computed with ``RunMode.MULTIRUN``, even for a single run. The mode's only
effect on composition is that Hydra skips a group whose choice is still ``???``. In
``RunMode.RUN`` Hydra raises at the first such group, but this module must report all of them.

`hydra_compat` lists the private names in use here. Decision 0013 says why sweepwright uses Hydra.
"""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.global_hydra import GlobalHydra
from hydra.core.utils import setup_globals
from hydra.errors import MissingConfigException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from sweepwright.diagnostics import Code, Report, Span

from ...registry.options import ABSENT
from ...registry.registry import Registry
from ..settings import SECTIONS, known_settings
from ..spans import KeyPath, Spans
from ..stages import Composed
from .apply_overrides import OverrideTargets, add_defaults, apply_overrides
from .config_repository import CONFIG_FOLDER, CONFIG_NAME, ConfigCache, TolerantRepository
from .group_choices import find_requesting_entry, report_shadowed, report_unknown_choice
from .hydra_compat import VERSION_BASE, mapping_choices_when_needed, merging_computed
from .hydra_errors import (
    REFUSALS,
    conflict,
    first_line,
    missing_folders,
    named_config,
    suggest_override,
    suggest_package,
)
from .hydra_section import merge_section_once, publish_section, take_section
from .layers import config_layers
from .overrides import ParsedOverride, ParsedOverrides, read_overrides
from .plugin_groups import register_groups
from .provenance import Provenance


@dataclass(frozen=True, slots=True)
class TracedComposition:
    """A composition, and the history of each of its values."""

    composed: Composed
    provenance: Provenance


def compose(
    overrides: Sequence[str], registry: Registry, report: Report, config_dir: Path | None = None
) -> Composed | None:
    """Compose ``conf/config.yaml`` with overrides; return None if too little of it is valid.

    `config_dir` is a folder with the user's own config groups, searched after the built-in one.
    """
    traced = compose_traced(overrides, registry, report, config_dir)
    return traced.composed if traced else None


def compose_traced(
    overrides: Sequence[str], registry: Registry, report: Report, config_dir: Path | None = None
) -> TracedComposition | None:
    """Compose as `compose` does, and keep the history of every value."""
    # Hydra's loader reads the plugins' folders when it is created, so they are registered first.
    register_groups(registry)
    parsed = read_overrides(overrides, report, multirun=False)
    # For a missing folder Hydra issues a warning, which Python would show once per process.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        traced = _Composition(parsed, registry, report, config_dir).compose(map(str, overrides))
    _report_missing_folders([str(warning.message) for warning in caught], parsed, report)
    return traced


class _Composition:
    """One composition, which removes faulty parts until the remainder composes."""

    def __init__(
        self,
        overrides: ParsedOverrides,
        registry: Registry,
        report: Report,
        config_dir: Path | None,
    ) -> None:
        if VERSION_BASE:
            version.setbase(VERSION_BASE["version_base"])
        # Registers Hydra's resolvers, such as `${hydra:…}`, as `hydra.main` does.
        setup_globals()
        path = create_config_search_path(str(CONFIG_FOLDER))
        if config_dir:
            # Hydra puts the schemas last, so this folder comes after the built-in folder and the
            # plugins' folders.
            path.prepend("command-line", str(config_dir.resolve()), anchor="schema")
        self._cache = ConfigCache(report)
        self._loader = ConfigLoaderImpl(path)
        # The loader has no parameter for a repository, so its attribute is replaced.
        loader: Any = self._loader
        loader.repository = TolerantRepository(loader.repository, self._cache)
        self._overrides = list(overrides.valid)
        self._invalid = set(overrides.invalid)
        self._registry = registry
        self._report = report

    def compose(self, overrides: Iterable[str]) -> TracedComposition | None:
        """Compute the defaults list, merge its configs, and apply the values of overrides."""
        defaults = self._compute_defaults()
        if defaults is None or not self._mark_broken_sections(defaults):
            return None
        self._report_missing_choices(defaults)
        tree = self._merge(defaults)
        if tree is None:
            return None
        layers = config_layers(defaults, self._cache, self._overrides)
        layers += add_defaults(tree, self._registry)
        groups = tuple(self._loader.list_groups(""))
        values = [o for o in _set_values(defaults, self._overrides) if not _is_search_path(o)]
        targets = OverrideTargets(self._registry, (*known_settings(), *groups))
        layers += apply_overrides(tree, values, self._invalid, targets, self._report)
        report_shadowed(self._loader.repository, self._cache, self._overrides, self._report)
        _remove_hydra(tree)
        # Interpolations stay text here, since the resolve pass resolves each one by itself.
        plain = cast(dict[str, Any], OmegaConf.to_container(tree, resolve=False))
        provenance = Provenance(layers, plain)
        composed = Composed(
            tree=tree,
            plain=plain,
            spans=Spans(provenance.find),
            invalid=frozenset(self._invalid),
            groups=groups,
            chooser=provenance.chooser,
            overrides=tuple(overrides),
        )
        return TracedComposition(composed, provenance)

    def _compute_defaults(self) -> Any:
        """Compute the defaults list, removing one culprit after the other."""
        while True:
            try:
                return self._try_defaults(self._overrides)
            except MissingConfigException as error:
                if not self._take_out_missing_config(error):
                    return None
            except REFUSALS as error:
                if not self._take_out_fault(error):
                    return None

    @mapping_choices_when_needed()
    def _try_defaults(self, overrides: Sequence[ParsedOverride]) -> Any:
        texts = [override.text for override in overrides]
        return self._loader.compute_defaults_list(CONFIG_NAME, texts, RunMode.MULTIRUN)

    def _take_out_missing_config(self, error: MissingConfigException) -> bool:
        """Report a choice that does not exist; tell whether an empty config can replace it."""
        path = error.missing_cfg_file
        # If Hydra misses a config that was already replaced, replacing it again does not help.
        if path is None or path in self._cache.broken:
            self._report.error(Code.NOT_COMPOSABLE, first_line(error))
            return False
        span = find_requesting_entry(path, self._cache, self._overrides)
        known = error.options or self._loader.get_group_options(path.rpartition("/")[0])
        report_unknown_choice(path, span, list(known), self._registry, self._report)
        self._cache.broken.add(path)
        return True

    def _take_out_fault(self, error: Exception) -> bool:
        """Attribute an error to the file that it names, or to an override, or to the root config.

        Returns False if compilation cannot continue.
        """
        path, reason = named_config(error)
        if path == CONFIG_NAME and self._take_out_override(error):
            return True
        message = f"the defaults list of `{path}` cannot be used: {reason}"
        span = self._cache.defaults_of(path)
        suggestion = suggest_package(path, reason)
        self._report.error(Code.NOT_COMPOSABLE, message, span, help=suggestion)
        first_time = path not in self._cache.broken
        self._cache.broken.add(path)
        return first_time and path != CONFIG_NAME

    def _take_out_override(self, error: Exception) -> bool:
        """Remove the last override whose removal changes the error; tell whether there is one."""
        # Hydra's error names no override. The last override is the likeliest culprit, since users
        # append an override to a command that worked. Exceptions do not compare by value, so their
        # texts are compared.
        for suspect in reversed(self._overrides):
            others = [override for override in self._overrides if override is not suspect]
            if self._error_of_defaults(others) != str(error):
                message = f"`{suspect.text}` cannot be applied: {first_line(error)}"
                suggestion = suggest_override(suspect.text, str(error))
                span = suspect.key_span
                self._report.error(Code.BAD_OVERRIDE, message, span, help=suggestion)
                self._overrides = others
                return True
        return False

    def _error_of_defaults(self, overrides: Sequence[ParsedOverride]) -> str | None:
        try:
            self._try_defaults(overrides)
        except REFUSALS as error:
            return str(error)
        return None

    def _mark_broken_sections(self, defaults: Any) -> bool:
        """Mark the sections of broken configs as invalid; tell whether each has one of its own."""
        # A broken config at the root, such as an experiment, could set any key.
        broken = [d for d in defaults.defaults if d.config_path in self._cache.broken]
        sections: set[KeyPath] = {tuple(d.package.split(".")) for d in broken}
        self._invalid |= sections
        return all(section[0] in SECTIONS for section in sections)

    def _report_missing_choices(self, defaults: Any) -> None:
        """Report the groups whose choice is still ``???``."""
        for group, choice in defaults.overrides.known_choices.items():
            if choice == ABSENT:
                known = ", ".join(f"`{name}`" for name in self._loader.get_group_options(group))
                span = find_requesting_entry(f"{group}/{ABSENT}", self._cache, self._overrides)
                message = f"no `{group}` is chosen"
                suggestion = f"give `{group}=<name>`; known are {known}"
                self._report.error(Code.MISSING_VALUE, message, span, help=suggestion)
                self._invalid.add(tuple(group.split("/")))

    def _merge(self, defaults: Any) -> DictConfig | None:
        """Merge the configs of the defaults list, without the overrides that set values."""
        values = _set_values(defaults, self._overrides)
        # The tree is in struct mode, where the first unknown key would end the composition.
        # Therefore the overrides that set values are applied later, one by one.
        kept = [o for o in self._overrides if o not in values or _is_search_path(o)]
        try:
            computed = merge_section_once(defaults, self._loader, self._cache.results)
            with merging_computed(computed, [o.parsed for o in kept if o in values]):
                return self._loader.load_configuration(
                    CONFIG_NAME,
                    [o.text for o in kept],
                    RunMode.MULTIRUN,
                    from_shell=False,
                    validate_sweep_overrides=False,  # `read_overrides` reported them
                )
        except REFUSALS as error:
            path, message = conflict(error)
            self._report.error(Code.NOT_COMPOSABLE, message, self._cache.start_of(path))
            return None


def _remove_hydra(tree: DictConfig) -> None:
    """Remove Hydra's own section, to which ``${hydra:…}`` refers from then on."""
    section = take_section(tree)
    # Within `hydra.main`, or in a test that initialises Hydra, the singleton is in use.
    if not GlobalHydra.instance().is_initialized():
        publish_section(section, tree)


def _set_values(defaults: Any, overrides: Sequence[ParsedOverride]) -> list[ParsedOverride]:
    """Return the overrides that set values rather than choose configs."""
    # Whether a key is a group depends on the files found, so Hydra's own classification is used.
    lines = {override.input_line for override in defaults.config_overrides}
    return [override for override in overrides if override.text in lines]


def _is_search_path(override: ParsedOverride) -> bool:
    """Tell whether an override sets the search path, which Hydra needs before it merges."""
    return override.parsed.key_or_group == "hydra.searchpath"


def _report_missing_folders(
    messages: Sequence[str], overrides: ParsedOverrides, report: Report
) -> None:
    """Report the folders of the search path that do not exist, given Hydra's warnings."""
    for folder in dict.fromkeys(missing_folders(messages)):
        setting = filter(_is_search_path, overrides.valid)
        span = next((o.value_span for o in setting), Span(None, key="hydra.searchpath"))
        message = f"the search path names `{folder}`, which does not exist"
        report.error(Code.NOT_COMPOSABLE, message, span)
