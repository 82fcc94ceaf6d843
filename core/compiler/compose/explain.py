"""Explain a value: the layers that set it, the choices that led to them, and its references.

This module masks secrets, so that no view can show them. A value is masked if its key names a
secret, or if its interpolation refers to a secret. Source lines in spans and the defaults in
``${oc.env:…}`` are masked as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from omegaconf import Container

from sweepwright.diagnostics import Span, nearest_name
from sweepwright.secret_names import is_secret_variable

from ...plan.redaction import (
    MASK,
    VARIABLES,
    is_secret_path,
    mask_line,
    mask_text,
    mask_value,
)
from ..spans import KeyPath, dotted
from .compose import TracedComposition
from .defaults_list import ConfigChoice
from .hydra_compat import split_key
from .interpolations import (
    Interpolation,
    KeyReference,
    ResolverCall,
    follow_path,
    resolve_interpolation,
)
from .provenance import MISSING, ChangeKind, ValueChange


@dataclass(frozen=True, slots=True)
class ExplainedChange:
    """A `ValueChange` for views: with secrets masked, its spans, and the choice of its file."""

    kind: ChangeKind
    value: Any
    """The value that was set."""
    owner: str
    """The owner of a default; empty for a value that is written in a text."""
    key: Span | None
    """Span of the key."""
    span: Span | None
    """Span of the value."""
    choice: ConfigChoice | None
    """The choice of the file that contains the value, or of the plugin whose default it is."""
    in_force: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value inside a section, and its origin."""

    key: str
    value: Any
    origin: ExplainedChange | None
    """The change that set the value; None if the origin is unknown."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The changes and choices that led to a value, in order, and the values that it refers to."""

    key: str
    value: Any
    """The composed value; None if the key does not exist."""
    exists: bool
    """Whether the composed configuration has the key."""
    origin_known: bool = True
    changes: tuple[ExplainedChange, ...] = ()
    choices: tuple[ConfigChoice, ...] = ()
    """The choices of the configs that fill a section."""
    leaves: tuple[Leaf, ...] = ()
    """The values of a section, or the items of a list that did not come with the list itself."""
    interpolation: Interpolation | None = None
    """The resolved interpolation, if the value is interpolated."""
    targets: tuple["Explanation", ...] = ()
    """The values that the interpolation refers to, each explained once."""
    requested_as: str = ""
    """The key that the user asked for, if an interpolated section leads from it to this value."""


class UnknownKey(LookupError):  # noqa: N818 - reads as the fact it states
    """No key of the configuration has this name. The message is one line with a suggestion."""


def explain(traced: TracedComposition, key: str) -> Explanation:
    """Explain a key, such as ``space.layers[0].size``.

    Raises
    ------
    UnknownKey
        If the key does not exist and no layer ever set it.
    """
    explainer = _Explainer(traced)
    path = _parse_key(key, traced.composed.plain)
    if not path:
        raise UnknownKey(f"no key is called `{key}`")
    if explainer.knows(path):
        return explainer.explain(path)
    followed = follow_path(traced.composed.tree, path)
    if followed != path and explainer.knows(followed):
        return replace(explainer.explain(followed), requested_as=dotted(path))
    raise UnknownKey(f"no key is called `{key}`{_suggestion(path, traced.composed.plain)}")


