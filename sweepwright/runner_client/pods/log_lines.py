"""The lines of a container's log: which of them are records, and what the records say."""

import re

from ...events import Json
from ..shapes import is_amount, is_count, is_text, parse_object, record

OPENING = b'{"sweepwright_record":'
_LONGEST_LINE = 1 << 16
_LONGEST_PART = 1 << 13
_MOST_PARTS = 1 << 8
ESCAPED = re.compile(rb"\\+" + re.escape(OPENING))
SPECIAL = re.compile(rb"^\\*" + re.escape(OPENING) + rb".*\n", re.MULTILINE)
"""A record, or text that looks like one; both end a line."""
_BEGUN = re.compile(rb"\\*")
_RECORD = record(sweepwright_record=is_count, run=is_text, time=is_amount, text=is_count)
is_piece = record(
    part=is_count,
    parts=lambda count: is_count(count) and count <= _MOST_PARTS,
    json=lambda text: is_text(text) and len(text) <= _LONGEST_PART,
)
"""Tells whether a record is a piece of a longer one."""


def may_be_record(begun: bytes) -> bool:
    """Tell whether a line that begins so may be a record, or text that looks like one."""
    found = _BEGUN.match(begun)
    rest = begun[found.end() if found else 0 :]
    if len(begun) > _LONGEST_LINE:
        return False
    return OPENING.startswith(rest) or begun.startswith(OPENING)


def parse_record(line: bytes) -> Json:
    """Parse a record; None if it is damaged."""
    if len(line) > _LONGEST_LINE:
        return None
    try:
        found = parse_object(line)
    except ValueError:
        return None
    return found if _RECORD(found) else None


def parse_event(text: str) -> Json:
    """Parse the joined pieces of a record; None if they are damaged."""
    try:
        return parse_object(text.encode()) if text else None
    except ValueError:
        return None


def without_head(event: Json) -> Json:
    """Return what a record says, without what it says about the log."""
    head = ("sweepwright_record", "run", "time", "text", "cut", "again")
    return {name: value for name, value in event.items() if name not in head}
