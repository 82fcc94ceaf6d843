"""Find the defaults list entry that requests a config, and report requests that go wrong.

This module compares names in the files that have been loaded so far. Unlike `defaults_list`, it
does not need Hydra's computed defaults list. Thus it can point at a request that prevents Hydra
from computing the list.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from sweepwright.contracts import PluginError
from sweepwright.diagnostics import Code, Report, Span, name_help

from ...plan.redaction import display_path
from ...registry.registry import KINDS, DuplicateProvider, Registry, UnknownProvider
from ..yaml_spans import YamlSpan
from .config_repository import ConfigCache, LoadedConfig
from .overrides import ParsedOverride


def find_requesting_entry(
    config_path: str, cache: ConfigCache, overrides: Sequence[ParsedOverride]
) -> Span:
    """Return the span of the name by which an override or a defaults list requests a config.

    If there are several requests, an argument takes precedence over an ``override`` entry, and an
    ``override`` entry takes precedence over an ordinary entry.
    """
    group = config_path.rpartition("/")[0]
    if override := next((o for o in overrides if config_path in o.choices), None):
        return override.value_span
    # `False` sorts first, so an `override` entry comes before an ordinary entry.
    requests = [
        (not words.startswith("override"), span)
        for config in cache.configs.values()
        for words, span in _entries(config)
        if _requests(config, words, span, config_path)
    ]
    if not requests:
        return Span(None, key=group)
    return replace(min(requests, key=lambda request: request[0])[1].value, key=group)


def report_shadowed(
    repository: Any, cache: ConfigCache, overrides: Sequence[ParsedOverride], report: Report
) -> None:
    """Warn of each config of the sweep that hides another file of the same name.

    Hydra silently loads the first of these files on its search path.
    """
    for path in cache.configs:
        found = list(dict.fromkeys(_files(repository, path)))
        for hidden in found[1:]:
            request = find_requesting_entry(path, cache, overrides)
            span = request if request.file else Span(display_path(hidden))
            message = f"`{display_path(hidden)}` is hidden by another `{path}`"
            note = f"the first on the search path is `{display_path(found[0])}`"
            suggestion = "give one of them another name"
            report.warn(Code.DUPLICATE_PLUGIN, message, span, notes=(note,), help=suggestion)


_USER_GROUPS = ("space", "trial")
"""Groups whose configs users write themselves."""


def report_unknown_choice(
    config_path: str, span: Span, known: Sequence[str], registry: Registry, report: Report
) -> None:
    """Report that a group has no such choice, or that the plugin offering the choice is broken."""
    group, _, name = config_path.rpartition("/")
    near = name_help(name, list(known))
    is_near = near is not None and near.is_near
    suggestion = near.text if near else None
    # Hydra knows only the providers that could be loaded. The registry also knows the providers
    # that could not be loaded, and the reasons.
    try:
        if group in KINDS:
            registry.find(group, name)
    except UnknownProvider as unknown:
        suggestion = suggestion if is_near else unknown.help
    except DuplicateProvider as error:
        report.error(Code.DUPLICATE_PLUGIN, error.fact, span, help="uninstall one of them")
        return
    except PluginError as error:
        report.error(Code.BROKEN_PLUGIN, str(error), span)
        return
    if group in _USER_GROUPS and not is_near:
        file = f"FOLDER/{group}/{name}.yaml"
        own = f"to use a file of your own write `{file}`, and give `--config-dir FOLDER`"
        suggestion = f"{suggestion}; {own}" if suggestion else own
    listed = ", ".join(f"`{choice}`" for choice in sorted(known))
    notes = (f"`{group}` can be {listed}",) if is_near else ()
    message = f"no `{group}` is called `{name}`" if group else f"no config is called `{name}`"
    report.error(Code.UNKNOWN_CHOICE, message, span, notes=notes, help=suggestion)


def _entries(config: LoadedConfig) -> Iterator[tuple[str, YamlSpan]]:
    """Yield a pair for each name in a defaults list: its group with keywords, and its span."""
    defaults = config.span.child("defaults") if config.span else None
    for entry in defaults.children.values() if defaults else ():
        if not entry.children:
            yield "", entry
        for words, choice in entry.children.items():
            yield from ((str(words), name) for name in choice.children.values() or [choice])


def _requests(config: LoadedConfig, words: str, span: YamlSpan, config_path: str) -> bool:
    """Tell whether an entry of a config's defaults list requests another config."""
    group = words.rpartition(" ")[2].partition("@")[0]
    path = "/".join(part for part in (group, span.text.partition("@")[0]) if part)
    if path.startswith("/"):
        return path[1:] == config_path
    folder = config.config_path.rpartition("/")[0]
    return "/".join(part for part in (folder, path) if part) == config_path


def _files(repository: Any, config_path: str) -> list[Path]:
    """List the files that have a config's name, in the order of the search path.

    A config that a plugin offers in memory is not listed, since a file of the same name extends
    this config rather than hiding it.
    """
    name = f"{config_path}.yaml"
    found = []
    for source in repository.get_sources():
        if source.scheme() == "file" and source.is_config(config_path):
            found.append(Path(source.path) / name)
        elif source.scheme() == "pkg" and source.is_config(config_path):
            found.append(Path(str(files(source.path).joinpath(name))))
    # The search path may contain one folder under two names.
    return [path.resolve() for path in found]
