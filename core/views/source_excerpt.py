"""Render a source line of a span, of a file or of the command line, with carets below the span."""

from collections.abc import Iterator
from dataclasses import dataclass

from sweepwright.diagnostics import Span

LONGEST_LINE = 96
"""Characters of a source line that are shown, which fits a terminal of 100 columns with margin.

A longer line is cut around the span.
"""

_STYLES = {"red": "31;1", "yellow": "33;1", "green": "32;1", "blue": "34;1", "bold": "1"}
"""Parameters of the terminal's escape sequences."""


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours text, if colours are wanted."""

    color: bool

    def __call__(self, style: str, text: str) -> str:
        """Return text in a style; empty text stays empty."""
        return f"\033[{_STYLES[style]}m{text}\033[0m" if self.color and text else text


def margin_of(span: Span) -> str:
    """Return the spaces that line up with a span's line number."""
    return " " * (len(str(span.line)) + 1)


def excerpt(span: Span, label: str, tint: str, paint: Paint) -> Iterator[str]:
    """Render a span's position, its source line, and carets with a label.

    A span that is in no text is its key.
    """
    margin, bar = margin_of(span), paint("blue", "|")
    arrow = f"{margin}{paint('blue', '-->')}"
    if not span.file:
        yield from [f"{arrow} {span.key}"] if span.key else []
        return
    yield f"{arrow} {span}{f'  ({span.key})' if span.key else ''}"
    if span.text:
        text, offset = _cut(span)
        length = max(1, min(span.length, len(text) - offset))
        # A tab stays a tab, so that the carets line up at any tab width.
        blank = "".join("\t" if character == "\t" else " " for character in text[:offset])
        carets = f"{'^' * length} {label}".rstrip()
        yield f"{margin} {bar}"
        yield f" {paint('blue', str(span.line))} {bar} {text}"
        yield f"{margin} {bar} {blank}{paint(tint, carets)}"


def _cut(span: Span) -> tuple[str, int]:
    """Return the source line, cut around the span, and the offset of the span in it."""
    offset = min(span.column - 1, len(span.text))
    if len(span.text) <= LONGEST_LINE:
        return span.text, offset
    # A third of the room goes to what precedes the span.
    start = max(0, min(offset - LONGEST_LINE // 3, len(span.text) - LONGEST_LINE))
    before, after = "…" if start else "", "…" if start + LONGEST_LINE < len(span.text) else ""
    text = f"{before}{span.text[start : start + LONGEST_LINE]}{after}"
    return text, offset - start + len(before)
