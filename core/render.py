"""Render findings, as text for people and as JSON for programs."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sweepwright.diagnostics import Diagnostic, Severity, Span

LONGEST_LINE = 96
"""Characters of a source line that are shown; a longer one is cut around the culprit."""


def render_diagnostics(diagnostics: Sequence[Diagnostic], *, color: bool) -> str:
    """Render findings, each with its source line and a caret, and count them at the end.

    Those that are silenced are counted alone.
    """
    paint = _Paint(color)
    loud = [found for found in diagnostics if found.severity is not Severity.SILENCED]
    blocks = ["\n".join(_block(found, paint)) for found in loud]
    return "\n\n".join([*blocks, _count(diagnostics)]) + "\n"


def diagnostics_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Render findings as a JSON list."""
    return json.dumps([_body(found) for found in diagnostics], indent=2, ensure_ascii=False)


_STYLES = {"red": "31;1", "yellow": "33;1", "blue": "34;1", "bold": "1"}


@dataclass(frozen=True, slots=True)
class _Paint:
    color: bool

    def __call__(self, style: str, text: str) -> str:
        return f"\033[{_STYLES[style]}m{text}\033[0m" if self.color and text else text


def _block(found: Diagnostic, paint: _Paint) -> Iterator[str]:
    tint = "red" if found.severity is Severity.ERROR else "yellow"
    head = paint(tint, f"{found.severity.value}[{found.code.value}]")
    yield f"{head}{paint('bold', f': {found.message}')}"
    span = found.span
    margin = " " * (len(str(span.line)) + 1)
    if span.file:
        yield from _source(found, margin, tint, paint)
    elif span.key:
        yield f"{margin}{paint('blue', '-->')} {span.key}"
    for note in found.notes:
        yield f"{margin}{paint('blue', '=')} note: {note}"
    if found.help:
        yield f"{margin}{paint('blue', '=')} help: {found.help}"


def _source(found: Diagnostic, margin: str, tint: str, paint: _Paint) -> Iterator[str]:
    span = found.span
    key = f"  ({span.key})" if span.key else ""
    bar = paint("blue", "|")
    yield f"{margin}{paint('blue', '-->')} {span}{key}"
    if span.text:
        text, offset = _excerpt(span)
        length = max(1, min(span.length, len(text) - offset))
        label = f" {found.label}" if found.label else ""
        blank = "".join("\t" if character == "\t" else " " for character in text[:offset])
        yield f"{margin} {bar}"
        yield f" {paint('blue', str(span.line))} {bar} {text}"
        yield f"{margin} {bar} {blank}{paint(tint, '^' * length + label)}"


def _excerpt(span: Span) -> tuple[str, int]:
    """Return the source line, cut around the culprit, and where in it the culprit is."""
    offset = min(span.column - 1, len(span.text))
    if len(span.text) <= LONGEST_LINE:
        return span.text, offset
    start = max(0, min(offset - LONGEST_LINE // 3, len(span.text) - LONGEST_LINE))
    before, after = "…" if start else "", "…" if start + LONGEST_LINE < len(span.text) else ""
    text = f"{before}{span.text[start : start + LONGEST_LINE]}{after}"
    return text, offset - start + len(before)


def _count(diagnostics: Sequence[Diagnostic]) -> str:
    counts = Counter(found.severity for found in diagnostics)
    errors, warnings = counts[Severity.ERROR], counts[Severity.WARNING]
    silenced = f", {counts[Severity.SILENCED]} silenced" if counts[Severity.SILENCED] else ""
    return f"{_plural(errors, 'error')}, {_plural(warnings, 'warning')}{silenced}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


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
