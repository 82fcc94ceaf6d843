"""Pictures of tuners are drawn of any tuner, small, and the same each time."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import dist, hypot
from pathlib import Path

import numpy as np
import pytest

from benchmarks.drawing.climb import SLOTS, Segment, climb
from benchmarks.drawing.command import CLIMBS, MOST_CLIMBING, draw, run
from benchmarks.drawing.contours import contour_lines
from benchmarks.drawing.rungs import rung_heights, time_panel, trial_panel
from benchmarks.drawing.scenes import TRIALS
from sweepwright.contracts import Problem
from sweepwright.core.registry.registry import Registry
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


def test_what_a_tuner_cannot_search_is_not_drawn() -> None:
    (stranger,) = hashed.sweep_tuners()

    assert len(circles(draw("hashed", replace(stranger, searches=frozenset({Real}))))) == TRIALS


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


def test_a_tuner_with_budgets_is_drawn_on_its_rungs_in_time_and_trial_by_trial() -> None:
    (stranger,) = hashed.sweep_tuners()
    drawn = draw("spending", replace(stranger, build=Spending, uses_budget=True))
    heights = {circle.get("cy") for circle in circles(drawn)}

    assert len(circles(drawn)) == 2 * MOST_CLIMBING
    assert len(heights) == 2
    assert re.findall(r">(\d+)</text>", drawn) == ["1", "27"] * 2


def test_the_best_measurements_and_the_trials_at_the_top_stand_out() -> None:
    segments = [
        Segment(trial, trial / 4, 0.9, 0.0, after, value, {"x": 0, "y": 0})
        for trial, (after, value) in enumerate([(1, 0.5), (1, 0.1), (1, 0.9), (27, 7.0)])
    ]
    panel = trial_panel(segments, rung_heights([segments]))
    colors = dict(re.findall(r'cx="([\d.]+)" .* fill="(#\w+)"', panel))

    assert [colors[x] for x in ("25.0", "75.0", "125.0")] == ["#c2835b", "#f06a12", "#949ca4"]
    assert colors["175.0"] == "#f06a12"
    assert panel.count('stroke-width="2"') == 1


def test_a_line_leads_from_a_parent_to_its_copy() -> None:
    here = {"x": 0.0, "y": 0.0}
    segments = [
        Segment(0, 0, 0.5, 0.0, 1, 0.0, here),
        Segment(1, 0.7, 1.0, 1, 27, 0.0, here, parent=0),
    ]
    heights = rung_heights([segments])

    assert f'd="M100.0 {heights[1]:.1f}Q' in time_panel(segments, heights)
    assert f'd="M50.0 {heights[1]:.1f}Q100.0' in trial_panel(segments, heights)


@pytest.mark.parametrize("name", CLIMBS)
def test_four_trials_run_at_once_and_no_more(name: str) -> None:
    provider = Registry.load().find("tuner", name)
    _, options, trials = CLIMBS[name][0]
    segments = climb(provider, options, trials)
    at_once = [
        sum(segment.begun <= each.begun < segment.ended for segment in segments)
        for each in segments
    ]

    assert max(at_once) == SLOTS


def test_copies_start_at_the_budget_of_their_parents() -> None:
    """A leg begins at the budget that its trial had, or its parent; none takes no time."""
    (population,) = pbt.sweep_tuners()
    segments = climb(population, {"population": 4, "interval": 13}, 8)

    assert {(segment.before, segment.after) for segment in segments} == {(0, 1), (1, 14), (14, 27)}
    assert all(0 <= segment.begun < segment.ended <= 1 for segment in segments)


def circles(text: str) -> list[ET.Element]:
    return ET.fromstring(text).findall(f".//{SVG}circle")  # noqa: S314 - a text of ours
