"""Explanations: why a key of the configuration has the value it has.

Explain a value: everything that had a say in it, in order, and what it refers to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from omegaconf import Container

from sweepwright.diagnostics import Span

from ...plan.redaction import MASK, is_secret, is_secret_at, masked_at, masked_line, masked_text
from ..spans import KeyPath, dotted
from .compose import Traced
from .defaults_list import Choice
from .hydra_compat import split_key
from .interpolations import Resolved, ToKey, ToResolver, follow_path, resolved
from .layers import Change, ValueChange
from .provenance import NOTHING


@dataclass(frozen=True, slots=True)
class Step:
    """What one layer did to a value."""

    change: Change
    value: Any
    """What it set."""
    by: str
    """Whose default that is; empty for what is written."""
    key: Span | None
    """Where its key is written."""
    span: Span | None
    """Where it is written."""
    choice: Choice | None
    """Who chose the file that it is in, or the plugin whose default it is."""
    in_force: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value inside of a section, and where it is from."""

    key: str
    value: Any
    step: Step | None
    """What gave it; None when nobody can tell."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that had a say in a value, in order, and what it refers to."""

    key: str
    value: Any
    """As composed; nothing where it is not there in the end."""
    there: bool
    """Whether it is there in the end."""
    known: bool = True
    """Whether anybody can tell where it is from."""
    steps: tuple[Step, ...] = ()
    choices: tuple[Choice, ...] = ()
    """Who chose the configs of a section."""
    leaves: tuple[Leaf, ...] = ()
    """What a section holds, or the items of a list that were given by themselves."""
    resolved: Resolved | None = None
    """What came of a value that is interpolated."""
    targets: tuple["Explanation", ...] = ()
    """The values it refers to, each explained once."""
    way: str = ""
    """The key that was asked for, when it leads here through an interpolation."""


class UnknownKey(LookupError):  # noqa: N818 - reads as the fact it states
    """No key of the configuration has this name; the message is one line with a way out."""


def explain(traced: Traced, key: str) -> Explanation:
    """Explain a key, such as ``space.layers[0].size``.

    Raises
    ------
    UnknownKey
        When it is not there, and never was.
    """
    explainer = _Explainer(traced)
    path = _read(key, traced.composed.plain)
    if not path:
        raise UnknownKey(f"no key is called `{key}`")
    if explainer.knows(path):
        return explainer.explain(path)
    followed = follow_path(traced.composed.tree, path)
    if followed != path and explainer.knows(followed):
        return replace(explainer.explain(followed), way=dotted(path))
    raise UnknownKey(f"no key is called `{key}`{_near(path, traced.composed.plain)}")


