"""The problems are what they are said to be: where the best is, and what is active."""

import math
from pathlib import Path
from typing import Any

import pytest

from benchmarks.problems.branching import branches, hierarchy
from benchmarks.problems.catalogue import landscape, names, own_norms
from benchmarks.problems.coco import CHOSEN
from benchmarks.problems.functions import mixed, noisy, plateau, scales
from benchmarks.problems.landscape import Landscape, values_of
from sweepwright.seeds import rng

NOWHERE = Path("nowhere")
OWN = names(["functions/*", "added"], NOWHERE)
OPTIMA: list[tuple[Landscape, dict[str, Any]]] = [
    (
        scales(),
        {"batch": 100, "rate": 10**-2.5, "layers": 4, "units": 128, "drop": 0.3, "decay": 1e-4},
    ),
    (
        plateau(),
        {
            "batch": 64,
            "rate": 0.64 * 10**-2.5,
            "momentum": 0.9,
            "epochs": 60,
            "smoothing": 0.1,
            "mix": True,
            "augment": "medium",
        },
    ),
    (noisy(), {**{f"x{i}": 1.0 for i in range(6)}, "kind": "steep"}),
    (
        branches(),
        {
            "model": "net",
            **{
                f"model.net.x{i}": 10 ** (4 * (u - 1)) if i % 2 else u
                for i, u in enumerate(0.25 + 0.1 * k for k in range(6))
            },
        },
    ),
    (
        hierarchy(),
        {
            "seedling": False,
            "model": "net",
            "model.net.width": 128,
            "model.net.depth": 3,
            "model.net.optimizer": "sgd",
            "model.net.optimizer.sgd.rate": 0.1 * 10**-0.5,
            "model.net.optimizer.sgd.momentum": 0.9,
            "model.net.optimizer.sgd.schedule": "cosine",
            "model.net.optimizer.sgd.schedule.cosine.period": 20,
        },
    ),
]


@pytest.mark.parametrize(("where", "optimum"), OPTIMA, ids=lambda it: getattr(it, "name", ""))
def test_the_lowest_loss_is_where_it_is_said_to_be(
    where: Landscape, optimum: dict[str, Any]
) -> None:
    assert where.loss(optimum) == pytest.approx(0, abs=1e-12)
    assert own_norms()[where.name]["best"] == 0


def test_the_mixed_function_has_its_lowest_loss_where_its_table_has() -> None:
    valley = {f"x{i}": 1.0 for i in range(4)} | {f"k{i}": i for i in range(3)}
    rest = {"rate": 1e-3, "width": 256, "place": "here"}
    pairs = [{"row": row, "column": column} for row in "abcd" for column in "vwxyz"]

    assert min(mixed().loss({**valley, **rest, **pair}) for pair in pairs) == pytest.approx(0)


@pytest.mark.parametrize("name", OWN)
def test_random_points_lie_above_the_best_and_around_the_median(name: str) -> None:
    where = landscape(name, NOWHERE)
    rows = where.space.sample(rng(7, "test"), 200)
    losses = [where.loss(values_of(where.space, it)) for it in where.space.decode(rows)]
    below = sum(loss < where.median for loss in losses)

    assert min(losses) >= where.best
    assert 60 < below < 140


def test_every_problem_of_our_own_has_norms() -> None:
    assert set(names(["other", "added"], NOWHERE)) == set(own_norms())
    assert all(norms["best"] < norms["median"] for norms in own_norms().values())


def test_the_given_problems_are_left_out_where_there_are_none() -> None:
    assert names(["given"], NOWHERE) == []


def test_coco_is_represented_by_twelve_functions_of_every_group_and_dimension() -> None:
    groups = [(1, 5), (6, 9), (10, 14), (15, 19), (20, 24)]

    assert len(CHOSEN) == 12
    assert {d for _, d in CHOSEN} == {5, 10, 20, 40}
    assert all(any(low <= f <= high for f, _ in CHOSEN) for low, high in groups)


def test_values_are_those_of_active_parameters_by_full_name() -> None:
    space = hierarchy().space
    assignment = {"seedling": True, "model": {"_name": "linear", "penalty": _lasso()}}

    assert values_of(space, assignment) == {
        "seedling": True,
        "model": "linear",
        "model.linear.penalty": "lasso",
        "model.linear.penalty.lasso.alpha": 0.1,
    }


def _lasso() -> dict[str, Any]:
    return {"_name": "lasso", "alpha": 0.1}


def test_noise_that_is_added_is_a_share_of_the_way_to_the_best() -> None:
    where = Landscape("x", scales().space, lambda _: 0.0, best=1, median=5, noise=3)

    assert where.noisier(1).noise == pytest.approx(math.hypot(3, 4))
