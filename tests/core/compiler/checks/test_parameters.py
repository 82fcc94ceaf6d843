"""Reads of the trial are compared with the space, without a finding where they are uncertain."""

import pytest

from sweepwright.core.compiler.checks.parameters import is_absent_at_times
from sweepwright.expressions import parse
from sweepwright.space import Categorical, Parameter, Real, SearchSpace
from tests.core.compiler.checks.sweeps import BOTH, REPORT, codes, script


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"train(p){REPORT}", []),
        (f"p['layers']{REPORT}", ["T105"]),
        (f"{BOTH}, p['momentum']{REPORT}", ["T106"]),
        (f"{BOTH}, p['momentum']['x'], p['momentum']['y']{REPORT}", ["T106"]),
        (f"{BOTH}, p.get('momentum'){REPORT}", []),
        (f"{BOTH}, p['layers']['deep']{REPORT}", []),
        (f"{BOTH}, p['TRIAL_BUDGET']{REPORT}", ["B104"]),
        (f"p['layers'], p['learning_rat']{REPORT}", ["T106"]),
        (f"import uses_api\np['layers']{REPORT}", []),
        (f"import uses_api\np['layers'], p['momentum']{REPORT}", ["T106"]),
        (f"import nowhere\np['layers']{REPORT}", []),
        (f"{BOTH}\nnni.report_final_result({{'loss': 1}})", ["T107"]),
        (f"{BOTH}\nimport uses_api\nnni.report_final_result({{'loss': 1}})", []),
        (f"{BOTH}\nnni.report_final_result(train())", []),
        (f"{BOTH}\nnni.report_intermediate_result(1)", ["T107"]),
        (f"{BOTH}\ntrain(nni)", []),
    ],
)
def test_only_certain_mismatches_of_source_and_space_are_found(
    body: str, expected: list[str]
) -> None:
    files = {**script(body), "uses_api.py": "import sweepwright.trial"}

    assert codes(files=files) == expected


LIMITED = "layers: 'int(1, 9)', way: 'choice(1, 2)', learning_rate: 'uniform(0, 1) when way == 1'"


KEPT = f"{LIMITED}, constraints: [way == 1]"


DERIVED = "learning_rate: half / 2, half: 'uniform(0, 1)', layers: half * 2"


BRANCHES = "way: {choice: {a: {x: 'uniform(0, 1)'}, b: {x: 'uniform(0, 1)'}, c: {}}}"


EVERYWHERE = BRANCHES.replace("{}", "{x: 'uniform(0, 2)'}")


@pytest.mark.parametrize(
    ("space", "body", "expected"),
    [
        (LIMITED, BOTH, ["T106"]),
        (LIMITED, "p['layers'], p.get('learning_rate')", []),
        (KEPT, BOTH, []),
        (DERIVED, BOTH, []),
        (DERIVED, "p['layer']", ["T106"]),
        (BRANCHES, "p['way']['x']", ["T106"]),
        (BRANCHES, "p['way'].get('x')", []),
        (BRANCHES, "p['way']['_name'], p['way']['y']", ["T105", "T105", "T106"]),
        (EVERYWHERE, "p['way']['x']", []),
    ],
)
def test_a_parameter_that_every_run_reads_must_always_be_present(
    space: str, body: str, expected: list[str]
) -> None:
    assert codes(files=script(f"{body}{REPORT}"), sweep=f"space: {{{space}}}") == expected


def test_an_infeasible_space_has_no_absent_parameters() -> None:
    impossible = SearchSpace(
        [
            Parameter("way", Categorical(("a", "b"))),
            Parameter("rate", Real(0, 1), condition=parse('way == "a"')),
        ],
        [parse("way != way")],
    )

    assert not is_absent_at_times(impossible, ("rate",))


def test_a_source_that_reads_nothing_is_warned_of_once() -> None:
    assert codes(files={"train.py": "print()"}) == ["T105"]


def test_a_source_that_does_not_parse_has_no_other_findings() -> None:
    assert codes("budget={maximum: 9}", files={"train.py": "print("}) == ["T109"]


def test_an_incomplete_space_is_not_compared_with_the_source() -> None:
    sweep = "space: {learning_rate: 'uniform(1, 0)', lay: 'int(1, 30)'}"

    assert codes(sweep=sweep) == ["D104"]


ROLES = "trial.roles={leader: {}, helper: {entry: %s, reports: %s}}"


@pytest.mark.parametrize(
    ("entry", "reports", "expected"),
    [
        ("helper.py", "null", []),
        ("helper.py", "true", ["T107"]),
        ("other.py", "null", ["T105"]),
        ("[sh]", "null", []),
        ("[sh]", "true", []),
        ("helper", "null", []),
    ],
)
def test_any_role_may_read_and_only_the_reporting_role_must_report(
    entry: str, reports: str, expected: list[str]
) -> None:
    files = {
        **script(f"p['layers']{REPORT}"),
        "helper.py": "import nni\nnni.get_next_parameter()['learning_rate']",
        "other.py": "import nni\nnni.get_next_parameter()['layers']",
    }

    assert codes(ROLES % (entry, reports), files=files) == expected
