"""Panels of a picture as SVG: trials over contour lines, and trials in lanes of branches.

All colours are of middling lightness, so that they are seen on light and on dark pages.
"""

import colorsys
import math
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from sweepwright.events import Trial

from .climb import BUDGET, Leg
from .contours import Line, contour_lines
from .scenes import BRANCHES, HOLLOWS, TRIALS, VALLEY, branin

SIDE = 200
"""Width and height of a panel, in pixels."""
GAP = 24
HEAD = 22
"""Room for the title above a panel."""
NARROWEST = 380
"""Width that the legend needs."""
FOOT = 34
"""Room for the legend below."""
GREY = "#808890"
LEVELS = (1.5, 5, 12, 25, 45, 75, 120)
CELLS = 56


PLACES = "+ and dashes: where it is best"
BUDGETS = "dashes: the budgets"


def picture(name: str, panels: Sequence[tuple[str, str]], marks: str = PLACES) -> str:
    """Put panels side by side, each a title and its elements; say what marks stand for."""
    width = max(len(panels) * (SIDE + GAP) + GAP, NARROWEST)
    drawn = "".join(_placed(place, *panel) for place, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEAD + SIDE + FOOT}" '
        f'width="{width}" font-family="sans-serif" font-size="11" fill="{GREY}">\n'
        f"<title>{escape(name)} searching</title>\n"
        f'<defs><path id="valley" d="{_contours()}" fill="none" stroke="{GREY}" '
        f'stroke-opacity="0.55" stroke-width="0.7"/></defs>\n'
        f"{drawn}{_legend(marks)}</svg>\n"
    )


def valley_panel(trials: Sequence[Trial]) -> str:
    """Draw trials over the contour lines of Branin's function, its hollows marked."""
    dots = (
        _dot(trial, *_at(trial.assignment["x"], trial.assignment["y"]), len(trials))
        for trial in trials
    )
    return '<use href="#valley"/>\n' + "".join(_cross(*_at(*at)) for at in HOLLOWS) + "".join(dots)


def lanes_panel(trials: Sequence[Trial]) -> str:
    """Draw trials in the order they came, in a lane for each branch that one can be in."""
    height = SIDE / len(BRANCHES)
    names = list(BRANCHES)
    lanes = "".join(_lane(place * height, name) for place, name in enumerate(names))
    dots = (
        _dot(
            trial,
            (trial.number + 0.5) / TRIALS * SIDE,
            _up(
                names.index(trial.assignment["model"]["_name"]), trial.assignment["model"]["rate"]
            ),
            len(trials),
        )
        for trial in trials
    )
    return lanes + "".join(dots)


def climb_panel(legs: Sequence[Leg]) -> str:
    """Draw how trials climb: time from left to right, budget upwards, a line for each leg.

    The dashes are the budgets at which trials end and are compared.
    """
    count = 1 + max(leg.trial for leg in legs)
    rungs = {leg.after for leg in legs}
    lines = (
        f'<path d="M0 {_height(rung):.1f}H{SIDE}" stroke="{GREY}" stroke-dasharray="3 4" '
        f'stroke-opacity="0.6"/><text x="{SIDE + 3}" y="{_height(rung) + 4:.1f}">{rung:g}</text>\n'
        for rung in rungs
        if len(rungs) <= MOST_RUNGS or rung == max(rungs)
    )
    return "".join([*lines, *(_leg(leg, count) for leg in legs)])


MOST_RUNGS = 5
"""Budgets that are written at the side of a panel."""


def _leg(leg: Leg, count: int) -> str:
    begun, ended = leg.begun * SIDE, leg.ended * SIDE
    color = _color(leg.trial / max(count - 1, 1))
    return (
        f'<path d="M{begun:.1f} {_height(leg.before):.1f}L{ended:.1f} {_height(leg.after):.1f}" '
        f'stroke="{color}" stroke-width="1.2"/>'
        f'<circle cx="{ended:.1f}" cy="{_height(leg.after):.1f}" r="2.4" fill="{color}"/>\n'
    )


def _height(budget: float) -> float:
    """Return the height of a budget, on a logarithmic scale from a third of the least up."""
    share = 1 + math.log(max(budget, 1 / 3), 3)
    return SIDE * (1 - 0.92 * share / (1 + math.log(BUDGET.maximum, 3)))


def _placed(place: int, title: str, elements: str) -> str:
    left = GAP + place * (SIDE + GAP)
    frame = f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="{GREY}"/>'
    return (
        f'<g transform="translate({left} {HEAD})"><text y="-7">{escape(title)}</text>\n'
        f"{frame}{elements}</g>\n"
    )


def _lane(top: float, name: str) -> str:
    best, least = BRANCHES[name]
    level = _up(list(BRANCHES).index(name), best)
    return (
        f'<path d="M0 {top:.1f}H{SIDE}" stroke="{GREY}" stroke-opacity="0.6"/>'
        f'<path d="M0 {level:.1f}H{SIDE}" stroke="{GREY}" stroke-dasharray="3 4"/>'
        f'<text x="4" y="{top + 12:.1f}">{name}, at best {least:g}</text>\n'
    )


def _up(lane: int, share: float) -> float:
    """Return the height of a share of a lane, from its bottom."""
    return (lane + 0.97 - 0.74 * share) * SIDE / len(BRANCHES)


def _at(x: float, y: float) -> tuple[float, float]:
    """Return the place of a point of Branin's function in its panel."""
    across, along = VALLEY.space.unit(np.array([[x, y]]))[0]
    return float(across * SIDE), float((1 - along) * SIDE)


def _dot(trial: Trial, x: float, y: float, count: int) -> str:
    """Draw a trial, blue for the first to red for the last, larger for more budget."""
    radius = 3.4 if trial.budget is None else 2 + 0.3 * trial.budget
    color = _color(trial.number / max(count - 1, 1))
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{color}"/>\n'


def _cross(x: float, y: float) -> str:
    path = f"M{x - 4:.1f} {y:.1f}h8m-4 -4v8"
    return f'<path d="{path}" stroke="{GREY}" stroke-width="1.6"/>'


def _color(share: float) -> str:
    # By way of violet, which is told from both ends, and neither too light nor too dark.
    hue = (0.58 + 0.42 * share) % 1
    return "#" + "".join(f"{round(255 * c):02x}" for c in colorsys.hls_to_rgb(hue, 0.6, 0.75))


def _contours() -> str:
    xs, ys = np.linspace(-5, 10, CELLS + 1), np.linspace(15, 0, CELLS + 1)
    values = np.array([[branin(x, y) for x in xs] for y in ys])
    lines = (line for level in LEVELS for line in contour_lines(values, level))
    return "".join(_path(line) for line in lines)


def _path(line: Line) -> str:
    scale = SIDE / CELLS
    return "M" + "L".join(f"{column * scale:.1f} {row * scale:.1f}" for row, column in line)


def _legend(marks: str) -> str:
    top = HEAD + SIDE + 14
    return (
        f'<g transform="translate({GAP} {top})"><text y="8">first trial</text>'
        f"{''.join(_swatches())}<text x='148' y='8'>last; {marks}</text>"
        "</g>\n"
    )


def _swatches() -> Iterator[str]:
    for place in range(12):
        yield f'<rect x="{60 + 7 * place}" width="7" height="10" fill="{_color(place / 11)}"/>'
