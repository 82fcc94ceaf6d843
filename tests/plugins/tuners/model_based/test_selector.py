"""The selector is the choice with distinct branches, and branches are drawn by their success."""

import numpy as np
import pytest

from sweepwright.events import Measured, Opened, Start, Trial
from sweepwright.expressions import parse
from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.plugins.tuners.model_based.selector import draw_branch, find_selector
from sweepwright.plugins.tuners.model_based.trials import Trials
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Condition, Nested, Parameter, Real, SearchSpace
from sweepwright.testing.problems import PROBLEMS


def under(parent: str, *options: int, name: str) -> Parameter:
    return Parameter(name, Real(0, 1), when=Condition(parent, options))


def test_the_choice_that_activates_most_parameters_is_the_selector() -> None:
    space = SearchSpace(
        [
            Parameter("scale", Categorical(("none", "log"))),
            under("scale", 1, name="base"),
            Parameter("model", Categorical(("tree", "net", "mean"))),
            under("model", 0, name="depth"),
            under("model", 1, name="rate"),
        ]
    )

    assert find_selector(space) == 2


def test_conditions_count_like_branches() -> None:
    space = SearchSpace(
        [
            Parameter("optimizer", Categorical(("sgd", "adam"))),
            Parameter("momentum", Real(0, 1), condition=parse('optimizer == "sgd"')),
        ]
    )

    assert find_selector(space) == 0


def test_branches_that_share_most_parameters_have_no_selector() -> None:
    """Such as gradient boosting of trees, and the same with dropout."""
    space = SearchSpace(
        [
            Parameter("booster", Categorical(("linear", "tree", "dart"))),
            under("booster", 1, 2, name="depth"),
            under("booster", 1, 2, name="weight"),
            under("booster", 2, name="drop"),
        ]
    )

    assert find_selector(space) is None


@pytest.mark.parametrize("name", ["smooth", "every_kind", "many_choices"])
def test_a_flat_space_has_no_selector(name: str) -> None:
    assert find_selector(PROBLEMS[name].space) is None


def test_branches_are_drawn_by_their_share_of_the_best() -> None:
    """By :math:`(c + 1/B) / (n + 1)` for three branches, and from the prior once in twenty."""
    space = SearchSpace(
        [
            Parameter("model", Nested(("a", "b", "c"))),
            *(
                Parameter(n, Real(0, 1), ("model", n), Condition("model", (i,)))
                for i, n in enumerate("xyz")
            ),
        ]
    )
    axes = Axes(space)
    trials = Trials(space, axes, find_selector(space))
    for number in range(20):  # ten of a, the two best of them among; nine of b; one of c pending
        model, name = [("a", "x"), ("b", "y")][number % 2] if number < 19 else ("c", "z")
        assignment = {"model": {"_name": model, name: number / 20}}
        trials.tell(Opened(Trial(number, assignment), Start(assignment)))
        if model != "c":
            value = 0.0 if number in (0, 2) else 1.0 + number
            trials.tell(Measured(Trial(number, assignment), value))
    chances = np.array([(2 + 1 / 3) / 11, (1 / 3) / 10, (1 / 3) / 2])
    expected = 0.95 * chances / chances.sum() + 0.05 / 3

    drawn = [draw_branch(trials, axes, rng(0, "branch", k)) for k in range(4000)]

    np.testing.assert_allclose(np.bincount(drawn) / 4000, expected, atol=0.03)
