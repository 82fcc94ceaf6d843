"""A curve in a terminal: the best so far, as a staircase of box characters."""

from collections.abc import Sequence

WIDTH = 60
HEIGHT = 8


def curve(values: Sequence[float], width: int = WIDTH, height: int = HEIGHT) -> list[str]:
    """Draw values that only ever go one way, from left to right; a line of text for each row.

    The labels of the first and the last row are the largest and the smallest value.
    """
    if not values:
        return []
    low, high = min(values), max(values)
    height = height if high > low else 1
    columns = _columns(values, min(width, len(values)))
    rows = [_row(value, low, high, height) for value in columns]
    canvas = [[" "] * len(rows) for _ in range(height)]
    for column, row in enumerate(rows):
        _step(canvas, column, rows[max(0, column - 1)], row)
    labels = {0: f"{high:.6g}", height - 1: f"{low:.6g}"}
    margin = max(map(len, labels.values()))
    return [f"{labels.get(i, ''):>{margin}} ┤{''.join(line)}" for i, line in enumerate(canvas)]


def _columns(values: Sequence[float], width: int) -> list[float]:
    """Take the last value of each of so many equal parts."""
    return [values[(column + 1) * len(values) // width - 1] for column in range(width)]


def _row(value: float, low: float, high: float, height: int) -> int:
    return 0 if high == low else round((high - value) / (high - low) * (height - 1))


def _step(canvas: list[list[str]], column: int, before: int, row: int) -> None:
    """Draw one column, with the riser from the row before."""
    canvas[row][column] = "─" if row == before else "╭" if row < before else "╰"
    if row != before:
        canvas[before][column] = "╯" if row < before else "╮"
    for between in range(min(row, before) + 1, max(row, before)):
        canvas[between][column] = "│"
