"""The command that draws tuners: which, with what options, and into which folder."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sweepwright.contracts import TunerProvider
from sweepwright.core.registry.registry import Registry

from .climb import climb
from .rungs import place_panel, rung_heights, time_panel, trial_panel, value_legend
from .scenes import CHOICE, VALLEY, can_search, simulate
from .svg import lanes_panel, order_legend, picture, valley_panel

PAGES = Path(__file__).parents[2] / "docs" / "tuners"

_GUESSES = [{"x": 2.5 + 2.5 * i, "y": 5.0 + 2.5 * j} for i in (-1, 0, 1) for j in (-1, 0, 1)]
PANELS: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]] = {
    "random": [
        ("mode: random", {}),
        ("mode: sobol", {"mode": "sobol"}),
        ("mode: latin", {"mode": "latin"}),
    ],
    "grid": [("without options", {}), ("levels: 6", {"levels": 6})],
    "tpe": [("whole assignments", {}), ("multivariate: false", {"multivariate": False})],
    "batch": [("nine assignments around a guess", {"assignments": _GUESSES})],
}
"""Titles and options of the panels of two numbers, where these are others than one."""

MOST_CLIMBING = 27
"""Trials that are shown on rungs."""
CLIMBS: Mapping[str, Sequence[tuple[str, Mapping[str, Any], int]]] = {
    "hyperband": [
        ("in time, brackets overlap", {}, 49),
        ("in time, parallel: false", {"parallel": False}, 49),
    ],
    "successive_halving": [("in time, trials: 27", {"trials": 27}, 27)],
    "asha": [
        ("in time, 27 trials", {}, 27),
        ("in time, early_stopping_rate: 1", {"early_stopping_rate": 1}, 27),
    ],
    "bohb": [("in time, brackets overlap", {}, 49)],
    "pbt": [("in time, population: 8, interval: 3", {"population": 8, "interval": 3}, 49)],
}
"""Titles, options and trials of the panels of tuners with budgets."""
AMONG_PLACES: Mapping[str, Sequence[tuple[str, Mapping[str, Any], int]]] = {
    "bohb": [("two rounds, where they were", {"rounds": 2}, 98)]
}
"""The same of panels that show where trials were, of tuners that choose assignments by a model."""


def draw(name: str, provider: TunerProvider[Any]) -> str:
    """Draw a tuner with budgets on its rungs, and any other at all scenes that it can search."""
    if provider.uses_budget:
        return picture(f"tuner={name}", [*_climbs(name, provider)], value_legend())
    panels = [*_valleys(name, provider), *_choices(name, provider)]
    return picture(f"tuner={name}", panels, order_legend())


def _climbs(name: str, provider: TunerProvider[Any]) -> Iterator[tuple[str, str]]:
    """Draw each climb in time, and the first of them trial by trial as well."""
    wanted = CLIMBS.get(name, [("in time", {}, MOST_CLIMBING)])
    climbs = [climb(provider, options, trials) for _, options, trials in wanted]
    heights = rung_heights(climbs)
    for (title, _, _), segments in zip(wanted, climbs, strict=True):
        yield title, time_panel(segments, heights)
    yield "trial by trial", trial_panel(climbs[0], heights)
    for title, options, trials in AMONG_PLACES.get(name, ()):
        yield title, place_panel(climb(provider, options, trials))


def _valleys(name: str, provider: TunerProvider[Any]) -> Iterator[tuple[str, str]]:
    if can_search(provider, VALLEY):
        for title, options in PANELS.get(name, [("two numbers", {})]):
            yield title, valley_panel(simulate(VALLEY, provider, options))


def _choices(name: str, provider: TunerProvider[Any]) -> Iterator[tuple[str, str]]:
    if name != "batch" and can_search(provider, CHOICE):
        yield "a choice of three, trial by trial", lanes_panel(simulate(CHOICE, provider, {}))


def run(usage: str, words: Sequence[str] | None = None) -> None:
    """Draw the tuners that are named on the command line."""
    parser = argparse.ArgumentParser(description=usage.splitlines()[0])
    parser.add_argument("tuners", nargs="*")
    parser.add_argument("--into", type=Path, default=PAGES)
    given = parser.parse_args(words)
    registry = Registry.load()
    given.into.mkdir(parents=True, exist_ok=True)
    pages = {path.stem for path in given.into.glob("*.md")}
    for name in given.tuners or [n for n in registry.names("tuner") if n in pages]:
        path = given.into / f"{name}.svg"
        path.write_text(draw(name, registry.find("tuner", name)))
        print(f"{path}: {path.stat().st_size / 1024:.0f} kB")
