"""Panels of a picture as SVG: trials over contour lines, and trials in lanes of branches.

All colours are of middling lightness, so that they are seen on light and on dark pages.
"""

import colorsys
from collections.abc import Sequence
from html import escape

import numpy as np

from sweepwright.events import Trial

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


def picture(name: str, panels: Sequence[tuple[str, str]], key: str) -> str:
    """Put panels side by side, each a title and its elements, with a key below."""
    width = max(len(panels) * (SIDE + GAP) + GAP, NARROWEST)
    drawn = "".join(_placed(place, *panel) for place, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEAD + SIDE + FOOT}" '
        f'width="{width}" font-family="sans-serif" font-size="11" fill="{GREY}">\n'
        f"<title>{escape(name)} searching</title>\n"
        f'<defs><path id="valley" d="{_contours()}" fill="none" stroke="{GREY}" '
        f'stroke-opacity="0.55" stroke-width="0.7"/></defs>\n'
        f'{drawn}<g transform="translate({GAP} {HEAD + SIDE + 14})">{key}</g>\n</svg>\n'
    )


def valley_panel(trials: Sequence[Trial]) -> str:
    """Draw trials over the contour lines of Branin's function, its hollows marked."""
    dots = (
        _dot(trial, *at(trial.assignment["x"], trial.assignment["y"]), len(trials))
        for trial in trials
    )
    return valley() + "".join(dots)


def valley() -> str:
    """Draw the contour lines of Branin's function, and mark its hollows."""
    return '<use href="#valley"/>\n' + "".join(_cross(*at(*hollow)) for hollow in HOLLOWS)


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


def at(x: float, y: float) -> tuple[float, float]:
    """Return the place of a point of Branin's function in its panel."""
    across, along = VALLEY.space.unit(np.array([[x, y]]))[0]
    return float(across * SIDE), float((1 - along) * SIDE)


def _dot(trial: Trial, x: float, y: float, count: int) -> str:
    """Draw a trial, blue for the first to red for the last."""
    color = _color(trial.number / max(count - 1, 1))
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{color}"/>\n'


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


def legend(first: str, colors: Sequence[str], last: str) -> str:
    """Explain a scale of colours by what stands at its ends."""
    left = round(6.2 * len(first))
    swatches = "".join(
        f'<rect x="{left + 7 * place}" width="7" height="10" fill="{color}"/>'
        for place, color in enumerate(colors)
    )
    right = left + 7 * len(colors) + 6
    return f'<text y="9">{first}</text>{swatches}<text x="{right}" y="9">{last}</text>'


def order_legend() -> str:
    """Explain the colours of trials in their order."""
    colors = [_color(place / 11) for place in range(12)]
    return legend("first trial", colors, "last; + and dashes: where it is best")
