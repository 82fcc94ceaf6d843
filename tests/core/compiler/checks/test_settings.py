"""Settings are checked against the providers, and built-in sweeps pass every check."""

import pytest

from tests.core.compiler.checks.sweeps import codes, found


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["+experiment=mnist_optimizer"],
        ["trial=noop"],
        ["trial=noop", "space=mnist_optimizer"],
        ["framework=python", "+trial.entries.python=sweepwright.trials.mnist.sklearn_mlp"],
        ["objective.metric=test_accuracy"],
        ["assessor=hasty"],
        ["tuner=grid"],
        ["max_trials=1"],
    ],
)
def test_built_in_sweeps_have_no_findings(overrides: list[str]) -> None:
    assert found(*overrides) == []


def test_a_trial_that_reads_its_whole_space_has_no_findings() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["tuner=grid", "max_trials=null"], ["P108"]),
        (["tuner=grid", "max_trials=null", "max_duration=60"], []),
        (["tuner=random", "max_trials=null"], []),
        (["tuner=tpe", "max_trials=null"], []),
        (["tuner=batch", "+tuner.assignments=[{learning_rate: 0.1, layers: 1}]"], []),
        (["tuner=uncountable", "max_trials=many"], ["C106"]),
        (["tuner=batch"], ["P106"]),
        (["tuner=sequential", "concurrency=1"], []),
        (["tuner=sequential"], ["P110"]),
        (["tuner=sequential", "concurrency=0"], ["C109"]),
        (["concurrency=4", "max_trials=3"], ["P110"]),
        (["concurrency=4", "max_trials=0"], ["C109"]),
        (["budget={maximum: 9}"], ["B102"]),
        (["budget={maximum: 0}"], ["C109"]),
        (["budget={maximum: 9}", "tuner=climbing"], ["B103"]),
        (["budget={maximum: 9}", "assessor=hasty"], ["A101"]),
        (["objective.metric=loss"], ["T107"]),
        (["objective.metric=3"], ["C106"]),
        (["objective=3"], ["C106"]),
        (["tuner=worn"], []),
        (["tuner=worn", "tuner.eta=3"], ["C111"]),
        (["platform=queue", "framework=nowhere"], ["C102"]),
        (["concurrency=30", "strict=true"], ["P110"]),
        (["concurrency=30", "+silence.P110=why", "strict=true"], ["P110"]),
        (["assessor=hasty"], ["A101"]),
    ],
)
def test_settings_are_checked_against_the_providers(
    overrides: list[str], expected: list[str]
) -> None:
    assert codes(*overrides) == expected
