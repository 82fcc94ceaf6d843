"""Explanations, as text for people and as JSON for programs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sweepwright.diagnostics import Span
from sweepwright.events import Json
from sweepwright.protocol import dumps

from ..compiler.compose.defaults_list import Choice
from ..compiler.compose.explain import Explanation, Leaf, Step
from ..compiler.compose.interpolations import Resolved, ToKey, ToResolver
from ..compiler.compose.layers import Change
from ..compiler.spans import dotted
from ..registry.options import show
from .formatting import format_table, plural
from .source_excerpt import Paint, excerpt, margin_of

NOBODY = "nobody can tell"
"""Said of an origin that is not known for certain."""


def explanation_text(explanation: Explanation, *, color: bool) -> str:
    """Render why a key has its value: everything that set it, and what it refers to."""
    blocks = _blocks(explanation, Paint(color))
    return "\n\n".join("\n".join(block) for block in blocks)


def explanation_body(explanation: Explanation) -> Json:
    """Write an explanation as JSON."""
    return {
        "key": explanation.key,
        "there": explanation.there,
        "value": _json(explanation.value),
        "known": explanation.known,
        "steps": [_step_body(step) for step in explanation.steps],
        "choices": [_choice_body(choice) for choice in explanation.choices],
        "holds": [_leaf_body(leaf) for leaf in explanation.leaves],
        "resolved": _resolved_body(explanation.resolved),
        "refers_to": [explanation_body(target) for target in explanation.targets],
    }


def _blocks(explanation: Explanation, paint: Paint) -> Iterator[list[str]]:
    yield [paint("bold", _head(explanation)), *_notes(explanation, paint)]
    for choice in explanation.choices:
        for other in choice.instead_of:
            yield list(_choice(other, paint, in_force=False))
        yield list(_choice(choice, paint, in_force=not explanation.steps))
    for step in explanation.steps:
        yield list(_step(step, paint))
    if explanation.leaves:
        yield format_table(("key", "value", "from"), map(_row, explanation.leaves))
    for target in explanation.targets:
        yield from _blocks(target, paint)


def _head(explanation: Explanation) -> str:
    name = f"`{explanation.key}`"
    if explanation.way:
        name = f"`{explanation.way}` is {name}, which"
    if not explanation.there:
        empty = explanation.choices and not explanation.steps
        return f"{name} is left empty" if empty else f"{name} is not there any more"
    if explanation.resolved:
        return f"{name} is {show(explanation.value)}, which {_outcome(explanation.resolved)}"
    if explanation.steps or not explanation.leaves:
        return f"{name} is {show(explanation.value)}"
    return f"{name} is a section of {plural(len(explanation.leaves), 'value')}"


def _outcome(resolved: Resolved) -> str:
    if resolved.error:
        return f"does not resolve: {resolved.error}"
    return "is another section" if resolved.value is None else f"is {show(resolved.value)}"


def _notes(explanation: Explanation, paint: Paint) -> Iterator[str]:
    if not explanation.known:
        yield _note(f"{NOBODY} where this value is from", " ", paint)
    for asked in explanation.resolved.references if explanation.resolved else ():
        if isinstance(asked, ToResolver):
            arguments = ", ".join(f"`{argument}`" for argument in asked.arguments)
            said = f"the resolver `{asked.name}` says {show(asked.value)} to {arguments}"
            yield _note(said, " ", paint)


def _step(step: Step, paint: Paint) -> Iterator[str]:
    tint = "green" if step.in_force else "yellow"
    yield paint(tint, _deed(step))
    span = step.span or Span(None)
    yield from excerpt(span, "", tint, paint)
    margin = margin_of(span)
    if step.by:
        yield _note(f"a default of {step.by}", margin, paint)
    if step.key and step.key.file == span.file and step.key.line > span.line:
        yield _note(f"an alias stands for it at {step.key}", margin, paint)
    what = "this file" if span.file else "it"
    yield from (_note(said, margin, paint) for said in _why(step.choice, what))


def _deed(step: Step) -> str:
    match step.change:
        case Change.REMOVES:
            return "removed"
        case Change.MOVES:
            return "moved in its list"
    return f"set to {show(step.value)}{', in force' if step.in_force else ''}"


def _choice(choice: Choice, paint: Paint, *, in_force: bool) -> Iterator[str]:
    tint = "green" if in_force else "yellow"
    said = f"chosen by `{choice.text}`"
    yield paint(tint, f"{said}, in force" if in_force else said)
    yield from excerpt(replace(choice.span, key=""), "", tint, paint)
    margin = margin_of(choice.span)
    yield from (_note(said, margin, paint) for said in _why(choice.because, "this file"))


def _why(choice: Choice | None, what: str) -> Iterator[str]:
    """Tell who chose a file, and who chose the file that says so."""
    while choice:
        where = "on the command line" if choice.typed else f"at {choice.span}"
        yield f"`{choice.text}` {where} chose {what}"
        choice, what = choice.because, "that file"


def _note(said: str, margin: str, paint: Paint) -> str:
    return f"{margin}{paint('blue', '=')} {said}"


def _row(leaf: Leaf) -> tuple[str, str, str]:
    return leaf.key, show(leaf.value), _origin(leaf.step)


def _origin(step: Step | None) -> str:
    if step is None:
        return NOBODY
    return str(step.span) if step.span else f"a default of {step.by}"


def _step_body(step: Step) -> dict[str, Any]:
    return {
        "change": step.change.value,
        "value": _json(step.value),
        "in_force": step.in_force,
        "default_of": step.by or None,
        **_span_body(step.span),
        "chosen_by": _choice_body(step.choice),
    }


def _leaf_body(leaf: Leaf) -> dict[str, Any]:
    step = leaf.step
    by = {"default_of": (step.by or None) if step else None}
    return {
        "key": leaf.key,
        "value": _json(leaf.value),
        **by,
        **_span_body(step.span if step else None),
    }


def _choice_body(choice: Choice | None) -> dict[str, Any] | None:
    if choice is None:
        return None
    return {
        "choice": choice.text,
        **_span_body(choice.span),
        "chosen_by": _choice_body(choice.because),
        "instead_of": [_choice_body(other) for other in choice.instead_of],
    }


def _resolved_body(resolved: Resolved | None) -> dict[str, Any] | None:
    if resolved is None:
        return None
    asked = [
        {"key": dotted(one.path)}
        if isinstance(one, ToKey)
        else {"resolver": one.name, "arguments": one.arguments, "value": _json(one.value)}
        for one in resolved.references
    ]
    return {"value": _json(resolved.value), "error": resolved.error, "asked": asked}


def _json(value: Any) -> Json:
    """Write a value as it is where JSON has such values, else as text."""
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
