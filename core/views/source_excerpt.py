"""Renders the source line of a span with carets below the span.

The line is from a file or from the command line.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sweepwright.diagnostics import Span

from .output import escape_controls

LONGEST_LINE = 96
"""Largest number of characters of a source line that are shown. With its margin, such a line fits
on a terminal with 100 columns.

A longer line is cut to the part around the span.
"""

_STYLES = {"red": "31;1", "yellow": "33;1", "green": "32;1", "blue": "34;1", "bold": "1"}
"""Parameters of the terminal's escape sequences, by style."""


@dataclass(frozen=True, slots=True)
class Paint:
    """Escapes the control characters of text, and colours it unless colour is turned off."""

    color: bool

    def __call__(self, style: str, text: str) -> str:
        """Return text in a style. Empty text stays empty."""
        shown = escape_controls(text)
        return f"\033[{_STYLES[style]}m{shown}\033[0m" if self.color and shown else shown


def margin_of(span: Span) -> str:
    """Return a blank margin, which is as wide as the margin with a span's line number."""
    return " " * (len(str(span.line)) + 1)


def excerpt(span: Span, label: str, tint: str, paint: Paint) -> Iterator[str]:
    """Render the position of a span, its source line, and carets with a label.

    If the span has no file, only its configuration key is shown.
    """
    margin, bar = margin_of(span), paint("blue", "|")
    arrow = f"{margin}{paint('blue', '-->')}"
    if not span.file:
        yield from [f"{arrow} {escape_controls(span.key)}"] if span.key else []
        return
    key = f"  ({escape_controls(span.key)})" if span.key else ""
    yield f"{arrow} {escape_controls(str(span))}{key}"
    if span.text:
        cut, offset = _cut(span)
        # An escape is longer than its character, and the carets stand below the escapes.
        end = offset + min(span.length, len(cut) - offset)
        before, inside, after = (
            escape_controls(part, keep="\t") for part in (cut[:offset], cut[offset:end], cut[end:])
        )
        text = f"{before}{inside}{after}"
        # Keep each tab, so that the carets line up at any tab width.
        blank = "".join("\t" if character == "\t" else " " for character in before)
        carets = f"{'^' * max(1, len(inside))} {label}".rstrip()
        yield f"{margin} {bar}"
        yield f" {paint('blue', str(span.line))} {bar} {text}"
        yield f"{margin} {bar} {blank}{paint(tint, carets)}"


def _cut(span: Span) -> tuple[str, int]:
    """Cut a source line to the part around the span; return this part and the span's offset."""
    offset = min(span.column - 1, len(span.text))
    if len(span.text) <= LONGEST_LINE:
        return span.text, offset
    # Reserve a third of the room for the text before the span.
    start = max(0, min(offset - LONGEST_LINE // 3, len(span.text) - LONGEST_LINE))
    before, after = "…" if start else "", "…" if start + LONGEST_LINE < len(span.text) else ""
    text = f"{before}{span.text[start : start + LONGEST_LINE]}{after}"
    return text, offset - start + len(before)
