"""Total effects are those that are known in closed form."""

import math
from dataclasses import replace

import numpy as np
import pytest

from sweepwright.expressions import parse
from sweepwright.plugins.tuners.model_based.axes import Axes, Floats
from sweepwright.plugins.tuners.model_based.importance import MOST_PREDICTIONS, total_effects
from sweepwright.seeds import rng
from sweepwright.space import (
    Categorical,
    Condition,
    Integer,
    Nested,
    Parameter,
    Real,
    SearchSpace,
)
from sweepwright.testing.problems import PROBLEMS, space

CUBE = Axes(space(x=Real(0, 1), y=Real(0, 1), z=Real(0, 1)))
MANY = 20_000


def shares(*effects: float) -> list[float]:
    return [effect / sum(effects) for effect in effects]


def test_ishigami() -> None:
    """Homma and Saltelli (1996): total variances in closed form, for a = 7 and b = 0.1."""
    a, b = 7.0, 0.1

    def ishigami(points: Floats) -> Floats:
        x, y, z = (2 * points.T - 1) * math.pi
        return np.sin(x) + a * np.sin(y) ** 2 + b * z**4 * np.sin(x)

    of_z = b**2 * math.pi**8 * 8 / 225
    of_x = (1 + b * math.pi**4 / 5) ** 2 / 2 + of_z

    found = total_effects(CUBE, ishigami, rng(0, "ishigami"), MANY)

    assert list(found) == ["x", "y", "z"]
    np.testing.assert_allclose(list(found.values()), shares(of_x, a**2 / 8, of_z), atol=0.015)


def test_the_g_function() -> None:
    """Sobol (1993): a product, so that the total variance of a factor includes all others."""
    weights = np.array([0.0, 1.0, 4.5])

    def g(points: Floats) -> Floats:
        return np.prod((np.abs(4 * points - 2) + weights) / (1 + weights), axis=1)

    of_factor = 1 / (3 * (1 + weights) ** 2)
    total = of_factor / (1 + of_factor) * np.prod(1 + of_factor)

    found = total_effects(CUBE, g, rng(0, "g"), MANY)

    np.testing.assert_allclose(list(found.values()), shares(*total), atol=0.015)


def test_a_conditional_space_by_hand() -> None:
    r"""f is x in the branch `a`, with probability 1/4, and 3 in the branch `b`.

    Half the mean squared difference of x: 1/2 · 1/4 · E[(x - x')²] = 1/8 · 1/6 = 1/48.
    That of the branch: 1/2 · P(they differ) · E[(x - 3)²] = 1/2 · 3/8 · 19/3 = 19/16.
    The parameter of the other branch has no effect.
    """
    branches = Nested(("a", "b"), (1.0, 3.0))
    conditional = SearchSpace(
        [
            Parameter("kind", branches),
            Parameter("x", Real(0, 1), ("kind", "x"), Condition("kind", (0,))),
            Parameter("y", Integer(1, 9), ("kind", "y"), Condition("kind", (1,))),
        ]
    )

    def f(points: Floats) -> Floats:
        assert (np.isnan(points[:, 1]) == (points[:, 0] == 1)).all()
        return np.where(points[:, 0] == 0, points[:, 1], 3.0)

    found = total_effects(Axes(conditional), f, rng(0, "branches"), MANY)

    of_x, of_kind = 1 / 48, 19 / 16
    np.testing.assert_allclose(found["kind"], of_kind / (of_x + of_kind), atol=0.002)
    np.testing.assert_allclose(found["x"], of_x / (of_x + of_kind), rtol=0.1)
    assert found["y"] == 0


def test_points_that_break_a_constraint_do_not_count() -> None:
    """Beyond the constraint the function would vary with y a hundred times as much."""
    limited = SearchSpace(
        [Parameter("x", Real(0, 1)), Parameter("y", Real(0, 1))], [parse("y < 0.5")]
    )

    def f(points: Floats) -> Floats:
        assert len(points)
        return points[:, 0] + np.where(points[:, 1] < 0.5, 0.0, 100.0)

    assert total_effects(Axes(limited), f, rng(0, "limited")) == {"x": 1.0, "y": 0.0}


def test_rare_draws_that_satisfy_the_constraints_suffice() -> None:
    """One in 5,000 does; so of a thousand draws, most often none does."""
    tight = SearchSpace([Parameter(name, Real(0, 1)) for name in "xyz"], [parse("x + y < 0.02")])

    found = total_effects(Axes(tight), lambda points: points[:, 2], rng(0, "tight"))

    assert found == {"x": 0.0, "y": 0.0, "z": 1.0}


def test_no_parameter_is_important_if_no_draw_satisfies_the_constraints() -> None:
    impossible = SearchSpace([Parameter("x", Real(0, 1))], [parse("x < 1e-9")])

    assert total_effects(Axes(impossible), lambda x: x[:, 0], rng(0, "none"), 64) == {}


def test_a_function_that_does_not_vary_has_no_important_parameters() -> None:
    assert total_effects(CUBE, lambda points: np.ones(len(points)), rng(0, "flat")) == {}


@pytest.mark.parametrize("name", ["every_kind", "nested", "constrained", "one_value"])
def test_shares_sum_up_to_one(name: str) -> None:
    axes = Axes(PROBLEMS[name].space)
    slopes = rng(1, "slopes").normal(size=len(axes))

    found = total_effects(axes, lambda x: np.nan_to_num(x, nan=0.5) @ slopes, rng(0, name), 64)

    assert not found if name == "one_value" else sum(found.values()) == pytest.approx(1)
    assert all(share >= 0 for share in found.values())


def test_options_that_are_drawn_more_often_weigh_more() -> None:
    """The variance of an indicator with probability p is p (1 - p)."""
    weighted = Axes(space(even=Categorical(("a", "b")), odd=Categorical(("a", "b"), (1.0, 9.0))))

    found = total_effects(weighted, lambda points: points.sum(axis=1), rng(0, "w"), MANY)

    np.testing.assert_allclose(list(found.values()), shares(0.25, 0.09), atol=0.015)


def test_in_spaces_of_many_parameters_there_are_fewer_predictions() -> None:
    rows: list[int] = []

    def f(points: Floats) -> Floats:
        rows.append(len(points))
        return np.nan_to_num(points).sum(axis=1)

    total_effects(Axes(PROBLEMS["many_parameters"].space), f, rng(0, "many"))

    assert sum(rows) == (1 + 100) * MOST_PREDICTIONS // 100


class CountingAxes(Axes):
    """Counts the points that are rounded."""

    rounded_points = 0

    def values(self, points: Floats) -> Floats:
        self.rounded_points += len(points)
        return super().values(points)


def test_without_conditions_points_are_rounded_once_and_not_once_for_each_parameter() -> None:
    """The shares are the same: a condition that is always true makes no difference to them."""
    parameters = PROBLEMS["every_kind"].space.parameters
    last = replace(parameters[-1], condition=parse("uniform < 2"))
    axes = CountingAxes(SearchSpace(parameters))
    conditional = CountingAxes(SearchSpace([*parameters[:-1], last]))
    slopes = rng(1, "slopes").normal(size=len(axes))

    found = total_effects(axes, lambda points: points @ slopes, rng(0, "kinds"), 64)

    assert found == total_effects(conditional, lambda points: points @ slopes, rng(0, "kinds"), 64)
    assert axes.rounded_points == 3 * 64
    assert conditional.rounded_points == (1 + len(axes)) * 64
