"""Askers: who asks for a config, going by its name, before the defaults list is settled."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sweepwright.diagnostics import Span

from ..marks import Mark
from .overrides import Given
from .repository import Shelf, Source


def asker(config_path: str, shelf: Shelf, given: Sequence[Given]) -> Span:
    """Point at the word that asks for a config, one that overrides before others."""
    group = config_path.rpartition("/")[0]
    if override := next((entry for entry in given if config_path in entry.choices), None):
        return override.place.value
    found = next(_asks(config_path, shelf), None)
    return replace(found.value, key=group) if found else Span(None, key=group)


def _asks(config_path: str, shelf: Shelf) -> Iterator[Mark]:
    found = [
        (not words.startswith("override"), mark)
        for source in shelf.sources.values()
        for words, mark in _entries(source)
        if _names(source, words, mark, config_path)
    ]
    yield from (mark for _, mark in sorted(found, key=lambda pair: pair[0]))


def _entries(source: Source) -> Iterator[tuple[str, Mark]]:
    """Yield each entry of a defaults list: the words of its group, the mark of its choice."""
    entries = source.mark.child("defaults") if source.mark else None
    for entry in entries.children.values() if entries else ():
        if not entry.children:
            yield "", entry
        for words, choice in entry.children.items():
            yield from ((str(words), option) for option in choice.children.values() or [choice])


def _names(source: Source, words: str, mark: Mark, config_path: str) -> bool:
    """Tell whether an entry of a defaults list, in this source, asks for a config."""
    group = words.rpartition(" ")[2].partition("@")[0]
    named = "/".join(part for part in (group, mark.text.partition("@")[0]) if part)
    if named.startswith("/"):
        return named[1:] == config_path
    folder = source.config_path.rpartition("/")[0]
    return "/".join(part for part in (folder, named) if part) == config_path
