"""Trials receive their budget, and assignments in the format of NNI before 0.8 if asked for."""

import json
from dataclasses import replace

import pytest

from sweepwright.contracts import Budget
from sweepwright.core.driver.trial_input import nni_v0_assignment, trial_input
from sweepwright.events import Attempt, Trial
from sweepwright.protocol import describe_attempt
from sweepwright.space import (
    Categorical,
    Condition,
    Nested,
    Parameter,
    Real,
    SearchSpace,
)
from tests.core.examples import plan

SPACE = SearchSpace(
    [
        Parameter("rate", Real(0, 1)),
        Parameter("layer", Nested(("Empty", "Conv", "Stack"))),
        Parameter(
            "layer.Conv.size", Categorical((2, 3, 5)), ("layer", "size"), Condition("layer", (1,))
        ),
        Parameter("layer.Stack.of", Nested(("One",)), ("layer", "of"), Condition("layer", (2,))),
        Parameter(
            "layer.Stack.of.One.scale",
            Real(0, 1),
            ("layer", "of", "scale"),
            Condition("layer.Stack.of", (0,)),
        ),
    ]
)


def test_a_branch_without_parameters_becomes_its_name() -> None:
    assert nni_v0_assignment({"rate": 0.5, "layer": {"_name": "Empty"}}, SPACE) == {
        "rate": 0.5,
        "layer": "Empty",
    }


def test_a_choice_in_a_branch_is_delivered_with_its_index() -> None:
    assert nni_v0_assignment({"rate": 0.5, "layer": {"_name": "Conv", "size": 5}}, SPACE) == {
        "rate": 0.5,
        "layer": ["Conv", {"_index": 2, "_value": 5}],
    }


def test_nested_branches_become_nested_lists() -> None:
    nested = {"_name": "Stack", "of": {"_name": "One", "scale": 0.25}}

    assert nni_v0_assignment({"rate": 0.5, "layer": nested}, SPACE)["layer"] == [
        "Stack",
        ["One", 0.25],
    ]


def test_only_the_input_of_a_trial_has_the_nni_v0_format() -> None:
    sweep = plan(space=SPACE, nni_v0_format=True)
    attempt = Attempt("s", Trial(0, {"rate": 0.5, "layer": {"_name": "Empty"}}), 1, 0)
    received = json.loads(describe_attempt(trial_input(attempt, sweep)))

    assert received["assignment"] == {"rate": 0.5, "layer": "Empty"}
    assert trial_input(attempt, replace(sweep, nni_v0_format=False)) == attempt


@pytest.mark.parametrize(
    ("budget", "spent", "received"),
    [
        (Budget(81, name="STEPS"), 9.0, {"x": 1, "STEPS": 9}),
        (Budget(0.9, 0.1, "of the data"), 0.3, {"x": 1, "TRIAL_BUDGET": 0.3}),
        (Budget(81, name=None), 9.0, {"x": 1}),
        (None, None, {"x": 1}),
    ],
)
def test_a_trial_receives_its_budget_under_its_configured_name(budget, spent, received) -> None:
    attempt = Attempt("s", Trial(0, {"x": 1}, spent), 1, 0)
    said = json.loads(describe_attempt(trial_input(attempt, plan(budget=budget))))

    assert said["assignment"] == received
    assert json.dumps(said["budget"]) == json.dumps(budget.delivered(spent) if budget else None)
    assert all(type(v) is type(received[k]) for k, v in said["assignment"].items())
