"""Renders an explanation as text for people and as JSON for programs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sweepwright.diagnostics import Span, plural
from sweepwright.events import Json
from sweepwright.protocol import dumps

from ..compiler.compose.defaults_list import ConfigChoice
from ..compiler.compose.explain import ExplainedChange, Explanation, Leaf
from ..compiler.compose.interpolations import Interpolation, KeyReference, ResolverCall
from ..compiler.compose.provenance import ChangeKind
from ..compiler.spans import dotted
from ..registry.options import show
from .formatting import format_table
from .output import escape_controls
from .source_excerpt import Paint, excerpt, margin_of


def explanation_text(explanation: Explanation, *, color: bool) -> str:
    """Render the changes that gave a key its value, and the interpolations in that value."""
    blocks = _blocks(explanation, Paint(color))
    return "\n\n".join("\n".join(block) for block in blocks)


def explanation_body(explanation: Explanation) -> Json:
    """Convert an explanation to JSON."""
    return {
        "key": explanation.key,
        "there": explanation.exists,
        "value": _json(explanation.value),
        "known": explanation.origin_known,
        "steps": [_change_body(change) for change in explanation.changes],
        "choices": [_choice_body(choice) for choice in explanation.choices],
        "holds": [_leaf_body(leaf) for leaf in explanation.leaves],
        "resolved": _interpolation_body(explanation.interpolation),
        "refers_to": [explanation_body(target) for target in explanation.targets],
    }


def _blocks(explanation: Explanation, paint: Paint) -> Iterator[list[str]]:
    yield [paint("bold", _head(explanation)), *_notes(explanation, paint)]
    for choice in explanation.choices:
        for other in choice.overruled:
            yield list(_choice(other, paint, in_force=False))
        yield list(_choice(choice, paint, in_force=not explanation.changes))
    for change in explanation.changes:
        yield list(_change(change, paint))
    if explanation.leaves:
        yield format_table(("key", "value", "from"), map(_row, explanation.leaves))
    for target in explanation.targets:
        yield from _blocks(target, paint)


def _head(explanation: Explanation) -> str:
    name = f"`{explanation.key}`"
    if explanation.requested_as:
        name = f"`{explanation.requested_as}` is {name}, which"
    if not explanation.exists:
        empty = explanation.choices and not explanation.changes
        return f"{name} is left empty" if empty else f"{name} was removed"
    if explanation.interpolation:
        return f"{name} is {show(explanation.value)}, which {_outcome(explanation.interpolation)}"
    if explanation.changes or not explanation.leaves:
        return f"{name} is {show(explanation.value)}"
    return f"{name} is a section of {plural(len(explanation.leaves), 'value')}"


def _outcome(interpolation: Interpolation) -> str:
    if interpolation.error:
        return f"does not resolve: {interpolation.error}"
    value = interpolation.value
    return "is another section" if value is None else f"is {show(value)}"


def _notes(explanation: Explanation, paint: Paint) -> Iterator[str]:
    if not explanation.origin_known:
        yield _note("the origin of this value is unknown", " ", paint)
    found = explanation.interpolation
    for asked in found.references if found else ():
        if isinstance(asked, ResolverCall):
            arguments = ", ".join(f"`{argument}`" for argument in asked.arguments)
            text = f"the resolver `{asked.name}` returns {show(asked.value)} for {arguments}"
            yield _note(text, " ", paint)


def _change(change: ExplainedChange, paint: Paint) -> Iterator[str]:
    tint = "green" if change.in_force else "yellow"
    yield paint(tint, _headline(change))
    span = change.span or Span(None)
    yield from excerpt(span, "", tint, paint)
    margin = margin_of(span)
    if change.owner:
        yield _note(f"a default of {change.owner}", margin, paint)
    if change.key and change.key.file == span.file and change.key.line > span.line:
        yield _note(f"an alias at {change.key} repeats it", margin, paint)
    what = "this file" if span.file else "it"
    yield from (_note(reason, margin, paint) for reason in _reasons(change.choice, what))


def _headline(change: ExplainedChange) -> str:
    match change.kind:
        case ChangeKind.REMOVES:
            return "removed"
        case ChangeKind.MOVES:
            return "moved in its list"
    return f"set to {show(change.value)}{', in force' if change.in_force else ''}"


def _choice(choice: ConfigChoice, paint: Paint, *, in_force: bool) -> Iterator[str]:
    tint = "green" if in_force else "yellow"
    yield paint(tint, f"chosen by `{choice.text}`{', in force' if in_force else ''}")
    yield from excerpt(replace(choice.span, key=""), "", tint, paint)
    margin = margin_of(choice.span)
    reasons = _reasons(choice.chosen_by, "this file")
    yield from (_note(reason, margin, paint) for reason in reasons)


def _reasons(choice: ConfigChoice | None, what: str) -> Iterator[str]:
    """Explain which choice selected a file, and which further choices led to this choice."""
    while choice:
        where = "on the command line" if choice.on_command_line else f"at {choice.span}"
        yield f"`{choice.text}` {where} chose {what}"
        choice, what = choice.chosen_by, "that file"


def _note(text: str, margin: str, paint: Paint) -> str:
    return f"{margin}{paint('blue', '=')} {escape_controls(text)}"


def _row(leaf: Leaf) -> tuple[str, str, str]:
    return leaf.key, show(leaf.value), _origin(leaf.origin)


def _origin(change: ExplainedChange | None) -> str:
    if change is None:
        return "unknown"
    return str(change.span) if change.span else f"a default of {change.owner}"


def _change_body(change: ExplainedChange) -> dict[str, Any]:
    return {
        "change": change.kind.value,
        "value": _json(change.value),
        "in_force": change.in_force,
        "default_of": change.owner or None,
        **_span_body(change.span),
        "chosen_by": _choice_body(change.choice),
    }


def _leaf_body(leaf: Leaf) -> dict[str, Any]:
    origin = leaf.origin
    return {
        "key": leaf.key,
        "value": _json(leaf.value),
        "default_of": (origin.owner or None) if origin else None,
        **_span_body(origin.span if origin else None),
    }


def _choice_body(choice: ConfigChoice | None) -> dict[str, Any] | None:
    if choice is None:
        return None
    return {
        "choice": choice.text,
        **_span_body(choice.span),
        "chosen_by": _choice_body(choice.chosen_by),
        "instead_of": [_choice_body(other) for other in choice.overruled],
    }


def _interpolation_body(found: Interpolation | None) -> dict[str, Any] | None:
    if found is None:
        return None
    asked = [
        {"key": dotted(asked.path)}
        if isinstance(asked, KeyReference)
        else {"resolver": asked.name, "arguments": asked.arguments, "value": _json(asked.value)}
        for asked in found.references
    ]
    return {"value": _json(found.value), "error": found.error, "asked": asked}


def _json(value: Any) -> Json:
    """Return a value unchanged if JSON can represent it, otherwise convert it to text."""
    try:
        dumps(value)
    except (TypeError, ValueError):
        return str(value)
    return value


def _span_body(span: Span | None) -> dict[str, Any]:
    found = span if span and span.file else None
    return {
        "file": found.file if found else None,
        "line": found.line if found else None,
        "column": found.column if found else None,
        "length": found.length if found else None,
        "text": found.text if found else None,
    }
