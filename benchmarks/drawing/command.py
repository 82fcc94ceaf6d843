"""The command that draws tuners: which, with what options, and into which folder."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sweepwright.contracts import Provider, Tuner
from sweepwright.core.registry import Registry

from .scenes import CHOICE, VALLEY, can_search, play
from .svg import lanes_panel, picture, valley_panel

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


def draw(name: str, provider: Provider[Tuner, Any]) -> str:
    """Draw a tuner at all scenes that it can search."""
    return picture(f"tuner={name}", [*_valleys(name, provider), *_choices(name, provider)])


def _valleys(name: str, provider: Provider[Tuner, Any]) -> Iterator[tuple[str, str]]:
    if can_search(provider, VALLEY):
        for title, options in PANELS.get(name, [("two numbers", {})]):
            yield title, valley_panel(play(VALLEY, provider, options))


def _choices(name: str, provider: Provider[Tuner, Any]) -> Iterator[tuple[str, str]]:
    if name != "batch" and can_search(provider, CHOICE):
        yield "a choice of three, trial by trial", lanes_panel(play(CHOICE, provider, {}))


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
