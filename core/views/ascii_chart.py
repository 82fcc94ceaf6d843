"""A text chart of the best value so far, drawn as a staircase of box-drawing characters."""

from collections.abc import Sequence

WIDTH = 60
HEIGHT = 8


def draw_staircase(values: Sequence[float], width: int = WIDTH, height: int = HEIGHT) -> list[str]:
    """Draw a sequence of values from left to right, and return the lines of the chart.

    The top line is labelled with the largest value, and the bottom line with the smallest. If
    there are more values than columns, each column shows the last of its values.
    """
    if not values:
        return []
    low, high = min(values), max(values)
    height = height if high > low else 1
    columns = min(width, len(values))
    shown = [values[(column + 1) * len(values) // columns - 1] for column in range(columns)]
    rows = [_row(value, low, high, height) for value in shown]
    canvas = [[" "] * len(rows) for _ in range(height)]
    for column, row in enumerate(rows):
        _draw_column(canvas, column, rows[max(0, column - 1)], row)
    labels = {0: f"{high:.6g}", height - 1: f"{low:.6g}"}
    margin = max(map(len, labels.values()))
    return [f"{labels.get(i, ''):>{margin}} ┤{''.join(line)}" for i, line in enumerate(canvas)]


def _row(value: float, low: float, high: float, height: int) -> int:
    """Return the row of a value. Row 0 is at the top."""
    if high == low:
        return 0
    # Scaled to [-1, 1], so that no difference of finite values overflows.
    largest = max(abs(high), abs(low))
    top, bottom = high / largest, low / largest
    return round((top - value / largest) / (top - bottom) * (height - 1))


def _draw_column(canvas: list[list[str]], column: int, before: int, row: int) -> None:
    """Draw one column, and a vertical line that joins it to the row of the previous column."""
    canvas[row][column] = "─" if row == before else "╭" if row < before else "╰"
    if row != before:
        canvas[before][column] = "╯" if row < before else "╮"
    for between in range(min(row, before) + 1, max(row, before)):
        canvas[between][column] = "│"
