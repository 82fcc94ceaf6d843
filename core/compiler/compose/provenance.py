"""Provenance: what became of each value of a composition, layer by layer."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweepwright.diagnostics import Span

from ...registry.options import ABSENT
from ..spans import EntrySpan, KeyPath
from .argument_spans import ArgumentSpan
from .layers import Change, Layer, LayerAction, ValueChange


@dataclass(frozen=True, slots=True)
class ChoiceSpan:
    """The span of a section that a defaults list or an override chose."""

    key: Span

    @property
    def value(self) -> Span:
        """The same span: a choice names the config alone."""
        return self.key


NOTHING = object()
"""What is at a path that leads nowhere."""


class Provenance:
    """The layers of a composition, beside the values that came of them.

    Where the two differ no origin is given: better unknown than wrong.
    """

    def __init__(self, layers: Sequence[Layer], composed: Mapping[Any, Any]) -> None:
        self._order = layers
        self._composed = composed
        self._layers: dict[Any, list[Layer]] = defaultdict(list)
        for layer in layers:
            for key in layer.at[:1] or layer.values:
                self._layers[key].append(layer)

    def history(self, path: KeyPath) -> list[ValueChange]:
        """List what the layers do to a value, in order."""
        history: list[ValueChange] = []
        for layer in self._layers.get(path[0], ()):
            there = _is_there(history)
            told = layer.told(path)
            if told is None and not there and layer.makes(path):
                history.append(ValueChange(layer, Change.SETS, {}))
            elif told and _has_effect(told, there=there):
                history.append(told)
        return history

    def origin(self, path: KeyPath) -> ValueChange | None:
        """Find what gave a value; None when nobody can tell."""
        history = self.history(path)
        if not _is_there(history) or not self._keeps_its_index(path):
            return None
        return history[-1] if _same(history[-1].value, self.value(path)) else None

    def place(self, path: KeyPath) -> EntrySpan | None:
        """Find where a value is written, or where a section was chosen."""
        if isinstance(self.value(path), Mapping):
            return self._place_of_section(path)
        origin = self.origin(path)
        return origin.place if origin else None

    def value(self, path: KeyPath) -> Any:
        """Look up what was composed."""
        value: Any = self._composed
        for key in path:
            if isinstance(value, Mapping):
                value = value.get(key, NOTHING)
            elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
                value = value[key]
            else:
                return NOTHING
        return value

    def chosen(self, path: KeyPath) -> list[Layer]:
        """List the layers that were chosen to fill a section, or to leave it empty."""
        layers = self._layers.get(path[0], ())
        return [layer for layer in layers if layer.at == path and layer.choice]

    def chooser(self, file: str) -> str | None:
        """Find the override that chose a file."""
        for layer in self._order:
            choice = layer.choice if layer.mark and layer.mark.file == file else None
            if choice and choice.typed:
                return choice.text
        return None

    def _place_of_section(self, path: KeyPath) -> EntrySpan | None:
        sections = [told for told in self.history(path) if isinstance(told.value, Mapping)]
        laid = [told for told in sections if told.mark]  # apart from defaults, which no text holds
        if laid and isinstance(laid[-1].mark, ArgumentSpan):
            return laid[-1].place
        filled = [layer for layer in self.chosen(path) if layer.values is not LayerAction.NOTHING]
        spans = [layer.choice.span for layer in filled if layer.choice]
        named = [span for span in spans if span.file]
        if named:
            return ChoiceSpan(named[-1])
        return laid[-1].place if laid else None

    def _keeps_its_index(self, path: KeyPath) -> bool:
        """Tell whether each list around a value is the one that was laid."""
        around = [path[:length] for length, key in enumerate(path) if isinstance(key, int)]
        return all(self.origin(up) for up in around if isinstance(self.value(up), list))


def _has_effect(told: ValueChange, *, there: bool) -> bool:
    """Tell whether it matters: a mandatory value, say, does not when there is one already."""
    if told.change is Change.SETS:
        return not there or told.value != ABSENT
    return there


def _is_there(history: Sequence[ValueChange]) -> bool:
    return bool(history) and history[-1].change is Change.SETS


def _same(laid: Any, composed: Any) -> bool:
    if isinstance(laid, list) and isinstance(composed, list):
        return len(laid) == len(composed)  # items have origins of their own
    # NaN is never equal to itself, yet written the same; True is equal to 1, yet not the same.
    return type(laid) is type(composed) and (laid == composed or repr(laid) == repr(composed))
