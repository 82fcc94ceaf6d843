"""Models are scored on targets that are the same for all, at points that they have not seen."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.comparison.regret import Floats
from benchmarks.problems.catalogue import landscape
from benchmarks.surrogates.cases import RANDOM, Case, make_case
from benchmarks.surrogates.models import one_hot
from benchmarks.surrogates.scores import Scores, score, score_table, targets_of


@pytest.fixture(scope="module")
def case() -> Case:
    return make_case(landscape("functions/hierarchy", Path("nowhere")), "random", 50, 1)


def test_a_case_has_new_points_half_of_them_near_the_best(case: Case) -> None:
    random, local = case.held_out_losses[:RANDOM], case.held_out_losses[RANDOM:]

    assert len(case.losses) == 50
    assert len(random) == len(local) == 150
    assert np.median(local) < np.median(random)
    assert not {row.tobytes() for row in case.held_out} & {row.tobytes() for row in case.rows}


def test_held_out_losses_are_mapped_as_the_losses_of_trials(case: Case) -> None:
    low, high = case.losses.min(), case.losses.max()
    asked = np.concatenate([case.losses, [low - 1, high + 1]])
    same = Case("x", case.space, case.rows, case.losses, case.held_out, asked)
    for kind in ("plain", "half-rank"):
        targets, held_out = targets_of(same, kind)

        assert targets.mean() == pytest.approx(0, abs=1e-9)
        assert targets.std() == pytest.approx(1)
        assert held_out[:50] == pytest.approx(targets)
        assert held_out[50] < targets.min()
    assert held_out[51] == targets.max()


def test_half_ranked_losses_keep_the_differences_of_the_good_half(case: Case) -> None:
    targets, _ = targets_of(case, "half-rank")
    order = np.argsort(case.losses)[:25]
    slope, _ = np.polyfit(case.losses[order], targets[order], 1)

    assert np.diff(targets[order]) == pytest.approx(slope * np.diff(case.losses[order]))


def test_the_truth_scores_highest(case: Case) -> None:
    def truth(given: Case, _targets: Floats) -> tuple[Floats, Floats]:
        return targets_of(given, "plain")[1], np.full(300, 0.1)

    def nothing(_given: Case, _targets: Floats) -> tuple[Floats, Floats]:
        return np.zeros(300), np.ones(300)

    high, low = score(truth, case, "plain"), score(nothing, case, "plain")

    assert [high.rank, high.local_rank] == pytest.approx([1, 1])
    assert low.rank == low.local_rank == 0
    assert high.density == pytest.approx(-np.log(0.1) - 0.5 * np.log(2 * np.pi))
    assert low.density < high.density


def test_differences_are_paired() -> None:
    scores = {
        "gp": [Scores(1, 0.5, 0.5), Scores(2, 0.5, 0.5)],
        "other": [Scores(0.5, 0.5, 0.5), Scores(1.5, 0.7, 0.5)],
    }
    *_, line = score_table("plain", scores, "gp")

    assert line == "| `other` | 1.000 (-0.500 ± 0.000) | 0.600 (+0.100 ± 0.200) | 0.500 |"


def test_choices_have_a_coordinate_for_each_option(case: Case) -> None:
    points = one_hot(case, case.points)
    sizes = [len(case.axes.prior_of(column)) for column in case.axes.choices.tolist()]

    assert points.shape == (50, len(case.axes.numbers) + sum(sizes))
    assert not np.isnan(points).any()
