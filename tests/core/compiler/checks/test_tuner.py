"""Checks of the tuner compare its search with the space and the limits of the sweep."""

import pytest

from tests.core.compiler.checks.sweeps import codes, script

SIX = ", ".join(f"{name}: 'uniform(0, 1)'" for name in "abcdef")


@pytest.mark.parametrize(
    ("space", "overrides", "expected"),
    [
        ("a: 'choice(1, 2)'", [], ["P107"]),
        ("a: 'choice(1, 2)'", ["max_trials=2"], []),
        ("a: 'choice(1, 2)'", ["max_trials=null"], []),
        ("a: 'choice(1, 2)'", ["tuner=grid"], ["P107"]),
        ("a: 'choice(1, 2)'", ["tuner=tpe"], ["P107"]),
        ("a: 'int(1, 2_000_000)'", ["tuner=tpe", "max_trials=null"], []),
        ("a: 'choice(1, 2)'", ["tuner=grid", "max_trials=null"], []),
        ("a: 'choice(1, 2)'", ["tuner=batch", "+tuner.assignments=[{a: 1}]"], []),
        ("a: 'int(1, 2_000_000)'", ["tuner=grid"], []),
        ("a: 'int(1, 2_000_000)'", ["tuner=grid", "max_trials=null"], ["P108"]),
        ("a: 'uniform(0, 1)'", ["tuner=grid", "tuner.levels=5", "max_trials=null"], []),
        ("a: 'uniform(0, 1)'", ["tuner=grid", "tuner.levels=5", "max_trials=9"], []),
        ("a: 'uniform(0, 1)'", ["tuner=grid", "+tuner.step.a=0.1", "max_trials=null"], []),
        ("a: 'int(1, 2_000_000)'", ["tuner=grid", "tuner.levels=5", "max_trials=null"], []),
        ("a: 'uniform(0, 1)'", ["tuner=grid", "tuner.levels=0"], ["P106"]),
        ("a: 'uniform(0, 1)'", ["tuner=grid", "+tuner.levels.b=3"], ["P106"]),
        (SIX, ["tuner=grid", "tuner.levels=9", "max_trials=null"], []),
        (SIX, ["tuner=grid", "tuner.levels=11", "max_trials=null"], ["P108"]),
        (SIX, ["tuner=grid", "tuner.levels=11"], ["P108"]),
        (SIX, ["tuner=grid"], []),
        ("a: 'int(1, 2_000_000)'", ["tuner=batch", "+tuner.assignments=[{a: 1}]"], []),
    ],
)
def test_the_size_of_the_search_is_checked_against_max_trials(
    space: str, overrides: list[str], expected: list[str]
) -> None:
    files = script("nni.report_final_result(sum(p.values()))")

    assert codes(*overrides, files=files, sweep=f"space: {{{space}}}") == expected


def test_a_batch_may_take_all_its_assignments_from_start() -> None:
    start = "start: [{learning_rate: 0.1, layers: 1}]"
    space = f"space: {{learning_rate: 'uniform(0, 1)', layers: 'int(1, 30)', {start}}}"

    assert codes("tuner=batch", sweep=space) == []
