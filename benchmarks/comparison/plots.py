"""Pictures of the comparison: the same input draws the same SVG, readable on light and on dark."""

import re
from collections.abc import Mapping, Sequence
from io import StringIO
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from .participants import BASELINE, participant
from .regret import Floats
from .regrets import Regrets
from .statistics import average_ranks, bootstrap, critical_difference

GREY = "#808080"
PEER_COLOURS = ("#1c7ed6", "#0ca678", "#7048e8", "#b08900", "#d6336c", "#5c940d")
OUR_COLOURS = ("#e8590c", "#c92a2a", "#f59f00", "#a61e4d")
STYLE: Mapping[str, Any] = {
    "svg.hashsalt": "sweepwright",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": GREY,
    "axes.labelcolor": GREY,
    "axes.edgecolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
POINTS = 20
"""Trials at which curves are drawn, evenly on a log scale."""


def draw(found: Regrets, folder: Path, stem: str, trials: int) -> list[Path]:
    """Draw all pictures into a folder and return their paths."""
    import matplotlib as mpl  # noqa: PLC0415 - slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    with mpl.rc_context(dict(STYLE)):
        for name, painted in (("regret", _means), ("problems", _problems), ("ranks", _ranks)):
            figure = Figure()
            painted(figure, found, trials)
            drawn.append(folder / f"{stem}-{name}.svg")
            _save(figure, drawn[-1])
    return drawn


def _save(figure: Any, path: Path) -> None:
    """Write a picture as small as it can be."""
    text = StringIO()
    figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    path.write_text(_shorter(text.getvalue()))


def _shorter(svg: str) -> str:
    """Leave out indentation, decimals after the second, and all fonts but the last of a list."""
    for long, short in (
        (r"\n +", "\n"),
        (r"(\.\d\d)\d+", r"\1"),
        (r"'[^;>]*, sans-serif", "sans-serif"),
    ):
        svg = re.sub(long, short, svg)
    return svg


def _means(figure: Any, found: Regrets, trials: int) -> None:
    """Draw mean regret by trial, with intervals over seeds."""
    figure.set_size_inches(7, 4)
    axes = figure.add_subplot()
    shown = _shown(trials)
    columns = [bootstrap(found.after(int(n))) for n in shown]
    for row, tuner in enumerate(found.tuners):
        colour, width = _style(found.tuners, tuner)
        ends = [np.quantile(resampled[row], (0.025, 0.975)) for _, resampled in columns]
        axes.plot(shown, [means[row] for means, _ in columns], color=colour, lw=width, label=tuner)
        axes.fill_between(shown, *np.transpose(ends), color=colour, alpha=0.15, lw=0)
    _scale(axes)
    axes.set(xlabel="trials", ylabel="mean normalised regret")
    axes.legend()
    figure.tight_layout()


def _problems(figure: Any, found: Regrets, trials: int) -> None:
    """Draw regret by trial for each problem on its own."""
    columns = 4
    rows = ceil((len(found.regrets) + 1) / columns)
    figure.set_size_inches(9, 2 * rows)
    shown = _shown(trials)
    for place, (problem, curves) in enumerate(found.regrets.items(), 1):
        axes = figure.add_subplot(rows, columns, place)
        _panel(axes, found.tuners, curves.mean(axis=1)[:, shown - 1], shown)
        axes.set_title(problem.partition("/")[2], fontsize=8)
    handles, labels = axes.get_legend_handles_labels()
    figure.tight_layout()
    figure.legend(handles, labels, loc="lower right", ncols=2, fontsize=8)


def _panel(axes: Any, tuners: Sequence[str], means: Floats, shown: Any) -> None:
    for tuner, curve in zip(tuners, means, strict=True):
        colour, width = _style(tuners, tuner)
        axes.plot(shown, np.maximum(curve, 1e-4), color=colour, lw=0.7 * width, label=tuner)
    _scale(axes)
    axes.tick_params(labelsize=7)
    axes.minorticks_off()


def _ranks(figure: Any, found: Regrets, trials: int) -> None:
    """Draw average ranks, and bars over those that are no further apart than chance allows."""
    matrices = found.after(trials)
    ranks = average_ranks(matrices)
    order = np.argsort(ranks)
    difference = critical_difference(len(ranks), len(matrices))
    figure.set_size_inches(7, 0.5 + 0.28 * len(ranks))
    axes = figure.add_subplot()
    for line, index in enumerate(order):
        colour, _ = _style(found.tuners, found.tuners[index])
        ends = (ranks[index] - difference / 2, ranks[index] + difference / 2)
        axes.plot(ends, (line, line), color=colour, lw=5, alpha=0.3, solid_capstyle="butt")
        axes.plot(ranks[index], line, "o", color=colour)
    axes.set_yticks(range(len(ranks)), [found.tuners[index] for index in order])
    axes.invert_yaxis()
    axes.set(xlabel=f"average rank after {trials} trials; bars that do not overlap differ")
    figure.tight_layout()


def _shown(trials: int) -> Any:
    return np.unique(np.geomspace(1, trials, POINTS).round().astype(int))


def _scale(axes: Any) -> None:
    axes.set(xscale="log", yscale="log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
    axes.grid(color=GREY, alpha=0.2, lw=0.5)


def _style(tuners: Sequence[str], tuner: str) -> tuple[str, float]:
    """Choose a colour, and a line that is thicker for ours."""
    if tuner == BASELINE:
        return GREY, 1.5
    peer = participant(tuner).is_peer
    kin = [name for name in tuners if name != BASELINE and participant(name).is_peer == peer]
    colours = PEER_COLOURS if peer else OUR_COLOURS
    return colours[kin.index(tuner) % len(colours)], 1.2 if peer else 2.4
