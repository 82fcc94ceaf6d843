"""Askers: who asks for a config, going by its name, before the defaults list is settled.

Report configs that several folders have, of which Hydra takes the first in silence.

Report a choice that a config group does not have, with those it has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from sweepwright.contracts import PluginError
from sweepwright.diagnostics import Code, Report, Span, did_you_mean

from ...plan.redaction import shown
from ...registry.registry import KINDS, DuplicateProvider, Registry, UnknownProvider
from ..yaml_spans import YamlSpan
from .config_repository import ConfigCache, Source
from .overrides import ParsedOverride


def find_requesting_entry(
    config_path: str, shelf: ConfigCache, given: Sequence[ParsedOverride]
) -> Span:
    """Point at the word that asks for a config, one that overrides before others."""
    group = config_path.rpartition("/")[0]
    if override := next((entry for entry in given if config_path in entry.choices), None):
        return override.value_span
    found = next(_asks(config_path, shelf), None)
    return replace(found.value, key=group) if found else Span(None, key=group)


def _asks(config_path: str, shelf: ConfigCache) -> Iterator[YamlSpan]:
    found = [
        (not words.startswith("override"), mark)
        for source in shelf.sources.values()
        for words, mark in _entries(source)
        if _names(source, words, mark, config_path)
    ]
    yield from (mark for _, mark in sorted(found, key=lambda pair: pair[0]))


def _entries(source: Source) -> Iterator[tuple[str, YamlSpan]]:
    """Yield each entry of a defaults list: the words of its group, the mark of its choice."""
    entries = source.mark.child("defaults") if source.mark else None
    for entry in entries.children.values() if entries else ():
        if not entry.children:
            yield "", entry
        for words, choice in entry.children.items():
            yield from ((str(words), option) for option in choice.children.values() or [choice])


def _names(source: Source, words: str, mark: YamlSpan, config_path: str) -> bool:
    """Tell whether an entry of a defaults list, in this source, asks for a config."""
    group = words.rpartition(" ")[2].partition("@")[0]
    named = "/".join(part for part in (group, mark.text.partition("@")[0]) if part)
    if named.startswith("/"):
        return named[1:] == config_path
    folder = source.config_path.rpartition("/")[0]
    return "/".join(part for part in (folder, named) if part) == config_path


def report_shadowed(
    repository: Any, shelf: ConfigCache, given: Sequence[ParsedOverride], report: Report
) -> None:
    """Warn of each config in the sweep that hides another one of its name."""
    for path in shelf.sources:
        homes = list(dict.fromkeys(_homes(repository, path)))
        for hidden in homes[1:]:
            chosen = find_requesting_entry(path, shelf, given)
            span = chosen if chosen.file else Span(shown(hidden))
            message = f"`{shown(hidden)}` is hidden by another `{path}`"
            note = f"the first on the search path is `{shown(homes[0])}`"
            way_out = "give one of them another name"
            report.warn(Code.DUPLICATE_PLUGIN, message, span, notes=(note,), help=way_out)


def _homes(repository: Any, config_path: str) -> list[Path]:
    """List the files of a name; what plugins offer in memory is amended by a file, not hidden."""
    name = f"{config_path}.yaml"
    found = []
    for source in repository.get_sources():
        if source.scheme() == "file" and source.is_config(config_path):
            found.append(Path(source.path) / name)
        elif source.scheme() == "pkg" and source.is_config(config_path):
            found.append(Path(str(files(source.path).joinpath(name))))
    return [path.resolve() for path in found]


OWN = ("space", "trial")
"""Groups to which users, rather than plugins, bring their own."""


def report_unknown_choice(
    config_path: str, span: Span, known: Sequence[str], registry: Registry, report: Report
) -> None:
    """Say that nobody offers it; of a provider, blame the broken plugin that should."""
    group, _, name = config_path.rpartition("/")
    way_out = did_you_mean(name, list(known))
    try:
        if group in KINDS:
            registry.find(group, name)
    except UnknownProvider as unknown:
        way_out = way_out if _is_near(way_out) else unknown.help
    except DuplicateProvider as error:
        report.error(Code.DUPLICATE_PLUGIN, error.fact, span, help="uninstall one of them")
        return
    except PluginError as error:
        report.error(Code.BROKEN_PLUGIN, str(error), span)
        return
    if group in OWN and not _is_near(way_out):
        file = f"FOLDER/{group}/{name}.yaml"
        own = f"for one of your own write `{file}`, and give `--config-dir FOLDER`"
        way_out = f"{way_out}; {own}" if way_out else own
    listed = ", ".join(f"`{choice}`" for choice in sorted(known))
    notes = (f"`{group}` can be {listed}",) if _is_near(way_out) else ()
    message = f"no `{group}` is called `{name}`" if group else f"no config is called `{name}`"
    report.error(Code.UNKNOWN_CHOICE, message, span, notes=notes, help=way_out)


def _is_near(way_out: str | None) -> bool:
    return way_out is not None and way_out.startswith("did you mean")
