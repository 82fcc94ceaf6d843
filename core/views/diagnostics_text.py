"""Renders findings as text for people and as JSON for programs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sweepwright.diagnostics import Diagnostic, Severity, plural

from ..plan.redaction import mask_line
from .output import escape_controls
from .source_excerpt import Paint, excerpt, margin_of


def render_diagnostics(diagnostics: Sequence[Diagnostic], *, color: bool) -> str:
    """Render findings, each with its source line and carets, and count the findings at the end.

    A silenced finding is counted, but not rendered.
    """
    paint = Paint(color)
    visible = [found for found in diagnostics if found.severity is not Severity.SILENCED]
    blocks = ["\n".join(_block(found, paint)) for found in visible]
    return "\n\n".join([*blocks, _count(diagnostics)]) + "\n"


def diagnostics_body(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """Convert findings to JSON."""
    return [_body(found) for found in diagnostics]


def _block(found: Diagnostic, paint: Paint) -> Iterator[str]:
    tint = "red" if found.severity is Severity.ERROR else "yellow"
    head = paint(tint, f"{found.severity.value}[{found.code.value}]")
    yield f"{head}{paint('bold', f': {found.message}')}"
    margin = margin_of(found.span)
    span = replace(found.span, text=mask_line(found.span.key.split("."), found.span.text))
    yield from excerpt(span, found.label, tint, paint)
    for note in found.notes:
        yield f"{margin}{paint('blue', '=')} note: {escape_controls(note)}"
    if found.help:
        yield f"{margin}{paint('blue', '=')} help: {escape_controls(found.help)}"


def _count(diagnostics: Sequence[Diagnostic]) -> str:
    counts = Counter(found.severity for found in diagnostics)
    errors, warnings = counts[Severity.ERROR], counts[Severity.WARNING]
    silenced = f", {counts[Severity.SILENCED]} silenced" if counts[Severity.SILENCED] else ""
    return f"{plural(errors, 'error')}, {plural(warnings, 'warning')}{silenced}"


def _body(found: Diagnostic) -> dict[str, Any]:
    span = found.span
    located = span.file is not None
    return {
        "code": found.code.value,
        "severity": found.severity.value,
        "message": found.message,
        "file": span.file,
        "line": span.line if located else None,
        "column": span.column if located else None,
        "length": span.length if located else None,
        "key": span.key or None,
        "notes": list(found.notes),
        "help": found.help,
    }
