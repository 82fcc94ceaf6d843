"""JSON for people: broken into lines only where it does not fit on one."""

import json
from collections.abc import Iterator

from sweepwright.events import Json

WIDTH = 96
"""Characters up to which a value stays on one line."""


def json_lines(value: Json) -> Iterator[str]:
    """Write JSON, line by line; joined they are JSON again."""
    return _lines(value, "", "")


def _lines(value: Json, key: str, indent: str) -> Iterator[str]:
    line = f"{indent}{key}{json.dumps(value, ensure_ascii=False)}"
    if len(line) < WIDTH or not value or not isinstance(value, dict | list):
        yield line
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{key}{opening}"
    yield from _items(value, f"{indent}  ")
    yield f"{indent}{closing}"


def _items(value: dict[str, Json] | list[Json], indent: str) -> Iterator[str]:
    """Write what is inside, each but the last with a comma after it."""
    if isinstance(value, dict):
        items = [(f"{json.dumps(key, ensure_ascii=False)}: ", item) for key, item in value.items()]
    else:
        items = [("", item) for item in value]
    for number, (key, item) in enumerate(items, 1):
        *lines, last = _lines(item, key, indent)
        yield from lines
        yield last if number == len(items) else f"{last},"
