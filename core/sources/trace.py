"""Trace every value of a composition to where it is written."""

from collections.abc import Sequence
from typing import Any

from omegaconf import OmegaConf

from sweepwright.diagnostics import Span

from ..stages import KeyPath, Place, Places
from .overrides import Given
from .provenance import Provenance
from .repository import Shelf, chosen


class Choices:
    """Who chose a config: an override, or an entry of a defaults list."""

    def __init__(self, shelf: Shelf, given: Sequence[Given]) -> None:
        self.shelf = shelf
        self._given = given

    def override(self, config_path: str) -> Given | None:
        """Find the override that chose it."""
        return next((given for given in self._given if config_path in given.choices), None)

    def place(self, config_path: str) -> Place:
        """Point at the word that chose it."""
        if given := self.override(config_path):
            return Place(given.place.value, given.place.value)
        for mark in self.shelf.asks(config_path):
            span = chosen(mark, config_path)
            return Place(span, span)
        span = Span(None, key=config_path.rpartition("/")[0])
        return Place(span, span)


def trace(
    defaults: Sequence[Any], choices: Choices, values: Sequence[Given], composed: Any
) -> tuple[Places, dict[str, str]]:
    """Lay all sources over one another; also tell which override chose which file."""
    provenance = Provenance()
    choosers: dict[str, str] = {}
    sections = [d for d in defaults if _package(d)[:1] != ("hydra",)]
    for entry in sections:
        if source := choices.shelf.sources.get(entry.config_path):
            provenance.lay(_package(entry), source.values, source.mark)
            given = choices.override(entry.config_path)
            if given and source.file:
                choosers[source.file] = given.text
    for entry in sections:
        place = choices.place(entry.config_path)
        if place.key.file and _package(entry):
            provenance.name(_package(entry), place)
    for given in values:
        _put(provenance, given)
    plain = OmegaConf.to_container(composed, resolve=False)
    return provenance.places(plain), choosers


def _put(provenance: Provenance, given: Given) -> None:
    if given.override.is_delete():
        provenance.drop(given.path)
    else:
        provenance.put(given.path, given.override.value(), given.place)


def _package(entry: Any) -> KeyPath:
    return tuple(entry.package.split(".")) if entry.package else ()
