"""The probability of a branch is the product of the weights on the way to it, or estimated."""

import pytest

from sweepwright.core.driver.preview.branch_probabilities import (
    Branch,
    NestedChoice,
    branch_probabilities,
)
from sweepwright.expressions import parse
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Condition, Nested, Parameter, Real, SearchSpace
from sweepwright.testing.problems import PROBLEMS

OPTIMIZERS = SearchSpace(
    [
        Parameter("lr", Real(0, 1)),
        Parameter("opt", Nested(("sgd", "adam"), weights=(3, 1))),
        Parameter("opt.sgd.decay", Nested(("cosine", "step")), when=Condition("opt", (0,))),
        Parameter("opt.adam.beta", Real(0, 1), when=Condition("opt", (1,))),
    ]
)


def test_probabilities_multiply_down_the_tree() -> None:
    decay = NestedChoice("opt.sgd.decay", (Branch("cosine", 0.375), Branch("step", 0.375)))

    assert branch_probabilities(OPTIMIZERS) == (
        NestedChoice("opt", (Branch("sgd", 0.75, choices=(decay,)), Branch("adam", 0.25))),
    )


def test_a_space_without_nested_choices_has_no_branches() -> None:
    assert branch_probabilities(SearchSpace([Parameter("x", Categorical(("a", "b")))])) == ()


def test_a_plain_choice_may_activate_a_nested_one() -> None:
    size = Parameter("size", Categorical(("s", "m", "l"), weights=(2, 1, 1)))
    layer = Parameter("layer", Nested(("conv", "pool")), when=Condition("size", (1, 2)))

    assert branch_probabilities(SearchSpace([size, layer])) == (
        NestedChoice("layer", (Branch("conv", 0.25), Branch("pool", 0.25))),
    )


def test_branches_under_a_condition_are_estimated() -> None:
    conditional = SearchSpace(
        [
            Parameter("lr", Real(0, 1)),
            Parameter("opt", Nested(("sgd", "adam")), condition=parse("lr > 0.9")),
            Parameter("opt.sgd.decay", Nested(("a", "b")), when=Condition("opt", (0,))),
            Parameter("loss", Nested(("l1", "l2"))),
        ]
    )
    opt, loss = branch_probabilities(conditional)

    assert [b.estimated for b in (*opt.branches, *opt.branches[0].choices[0].branches)] == [
        True,
        True,
        True,
        True,
    ]
    assert probabilities(opt) == pytest.approx([0.05, 0.05], abs=0.01)
    assert probabilities(opt.branches[0].choices[0]) == pytest.approx([0.025, 0.025], abs=0.01)
    assert loss == NestedChoice("loss", (Branch("l1", 0.5), Branch("l2", 0.5)))


def test_constraints_make_every_branch_an_estimate() -> None:
    constrained = SearchSpace(OPTIMIZERS.parameters, [parse('opt == "adam" or lr < 0.5')])
    (opt,) = branch_probabilities(constrained)

    assert all(branch.estimated for branch in opt.branches)
    assert probabilities(opt) == pytest.approx([0.6, 0.4], abs=0.02)


@pytest.mark.parametrize("constraint", ["lr < 1e-12", "lr < 1e-5"])
def test_a_probability_is_unknown_if_almost_all_draws_are_rejected(
    constraint: str,
) -> None:
    (opt,) = branch_probabilities(SearchSpace(OPTIMIZERS.parameters, [parse(constraint)]))

    assert probabilities(opt) == [None, None]


def test_drawing_from_an_infeasible_space_is_given_up() -> None:
    class Promising(SearchSpace):
        share = 1.0

    (opt,) = branch_probabilities(Promising(OPTIMIZERS.parameters, [parse("lr < 0")]))

    assert probabilities(opt) == [None, None]


def probabilities(choice: NestedChoice) -> list[float | None]:
    return [branch.probability for branch in choice.branches]


@pytest.mark.parametrize("name", PROBLEMS)
def test_draws_take_branches_with_the_stated_probability(name: str) -> None:
    space = PROBLEMS[name].space
    matrix = space.sample(rng(0, "branches"), 4000)
    said = [pair for choice in branch_probabilities(space) for pair in flat(choice)]
    drawn = [(matrix[:, space.index[choice]] == index).mean() for (choice, index), _ in said]

    assert drawn == pytest.approx([chance for _, chance in said], abs=0.03)
    estimated = any(b.estimated for choice in branch_probabilities(space) for b in choice.branches)
    assert estimated == (name == "constrained")


def flat(choice: NestedChoice) -> list[tuple[tuple[str, int], float | None]]:
    below = [pair for b in choice.branches for inner in b.choices for pair in flat(inner)]
    here = [((choice.parameter, i), b.probability) for i, b in enumerate(choice.branches)]
    return [*here, *below]
