"""Formatting for people: numbers, durations, assignments, budgets, tables and JSON.

The functions of this module format values that they receive as arguments. Text about a running
sweep is in `progress`, and text about a recorded sweep is in `summary`. A command that
only formats values need not import these two modules.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sweepwright.events import Assignment, Json
from sweepwright.space import Categorical, Ordinal, Parameter

from ..plan.plan import Objective, Plan
from ..plan.redaction import MASK, mask_body
from .output import escape_controls

BRANCH = "_name"
"""Key for the name of the selected branch in the value of a nested choice."""
JSON_WIDTH = 96
"""Width below which a JSON value stays on one line."""


def format_number(value: float | None) -> str:
    """Format a metric with six significant digits, or as a dash if it is None."""
    return "-" if value is None else f"{value:.6g}"


def format_median(value: float | None, measurements: int) -> str:
    """Format the value of an assignment: ``0.953, median of 3`` if it was measured repeatedly."""
    counted = f", median of {measurements:,}" if measurements > 1 else ""
    return format_number(value) + counted


def format_duration(seconds: float) -> str:
    """Format a duration: ``40 ms``, ``4.2 s``, ``3 min 20 s``, ``2 h 05 min``."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:  # noqa: PLR2004 - tenths are worth reading only below
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def format_bytes(size: int) -> str:
    """Format a number of bytes with three digits: ``512 B``, ``1.46 MiB``."""
    amount, units = float(size), iter(("B", "KiB", "MiB", "GiB"))
    unit = next(units)
    while amount >= 1024 and (larger := next(units, "")):  # noqa: PLR2004 - the next unit
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.3g} {unit}"  # noqa: PLR2004 - three digits


def format_time(seconds: float) -> str:
    """Format a Unix time as a date and a time in the local time zone."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def flatten(assignment: Assignment, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield parameters under their full names: ``optimizer``, ``optimizer.sgd.momentum``."""
    for key, value in assignment.items():
        if key == BRANCH:
            continue
        if not isinstance(value, Mapping):
            yield prefix + key, value
        elif BRANCH in value:
            yield prefix + key, value[BRANCH]
            yield from flatten(value, f"{prefix}{key}.{value[BRANCH]}.")
        else:
            yield from flatten(value, f"{prefix}{key}.")


def format_assignment(assignment: Assignment, limit: int | None = None) -> str:
    """Format an assignment on one line: ``learning_rate=0.01234 hidden=64``.

    If there are more than `limit` parameters, the remaining parameters are only counted.
    """
    words = [
        escape_controls(f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}")
        for name, value in flatten(mask_body(assignment))
    ]
    hidden = 0 if limit is None else len(words) - limit
    return " ".join([*words[:limit], *([f"… and {hidden:,} more"] if hidden > 0 else [])])


def format_domain(parameter: Parameter) -> str:
    """Format a domain in the call form, unless its choices are secrets."""
    match parameter.domain:
        case Categorical(choices) | Ordinal(choices):
            if mask_body(list(choices), parameter.name) != list(choices):
                return f"choice({MASK})"
    return str(parameter.domain)


def format_budget(plan: Plan, budget: float | None) -> str:
    """Format a budget with its unit: ``9 epochs``; empty if all trials have the same budget."""
    if not (plan.brackets and plan.budget and budget is not None):
        return ""
    unit = plan.budget.unit
    return f"{budget:g} {unit.removesuffix('s') if budget == 1 else unit}"


def format_metric_name(objective: Objective) -> str:
    """Return the name of the metric; ``objective`` for NNI's unspecific name ``default``."""
    return "objective" if objective.metric == "default" else objective.metric


def format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Format rows as a table below a header, and return one string per line."""
    lines = [[escape_controls(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def json_lines(value: Json) -> Iterator[str]:
    """Yield a value as lines of JSON. A nested value is split if it does not fit on a line."""
    return _json_lines(value, "", "")


def _json_lines(value: Json, key: str, indent: str) -> Iterator[str]:
    line = f"{indent}{key}{json.dumps(value, ensure_ascii=False)}"
    if len(line) < JSON_WIDTH or not value or not isinstance(value, dict | list):
        yield line
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{key}{opening}"
    yield from _item_lines(value, f"{indent}  ")
    yield f"{indent}{closing}"


def _item_lines(value: dict[str, Json] | list[Json], indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        items = [(f"{json.dumps(key, ensure_ascii=False)}: ", item) for key, item in value.items()]
    else:
        items = [("", item) for item in value]
    for number, (key, item) in enumerate(items, 1):
        *lines, last = _json_lines(item, key, indent)
        yield from lines
        yield last if number == len(items) else f"{last},"


MOST_WAITING = 5
"""Largest number of waiting trials that are named."""


def describe_waiting(trials: Sequence[int], wants: str) -> str:
    """Say what trials wait for: ``trials 3, 4 and 5 wait for 1 gpu``."""
    named, more = list(map(str, trials[:MOST_WAITING])), len(trials) - MOST_WAITING
    if more > 0:
        named.append(f"{more:,} more")
    if len(named) == 1:
        return f"trial {named[0]} waits for {wants}"
    return f"trials {', '.join(named[:-1])} and {named[-1]} wait for {wants}"
