"""Panels of tuners with budgets: how far trials climb, in time and one by one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from .climb import BUDGET, Leg
from .svg import GREY, SIDE, at, legend, valley

MOST_RUNGS = 12
"""Budgets that are written at the side of a panel, besides the largest."""
TOP = 0.94
"""How high up in a panel the largest budget is."""
BEST, WORST = (0xF0, 0x6A, 0x12), (0x94, 0x9C, 0xA4)
"""Colours of the best and of the worst at a budget, in red, green and blue."""
CLIMBER = "#4a90e2"
"""Colour of trials that got to the top."""
Across: TypeAlias = Callable[[Leg], tuple[float, float]]
"""Says where a leg begins and where it ends, from left to right, from 0 to 1."""


def time_panel(legs: Sequence[Leg], heights: Mapping[float, float]) -> str:
    """Draw trials in time: a slope for each leg, and a level line while it waits to go on."""
    return _panel(legs, heights, lambda leg: (leg.begun, leg.ended))


def trial_panel(legs: Sequence[Leg], heights: Mapping[float, float]) -> str:
    """Draw trials one beside the other, in the order in which they began."""
    count = 1 + max(leg.trial for leg in legs)
    return _panel(legs, heights, lambda leg: ((leg.trial + 0.5) / count,) * 2)


def place_panel(legs: Sequence[Leg]) -> str:
    """Draw where trials were in the valley, those that got to the top over the others."""
    dots = {leg.trial: _place(leg, GREY) for leg in legs}
    tops = [_place(leg, CLIMBER) for leg in legs if leg.after == BUDGET.maximum]
    return f"{valley()}{''.join(dots.values())}{''.join(tops)}"


def rung_heights(climbs: Iterable[Sequence[Leg]]) -> Mapping[float, float]:
    """Say how high each budget lies, in pixels: evenly apart, and nothing at the bottom."""
    budgets = [0.0, *sorted({leg.after for legs in climbs for leg in legs})]
    step = SIDE * TOP / (len(budgets) - 1)
    return {budget: SIDE - place * step for place, budget in enumerate(budgets)}


def value_legend() -> str:
    """Explain the colours of measurements, and of trials that got to the top."""
    scale = legend("worst at its budget", [_blend(place / 11) for place in range(12)], "best")
    return (
        f'{scale}<path d="M246 5h20" stroke="{CLIMBER}" stroke-width="2"/>'
        f'<text x="272" y="9">to the top</text>'
    )


def _panel(legs: Sequence[Leg], heights: Mapping[float, float], across: Across) -> str:
    ways = _ways(legs)
    lines = (
        _way(way, across, heights, bold=way[-1].after == BUDGET.maximum) for way in ways.values()
    )
    heirs = (
        _descent(ways[way[0].parent], way[0], across, heights)
        for way in ways.values()
        if way[0].parent is not None and way[0].before
    )
    return "".join([*_rungs(legs, heights), *heirs, *lines, *_dots(legs, across, heights)])


def _ways(legs: Sequence[Leg]) -> Mapping[int, list[Leg]]:
    """Put the legs of each trial together."""
    ways: dict[int, list[Leg]] = {}
    for leg in legs:
        ways.setdefault(leg.trial, []).append(leg)
    return ways


def _rungs(legs: Sequence[Leg], heights: Mapping[float, float]) -> Iterator[str]:
    *below, top = sorted({leg.after for leg in legs})
    for budget in [*(below if len(below) <= MOST_RUNGS else []), top]:
        height = heights[budget]
        yield (
            f'<path d="M0 {height:.1f}H{SIDE}" stroke="{GREY}" stroke-dasharray="1 4" '
            f'stroke-opacity="0.7"/><text x="{SIDE + 3}" y="{height + 4:.1f}">{budget:g}</text>\n'
        )


def _way(way: Sequence[Leg], across: Across, heights: Mapping[float, float], *, bold: bool) -> str:
    """Draw the way of a trial as a thin line; in bold over it the legs of one that got far."""
    ends = [(across(leg), (heights[leg.before], heights[leg.after])) for leg in way]
    legs = [
        f"{left * SIDE:.1f} {low:.1f}L{right * SIDE:.1f} {high:.1f}"
        for (left, right), (low, high) in ends
    ]
    color = CLIMBER if bold else GREY
    over = f'<path d="M{"M".join(legs)}" stroke="{color}" stroke-width="2"/>' if bold else ""
    thin = f'<path d="M{"L".join(legs)}" fill="none" stroke="{color}" stroke-width="0.9"/>'
    return f"{thin}{over}\n"


def _descent(
    parent: Sequence[Leg], heir: Leg, across: Across, heights: Mapping[float, float]
) -> str:
    """Draw a thin line from where a parent was to where its heir began."""
    (left,) = [across(leg)[1] for leg in parent if leg.after == heir.before]
    right, height = across(heir)[0], heights[heir.before]
    middle = (left + right) / 2 * SIDE
    return (
        f'<path d="M{left * SIDE:.1f} {height:.1f}Q{middle:.1f} {height + 10:.1f} '
        f'{right * SIDE:.1f} {height:.1f}" fill="none" stroke="{GREY}" stroke-width="0.7"/>\n'
    )


def _dots(legs: Sequence[Leg], across: Across, heights: Mapping[float, float]) -> Iterator[str]:
    """Draw each measurement, the best last, so that they are seen."""
    for budget in sorted({leg.after for leg in legs}):
        ranked = sorted((leg for leg in legs if leg.after == budget), key=lambda leg: -leg.value)
        for place, leg in enumerate(ranked):
            share = place / (len(ranked) - 1) if len(ranked) > 1 else 1.0
            yield (
                f'<circle cx="{across(leg)[1] * SIDE:.1f}" cy="{heights[budget]:.1f}" r="2.4" '
                f'fill="{_blend(share)}"/>\n'
            )


def _place(leg: Leg, color: str) -> str:
    x, y = at(leg.assignment["x"], leg.assignment["y"])
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{color}"/>\n'


def _blend(share: float) -> str:
    pairs = zip(WORST, BEST, strict=True)
    return _hex(tuple(round(low + (high - low) * share) for low, high in pairs))


def _hex(color: Sequence[int]) -> str:
    return "#" + bytes(color).hex()
