"""The budget and the brackets made of it are checked against the trial and the limits."""

import pytest

from tests.core.compiler.checks.sweeps import BOTH, REPORT, codes, script

READS_BUDGET = f"{BOTH}, p['TRIAL_BUDGET']{REPORT}"


def test_a_budget_under_the_default_name_is_read_without_a_finding() -> None:
    files = script(f"{BOTH}, p['TRIAL_BUDGET']{REPORT}")

    assert codes("tuner=climbing", "budget={maximum: 9}", files=files) == []


@pytest.mark.parametrize(
    ("body", "overrides", "expected"),
    [
        (f"{BOTH}{REPORT}", [], ["B103"]),
        (f"{BOTH}, p.get('STEPS'){REPORT}", [], ["B103"]),
        (f"{BOTH}, p['STEPS']{REPORT}", [], ["B104"]),
        (f"{BOTH}, p['STEPS'], p['TRIAL_BUDGET']{REPORT}", [], ["B104"]),
        (f"{BOTH}, p['STEPS']{REPORT}", ["budget.name=STEPS"], []),
        (f"{BOTH}, p['epochs']{REPORT}", ["budget.name=epochs"], []),
        (f"{BOTH}, p['epochs']{REPORT}", [], ["B103", "T106"]),
        (f"{BOTH}{REPORT}", ["budget.name=layers"], ["B108"]),
        (f"{BOTH}, p['n']{REPORT}", ["budget.name=n", "+space.n='2 * layers'"], ["B108"]),
        (f"{BOTH}, nni.get_budget(){REPORT}", ["budget.name=null"], []),
        (f"train(p){REPORT}", [], []),
        (f"{BOTH}, p['STEPS']{REPORT}", ["budget=null"], ["B101"]),
        (f"{BOTH}, p['STEPS']{REPORT}", ["budget=null", "tuner=random"], ["B104"]),
        (f"{BOTH}, p.get('STEPS'){REPORT}", ["budget=null", "tuner=random"], []),
        (f"{BOTH}, p['STEPS']{REPORT}", ["budget={maximum: 0}"], ["C109"]),
        (f"{BOTH}, p['STEPS']{REPORT}", ["+space.STEPS='int(1, 3)'", "tuner=random"], ["B102"]),
    ],
)
def test_the_trial_must_read_its_budget_under_the_budget_s_name(
    body: str, overrides: list[str], expected: list[str]
) -> None:
    found = codes(
        "budget={maximum: 9, minimum: 1}",
        "tuner=climbing",
        *overrides,
        files=script(body),
        sweep="budget: {name: TRIAL_BUDGET}",
    )

    assert sorted(found) == expected


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["tuner=hyperband"], []),
        (["tuner=hyperband", "max_trials=17"], []),
        (["tuner=hyperband", "max_trials=16"], ["B106"]),
        (["tuner=hyperband", "max_trials=14"], []),
        (["tuner=hyperband", "max_trials=5"], ["B106"]),
        (["tuner=hyperband", "max_trials=null"], []),
        (["tuner=hyperband", "max_trials=many"], ["C106"]),
        (["tuner=hyperband", "tuner.rounds=null"], ["B106"]),
        (["tuner=hyperband", "tuner.rounds=null", "max_trials=34"], []),
        (
            ["tuner=hyperband", "max_trials=18", "+space.start=[{learning_rate: 0.1, layers: 3}]"],
            [],
        ),
        (
            ["tuner=hyperband", "max_trials=17", "+space.start=[{learning_rate: 0.1, layers: 3}]"],
            ["B106"],
        ),
        (["tuner=hyperband", "budget.minimum=4"], ["B105"]),
        (["tuner=hyperband", "budget.minimum=9"], ["B105"]),
        (["tuner=hyperband", "budget={minimum: 0.9, maximum: 1}"], ["B105"]),
        (["tuner=hyperband", "tuner.eta=50"], ["B105"]),
        (["tuner=successive_halving"], []),
        (["tuner=asha", "max_trials=10"], []),
        (["tuner=pbt", "max_trials=10"], ["B106"]),
        (["tuner=pbt", "max_trials=99"], []),
        (["tuner=random", "assessor=hasty"], []),
        (["tuner=hyperband", "assessor=hasty"], ["B107"]),
    ],
)
def test_brackets_are_checked_against_the_limits_of_the_sweep(
    overrides: list[str], expected: list[str]
) -> None:
    found = codes(
        *overrides,
        files=script(f"nni.report_intermediate_result(1)\n{READS_BUDGET}"),
        sweep="budget: {maximum: 9, minimum: 1}",
    )

    assert found == expected


def test_a_budget_that_the_trial_may_read_counts_as_used() -> None:
    files = script(f"{BOTH}, p.get('TRIAL_BUDGET'){REPORT}")

    assert codes("budget={maximum: 9}", files=files) == []