def keys(values: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of every value in plain values that is no section."""
    if isinstance(values, Mapping) and values:
        for key, value in values.items():
            yield from keys(value, (*path, key))
    else:
        yield path


class _Explainer:
    """Explains values, each of them once."""

    def __init__(self, traced: Traced) -> None:
        self._tree = traced.composed.tree
        self._provenance = traced.provenance
        self._explained: set[KeyPath] = set()
        self._secret: set[KeyPath] = set()

    def knows(self, path: KeyPath) -> bool:
        """Tell whether a value is there, or ever was."""
        provenance = self._provenance
        there = provenance.value(path) is not NOTHING
        return there or bool(provenance.history(path) or provenance.chosen(path))

    def explain(self, path: KeyPath) -> Explanation:
        """Explain a value that is known."""
        self._explained.add(path)
        value = self._provenance.value(path)
        if isinstance(value, Mapping) or self._provenance.chosen(path):
            return self._section(path, value)
        explanation = self._value(path, value)
        if isinstance(value, list):
            return replace(explanation, leaves=tuple(self._strangers(path, value)))
        if isinstance(value, str) and "${" in value:
            return self._with_references(explanation, path, value)
        return explanation

    def _section(self, path: KeyPath, value: Any) -> Explanation:
        choices = [layer.choice for layer in self._provenance.chosen(path)]
        there = isinstance(value, Mapping)
        gone = self._provenance.history(path)[-1:] if not there else []
        return Explanation(
            dotted(path),
            None,
            there,
            steps=tuple(self._step(path, told, in_force=True) for told in gone),
            choices=tuple(choice for choice in choices if choice),
            leaves=tuple(map(self._leaf, keys(value, path))) if there else (),
        )

    def _value(self, path: KeyPath, value: Any) -> Explanation:
        there = value is not NOTHING
        history = self._provenance.history(path)
        known = not there or self._provenance.origin(path) is not None
        last = history[-1] if history and known else None
        steps = tuple(self._step(path, told, in_force=told is last) for told in history)
        shown = masked_at(path, value) if there else None
        return Explanation(dotted(path), shown, there, known, steps)

    def _step(self, path: KeyPath, told: ValueChange, *, in_force: bool) -> Step:
        place = told.place
        return Step(
            told.change,
            masked_at(path, told.value),
            "" if told.mark else told.layer.by,
            _discreet(place.key, path) if place else None,
            _discreet(place.value, path) if place else None,
            told.layer.choice,
            in_force,
        )

    def _leaf(self, path: KeyPath) -> Leaf:
        origin = self._provenance.origin(path)
        step = self._step(path, origin, in_force=True) if origin else None
        return Leaf(dotted(path), masked_at(path, self._provenance.value(path)), step)

    def _strangers(self, path: KeyPath, items: list[Any]) -> Iterator[Leaf]:
        """Find the values in a list that did not come with it."""
        whole = self._provenance.origin(path)
        for index, item in enumerate(items):
            for leaf in keys(item, (*path, index)):
                origin = self._provenance.origin(leaf)
                if whole and (origin is None or origin.layer is not whole.layer):
                    yield self._leaf(leaf)

    def _with_references(self, explanation: Explanation, path: KeyPath, raw: str) -> Explanation:
        found = resolved(self._tree, path, raw)
        asked = [reference.path for reference in found.references if isinstance(reference, ToKey)]
        known = [target for target in dict.fromkeys(asked) if self.knows(target)]
        targets = [self.explain(target) for target in known if target not in self._explained]
        if _asks_for_secret(found) or any(map(self._is_secret, (path, *asked))):
            self._secret.add(path)
            found = _masked(found)
        if isinstance(found.value, Container):
            found = replace(found, value=None)  # the section is explained as a target
        return replace(explanation, resolved=found, targets=tuple(targets))

    def _is_secret(self, path: KeyPath) -> bool:
        return path in self._secret or is_secret_at(path)


def _read(key: str, values: Any) -> KeyPath:
    """Read a key, whose parts may be indices, numbers or booleans."""
    path: KeyPath = ()
    for part in split_key(key):
        names = range(len(values)) if isinstance(values, list) else values
        known = names if isinstance(names, Mapping | range) else ()
        name: Any = next((name for name in known if str(name) == part), part)
        values = values[name] if name in known else None
        path = (*path, name)
    return path


def _near(path: KeyPath, values: Mapping[str, Any]) -> str:
    """Offer the key that was meant, in any section if none is named, else those beside it."""
    depth = 0
    beside: Any = values
    while isinstance(beside, Mapping) and path[depth] in beside:
        beside, depth = beside[path[depth]], depth + 1
    here = [(*path[:depth], name) for name in (beside if isinstance(beside, Mapping) else ())]
    elsewhere = () if depth else keys(values)
    names = {str(known[-1]): known for known in [*elsewhere, *here]}
    if near := get_close_matches(str(path[-1]), names, n=1):
        return f"; did you mean `{dotted(names[near[0]])}`?"
    listed = ", ".join(f"`{dotted(leaf)}`" for leaf in here)
    return f"; known are {listed}" if here and len(here) <= MOST_LISTED else ""


MOST_LISTED = 30
"""Nobody reads more keys than that."""


def _discreet(span: Span, path: KeyPath) -> Span:
    """Show no line that holds a secret."""
    return replace(span, text=masked_line(path, span.text))


def _asks_for_secret(found: Resolved) -> bool:
    return any(
        isinstance(ask, ToResolver) and ask.name == "oc.env" and is_secret(ask.arguments[0])
        for ask in found.references
    )


def _masked(found: Resolved) -> Resolved:
    references = tuple(
        ToResolver(ask.name, tuple(map(masked_text, ask.arguments[:1])), MASK)
        if isinstance(ask, ToResolver)
        else ask
        for ask in found.references
    )
    return replace(found, value=MASK, references=references)
