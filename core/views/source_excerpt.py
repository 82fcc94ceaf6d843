"""Excerpts: a line of a file or of the command line, with a caret below what is meant."""

from collections.abc import Iterator
from dataclasses import dataclass

from sweepwright.diagnostics import Span

LONGEST_LINE = 96
"""Characters of a source line that are shown; a longer one is cut around the culprit."""

_STYLES = {"red": "31;1", "yellow": "33;1", "green": "32;1", "blue": "34;1", "bold": "1"}


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours text, where there are colours."""

    color: bool

    def __call__(self, style: str, text: str) -> str:
        """Write text in a style, which never is an empty one."""
        return f"\033[{_STYLES[style]}m{text}\033[0m" if self.color and text else text


def margin_of(span: Span) -> str:
    """Leave room for the number of a span's line."""
    return " " * (len(str(span.line)) + 1)


def excerpt(span: Span, label: str, tint: str, paint: Paint) -> Iterator[str]:
    """Write where a span is, and its line with words beside the caret; or its key alone."""
    margin, bar = margin_of(span), paint("blue", "|")
    arrow = f"{margin}{paint('blue', '-->')}"
    if not span.file:
        yield from [f"{arrow} {span.key}"] if span.key else []
        return
    yield f"{arrow} {span}{f'  ({span.key})' if span.key else ''}"
    if span.text:
        text, offset = _cut(span)
        length = max(1, min(span.length, len(text) - offset))
        blank = "".join("\t" if character == "\t" else " " for character in text[:offset])
        caret = f"{'^' * length} {label}".rstrip()
        yield f"{margin} {bar}"
        yield f" {paint('blue', str(span.line))} {bar} {text}"
        yield f"{margin} {bar} {blank}{paint(tint, caret)}"


def _cut(span: Span) -> tuple[str, int]:
    """Return the source line, cut around the culprit, and where in it the culprit is."""
    offset = min(span.column - 1, len(span.text))
    if len(span.text) <= LONGEST_LINE:
        return span.text, offset
    start = max(0, min(offset - LONGEST_LINE // 3, len(span.text) - LONGEST_LINE))
    before, after = "…" if start else "", "…" if start + LONGEST_LINE < len(span.text) else ""
    text = f"{before}{span.text[start : start + LONGEST_LINE]}{after}"
    return text, offset - start + len(before)
