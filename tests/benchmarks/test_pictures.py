"""Pictures of tuners are drawn of any tuner, small, and the same each time."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import dist, hypot
from pathlib import Path

import numpy as np
import pytest

from benchmarks.drawing.climb import climb
from benchmarks.drawing.command import MOST_CLIMBING, draw, run
from benchmarks.drawing.contours import contour_lines
from benchmarks.drawing.scenes import TRIALS
from sweepwright.contracts import Problem
from sweepwright.events import Start, Suggestion
from sweepwright.plugins.tuners import pbt
from sweepwright.space import Real
from sweepwright.testing import hashed

SVG = "{http://www.w3.org/2000/svg}"


def test_a_ring_is_found_whole() -> None:
    axis = np.arange(-10.0, 11)
    (ring,) = contour_lines(np.hypot(axis[:, None], axis[None, :]), 6.3)

    assert ring[0] == ring[-1]
    assert all(hypot(row - 10, column - 10) == pytest.approx(6.3, abs=0.1) for row, column in ring)
    assert all(dist(*pair) < 1.5 for pair in pairwise(ring))


def test_a_line_goes_from_border_to_border() -> None:
    lines = list(contour_lines(np.abs(np.arange(9.0) - 4) * np.ones((5, 1)), 1.5))

    assert [{column for _, column in line} for line in lines] == [{2.5}, {5.5}]
    assert [sorted(row for row, _ in line) for line in lines] == [[0, 1, 2, 3, 4]] * 2


def test_a_saddle_makes_two_lines() -> None:
    (one, other) = contour_lines(np.array([[1.0, 0.0], [0.0, 1.0]]), 0.5)

    assert {*one, *other} == {(0, 0.5), (0.5, 0), (0.5, 1), (1, 0.5)}


@pytest.mark.parametrize("name", ["random", "grid", "batch"])
def test_installed_tuners_are_drawn_into_a_folder(name: str, tmp_path: Path) -> None:
    run("Pictures.", [name, "--into", str(tmp_path)])
    run("Pictures.", [name, "--into", str(tmp_path / "again")])
    drawn, again = (folder / f"{name}.svg" for folder in (tmp_path, tmp_path / "again"))

    assert drawn.read_text() == again.read_text()
    assert len(circles(drawn.read_text())) >= 9


def test_those_that_have_a_page_are_drawn_without_a_name(tmp_path: Path) -> None:
    (tmp_path / "batch.md").touch()
    (tmp_path / "nobody.md").touch()
    run("Pictures.", ["--into", str(tmp_path)])

    assert [path.name for path in tmp_path.glob("*.svg")] == ["batch.svg"]


def test_any_tuner_is_drawn_with_its_defaults() -> None:
    (stranger,) = hashed.sweep_tuners()

    assert len(circles(draw("hashed", stranger))) == 2 * TRIALS


class Spending(hashed.Hashed):
    """Starts every other trial with the whole budget, the rest with the least."""

    def __init__(self, options: hashed.HashedOptions, problem: Problem) -> None:
        super().__init__(options, problem)
        assert problem.budget
        self._budgets = (problem.budget.minimum, problem.budget.maximum)

    def ask(self, count: int) -> Sequence[Suggestion]:
        starts = [start for start in super().ask(count) if isinstance(start, Start)]
        return [
            replace(start, budget=self._budgets[(self._opened + ahead) % 2])
            for ahead, start in enumerate(starts)
        ]


def test_budgets_are_seen_and_what_a_tuner_cannot_search_is_not() -> None:
    (stranger,) = hashed.sweep_tuners()
    only_reals = frozenset({Real})
    spending = replace(stranger, build=Spending, searches=only_reals, uses_budget=True)
    drawn = circles(draw("spending", spending))

    on_rungs = [circle for circle in drawn if circle.get("r") == "2.4"]

    assert len(on_rungs) == MOST_CLIMBING
    assert len(drawn) == TRIALS + MOST_CLIMBING
    assert {circle.get("r") for circle in drawn} == {"2.3", "2.4", "4.7"}


def test_trials_climb_from_where_they_inherit() -> None:
    """A leg begins at the budget that its trial had, or its parent; none takes no time."""
    (population,) = pbt.sweep_tuners()
    legs = climb(population, {"population": 4, "interval": 13}, 8)

    assert {(leg.before, leg.after) for leg in legs} == {(0, 1), (1, 14), (14, 27)}
    assert all(0 <= leg.begun < leg.ended <= 1 for leg in legs)


def circles(text: str) -> list[ET.Element]:
    return ET.fromstring(text).findall(f".//{SVG}circle")  # noqa: S314 - a text of ours
