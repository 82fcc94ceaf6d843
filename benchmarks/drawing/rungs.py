"""Panels of tuners with budgets: the budgets that trials reach, in time and one by one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from .climb import BUDGET, Segment
from .svg import GREY, SIDE, at, legend, valley

MOST_RUNGS = 12
"""Budgets that are labelled at the side of a panel, besides the largest."""
TOP = 0.94
"""Vertical position of the largest budget in a panel."""
BEST, WORST = (0xF0, 0x6A, 0x12), (0x94, 0x9C, 0xA4)
"""Colours of the best and of the worst at a budget, in red, green and blue."""
CLIMBER = "#4a90e2"
"""Colour of trials that reached the largest budget."""
Across: TypeAlias = Callable[[Segment], tuple[float, float]]
"""Returns the horizontal positions of a segment's start and end, from 0 to 1."""


def time_panel(segments: Sequence[Segment], heights: Mapping[float, float]) -> str:
    """Draw trials in time: a slope for each segment, and a level line while a trial waits."""
    return _panel(segments, heights, lambda segment: (segment.begun, segment.ended))


def trial_panel(segments: Sequence[Segment], heights: Mapping[float, float]) -> str:
    """Draw trials side by side, in the order in which they began."""
    count = 1 + max(segment.trial for segment in segments)
    return _panel(segments, heights, lambda segment: ((segment.trial + 0.5) / count,) * 2)


def place_panel(segments: Sequence[Segment]) -> str:
    """Draw the places of trials in the valley; those that reached the top are in front."""
    dots = {segment.trial: _place(segment, GREY) for segment in segments}
    tops = [_place(segment, CLIMBER) for segment in segments if segment.after == BUDGET.maximum]
    return f"{valley()}{''.join(dots.values())}{''.join(tops)}"


def rung_heights(climbs: Iterable[Sequence[Segment]]) -> Mapping[float, float]:
    """Return the height of each budget, in pixels: evenly spaced, with 0 at the bottom."""
    budgets = [0.0, *sorted({segment.after for segments in climbs for segment in segments})]
    step = SIDE * TOP / (len(budgets) - 1)
    return {budget: SIDE - place * step for place, budget in enumerate(budgets)}


def value_legend() -> str:
    """Explain the colours of measurements, and of trials that reached the top."""
    scale = legend("worst at its budget", [_blend(place / 11) for place in range(12)], "best")
    return (
        f'{scale}<path d="M246 5h20" stroke="{CLIMBER}" stroke-width="2"/>'
        f'<text x="272" y="9">to the top</text>'
    )


def _panel(segments: Sequence[Segment], heights: Mapping[float, float], across: Across) -> str:
    ways = _ways(segments)
    lines = (
        _way(way, across, heights, bold=way[-1].after == BUDGET.maximum) for way in ways.values()
    )
    heirs = (
        _descent(ways[way[0].parent], way[0], across, heights)
        for way in ways.values()
        if way[0].parent is not None and way[0].before
    )
    return "".join([*_rungs(segments, heights), *heirs, *lines, *_dots(segments, across, heights)])


def _ways(segments: Sequence[Segment]) -> Mapping[int, list[Segment]]:
    """Collect the segments of each trial."""
    ways: dict[int, list[Segment]] = {}
    for segment in segments:
        ways.setdefault(segment.trial, []).append(segment)
    return ways


def _rungs(segments: Sequence[Segment], heights: Mapping[float, float]) -> Iterator[str]:
    *below, top = sorted({segment.after for segment in segments})
    for budget in [*(below if len(below) <= MOST_RUNGS else []), top]:
        height = heights[budget]
        yield (
            f'<path d="M0 {height:.1f}H{SIDE}" stroke="{GREY}" stroke-dasharray="1 4" '
            f'stroke-opacity="0.7"/><text x="{SIDE + 3}" y="{height + 4:.1f}">{budget:g}</text>\n'
        )


def _way(
    way: Sequence[Segment], across: Across, heights: Mapping[float, float], *, bold: bool
) -> str:
    """Draw a trial as a thin line; thicker if it reached the largest budget."""
    ends = [
        (across(segment), (heights[segment.before], heights[segment.after])) for segment in way
    ]
    segments = [
        f"{left * SIDE:.1f} {low:.1f}L{right * SIDE:.1f} {high:.1f}"
        for (left, right), (low, high) in ends
    ]
    color = CLIMBER if bold else GREY
    over = f'<path d="M{"M".join(segments)}" stroke="{color}" stroke-width="2"/>' if bold else ""
    thin = f'<path d="M{"L".join(segments)}" fill="none" stroke="{color}" stroke-width="0.9"/>'
    return f"{thin}{over}\n"


def _descent(
    parent: Sequence[Segment], heir: Segment, across: Across, heights: Mapping[float, float]
) -> str:
    """Draw a thin line from where a parent was to where its heir began."""
    (left,) = [across(segment)[1] for segment in parent if segment.after == heir.before]
    right, height = across(heir)[0], heights[heir.before]
    middle = (left + right) / 2 * SIDE
    return (
        f'<path d="M{left * SIDE:.1f} {height:.1f}Q{middle:.1f} {height + 10:.1f} '
        f'{right * SIDE:.1f} {height:.1f}" fill="none" stroke="{GREY}" stroke-width="0.7"/>\n'
    )


def _dots(
    segments: Sequence[Segment], across: Across, heights: Mapping[float, float]
) -> Iterator[str]:
    """Draw each measurement, the best last, so that they are seen."""
    for budget in sorted({segment.after for segment in segments}):
        ranked = sorted(
            (segment for segment in segments if segment.after == budget),
            key=lambda segment: -segment.value,
        )
        for place, segment in enumerate(ranked):
            share = place / (len(ranked) - 1) if len(ranked) > 1 else 1.0
            yield (
                f'<circle cx="{across(segment)[1] * SIDE:.1f}" cy="{heights[budget]:.1f}" r="2.4" '
                f'fill="{_blend(share)}"/>\n'
            )


def _place(segment: Segment, color: str) -> str:
    x, y = at(segment.assignment["x"], segment.assignment["y"])
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{color}"/>\n'


def _blend(share: float) -> str:
    pairs = zip(WORST, BEST, strict=True)
    return _hex(tuple(round(low + (high - low) * share) for low, high in pairs))


def _hex(color: Sequence[int]) -> str:
    return "#" + bytes(color).hex()