def leaf_paths(values: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of every value that is not a section; an empty section counts as a value."""
    if isinstance(values, Mapping) and values:
        for key, value in values.items():
            yield from leaf_paths(value, (*path, key))
    else:
        yield path


class _Explainer:
    """Explains the values of one composition, each of them at most once."""

    def __init__(self, traced: TracedComposition) -> None:
        self._tree = traced.composed.tree
        self._provenance = traced.provenance
        self._explained: set[KeyPath] = set()
        self._secrets: set[KeyPath] = set()
        """Paths whose interpolation resolves to a secret."""

    def knows(self, path: KeyPath) -> bool:
        """Tell whether a path has a value, or had a value after some layer was merged."""
        provenance = self._provenance
        exists = provenance.composed_value(path) is not MISSING
        return exists or bool(provenance.history(path) or provenance.chosen_layers(path))

    def explain(self, path: KeyPath) -> Explanation:
        """Explain the value at a known path."""
        # The path is added first, so that a value that refers to itself is explained only once.
        self._explained.add(path)
        value = self._provenance.composed_value(path)
        if isinstance(value, Mapping) or self._provenance.chosen_layers(path):
            return self._explain_section(path, value)
        explanation = self._explain_value(path, value)
        if isinstance(value, list):
            return replace(explanation, leaves=tuple(self._items_set_alone(path, value)))
        if isinstance(value, str) and "${" in value:
            return self._with_references(explanation, path, value)
        return explanation

    def _explain_section(self, path: KeyPath, value: Any) -> Explanation:
        choices = [layer.choice for layer in self._provenance.chosen_layers(path)]
        exists = isinstance(value, Mapping)
        removal = self._provenance.history(path)[-1:] if not exists else []
        return Explanation(
            dotted(path),
            None,
            exists,
            changes=tuple(self._change(path, change, in_force=True) for change in removal),
            choices=tuple(choice for choice in choices if choice),
            leaves=tuple(map(self._leaf, leaf_paths(value, path))) if exists else (),
        )

    def _explain_value(self, path: KeyPath, value: Any) -> Explanation:
        exists = value is not MISSING
        history = self._provenance.history(path)
        origin_known = not exists or self._provenance.origin(path) is not None
        # If the origin of a value is unknown, so is the change that is in force.
        last = history[-1] if history and origin_known else None
        return Explanation(
            dotted(path),
            mask_value(path, value) if exists else None,
            exists,
            origin_known,
            tuple(self._change(path, change, in_force=change is last) for change in history),
        )

    def _change(self, path: KeyPath, change: ValueChange, *, in_force: bool) -> ExplainedChange:
        span = change.span
        return ExplainedChange(
            change.kind,
            mask_value(path, change.value),
            "" if span else change.layer.owner,
            _masked_span(span.key, path) if span else None,
            _masked_span(span.value, path) if span else None,
            change.layer.choice,
            in_force,
        )

    def _leaf(self, path: KeyPath) -> Leaf:
        origin = self._provenance.origin(path)
        change = self._change(path, origin, in_force=True) if origin else None
        return Leaf(dotted(path), mask_value(path, self._provenance.composed_value(path)), change)

    def _items_set_alone(self, path: KeyPath, items: list[Any]) -> Iterator[Leaf]:
        """Yield the values inside a list that were set by another layer than the list itself."""
        origin_of_list = self._provenance.origin(path)
        for index, item in enumerate(items):
            for leaf in leaf_paths(item, (*path, index)):
                origin = self._provenance.origin(leaf)
                if origin_of_list and (origin is None or origin.layer is not origin_of_list.layer):
                    yield self._leaf(leaf)

    def _with_references(self, explanation: Explanation, path: KeyPath, text: str) -> Explanation:
        found = resolve_interpolation(self._tree, path, text)
        keys = [asked.path for asked in found.references if isinstance(asked, KeyReference)]
        known = [target for target in dict.fromkeys(keys) if self.knows(target)]
        # The targets are explained first, since this records which of them are secret.
        targets = [self.explain(target) for target in known if target not in self._explained]
        if _reads_secret(found) or any(map(self._is_secret, (path, *keys))):
            self._secrets.add(path)
            found = _masked(found)
        if isinstance(found.value, Container):
            found = replace(found, value=None)  # the section is among the explained targets
        return replace(explanation, interpolation=found, targets=tuple(targets))

    def _is_secret(self, path: KeyPath) -> bool:
        # A trial receives a variable's value, and nobody else does, whatever the variable's name.
        return path in self._secrets or is_secret_path(path) or VARIABLES in path[:-1]


def _parse_key(key: str, values: Any) -> KeyPath:
    """Parse a key, whose parts may be indices, numbers or booleans."""
    # `split_key` returns text, but a key in the configuration may be the number 1 or true.
    path: KeyPath = ()
    for part in split_key(key):
        names = range(len(values)) if isinstance(values, list) else values
        known = names if isinstance(names, Mapping | range) else ()
        name: Any = next((name for name in known if str(name) == part), part)
        values = values[name] if name in known else None
        path = (*path, name)
    return path


def _suggestion(path: KeyPath, values: Mapping[str, Any]) -> str:
    """Suggest a key with a similar name, or list the keys of the same section.

    A key without dots is looked up in all sections.
    """
    depth = 0
    section: Any = values
    while isinstance(section, Mapping) and path[depth] in section:
        section, depth = section[path[depth]], depth + 1
    siblings = [
        (*path[:depth], name) for name in (section if isinstance(section, Mapping) else ())
    ]
    elsewhere = () if depth else leaf_paths(values)
    names = {str(known[-1]): known for known in [*elsewhere, *siblings]}
    if near := nearest_name(str(path[-1]), names):
        return f"; did you mean `{dotted(names[near])}`?"
    listed = ", ".join(f"`{dotted(sibling)}`" for sibling in siblings)
    return f"; known are {listed}" if siblings and len(siblings) <= MOST_LISTED else ""


MOST_LISTED = 30
"""Maximum number of keys that a suggestion lists, since nobody would read a longer line."""


def _masked_span(span: Span, path: KeyPath) -> Span:
    """Remove a secret from the source line of a span."""
    return replace(span, text=mask_line(path, span.text))


def _reads_secret(found: Interpolation) -> bool:
    """Tell whether an interpolation reads a secret from the environment."""
    return any(
        isinstance(asked, ResolverCall)
        and asked.name == "oc.env"
        and is_secret_variable(asked.arguments[0])
        for asked in found.references
    )


def _masked(found: Interpolation) -> Interpolation:
    # Every argument after the first is a default, which may contain the secret in plain text.
    references = tuple(
        ResolverCall(asked.name, tuple(map(mask_text, asked.arguments[:1])), MASK)
        if isinstance(asked, ResolverCall)
        else asked
        for asked in found.references
    )
    return replace(found, value=MASK, references=references)
