"""The parts of a sweep are held against one another, silently where nothing is certain."""

import venv
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

import pytest

from sweepwright.core.compiler.checks.parameters import is_absent_at_times
from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.diagnostics import CompileError
from sweepwright.expressions import parse
from sweepwright.space import Categorical, Parameter, Real, SearchSpace
from tests.core.stub_plugins import registry

SPACE = "space: {learning_rate: 'uniform(0, 1)', layers: 'int(1, 30)'}"
PARTS = """
# @package _global_
defaults:
  - override /space: null
  - override /trial: null
  - override /framework: python
trial: {name: own, entries: {python: train.py}}
"""
READS_BOTH = """
import sweepwright.trial as nni
p = nni.get_next_parameter()
nni.report_final_result(p["learning_rate"] / p["layers"])
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def codes(*overrides: str, files: dict[str, str] | None = None, sweep: str = "") -> Sequence[str]:
    """Compile a sweep of a script and two parameters; list what is found, in order."""
    for name, text in {"train.py": READS_BOTH, **(files or {})}.items():
        Path(name).write_text(dedent(text).lstrip())
    own = sweep if "space:" in sweep else f"{SPACE}\n{dedent(sweep)}"
    Path("experiment").mkdir(exist_ok=True)
    Path("experiment/own.yaml").write_text(f"{PARTS.lstrip()}{dedent(own)}")
    return found("+experiment=own", *overrides)


def found(*overrides: str) -> Sequence[str]:
    try:
        return [d.code.value for d in compile_sweep(overrides, registry(), Path()).warnings]
    except CompileError as error:
        return [d.code.value for d in error.diagnostics]


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
def test_nothing_is_found_in_what_is_built_in(overrides: list[str]) -> None:
    assert found(*overrides) == []


def test_nothing_is_found_in_a_trial_that_reads_its_space() -> None:
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
def test_settings_are_held_against_the_parts(overrides: list[str], expected: list[str]) -> None:
    assert codes(*overrides) == expected


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
def test_how_much_there_is_to_try_is_held_against_how_much_is_to_be_tried(
    space: str, overrides: list[str], expected: list[str]
) -> None:
    files = script("nni.report_final_result(sum(p.values()))")

    assert codes(*overrides, files=files, sweep=f"space: {{{space}}}") == expected


def script(body: str) -> dict[str, str]:
    return {"train.py": f"import sweepwright.trial as nni\np = nni.get_next_parameter()\n{body}\n"}


REPORT = "\nnni.report_final_result(1)"
BOTH = "p['layers'], p['learning_rate']"


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
        (f"import speaking\np['layers']{REPORT}", []),
        (f"import speaking\np['layers'], p['momentum']{REPORT}", ["T106"]),
        (f"import nowhere\np['layers']{REPORT}", []),
        (f"{BOTH}\nnni.report_final_result({{'loss': 1}})", ["T107"]),
        (f"{BOTH}\nimport speaking\nnni.report_final_result({{'loss': 1}})", []),
        (f"{BOTH}\nnni.report_final_result(train())", []),
        (f"{BOTH}\nnni.report_intermediate_result(1)", ["T107"]),
        (f"{BOTH}\ntrain(nni)", []),
    ],
)
def test_a_source_is_held_against_the_space_as_far_as_it_is_certain(
    body: str, expected: list[str]
) -> None:
    files = {**script(body), "speaking.py": "import sweepwright.trial"}

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
def test_what_is_read_always_has_to_be_there_always(
    space: str, body: str, expected: list[str]
) -> None:
    assert codes(files=script(f"{body}{REPORT}"), sweep=f"space: {{{space}}}") == expected


def test_of_a_space_that_nothing_is_in_nothing_is_said() -> None:
    impossible = SearchSpace(
        [
            Parameter("way", Categorical(("a", "b"))),
            Parameter("rate", Real(0, 1), condition=parse('way == "a"')),
        ],
        [parse("way != way")],
    )

    assert not is_absent_at_times(impossible, ("rate",))


def test_a_batch_may_leave_all_its_assignments_to_the_start() -> None:
    start = "start: [{learning_rate: 0.1, layers: 1}]"
    space = f"space: {{learning_rate: 'uniform(0, 1)', layers: 'int(1, 30)', {start}}}"

    assert codes("tuner=batch", sweep=space) == []


def test_a_source_that_never_heard_of_trials_is_warned_of_once() -> None:
    assert codes(files={"train.py": "print()"}) == ["T105"]


def test_a_source_that_is_no_python_is_let_be() -> None:
    assert codes("budget={maximum: 9}", files={"train.py": "print("}) == []


def test_a_budget_that_a_tuner_of_nni_would_give_is_not_missed_with_a_tuner_of_budgets() -> None:
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
def test_a_budget_is_read_under_its_name(
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


READS_BUDGET = f"{BOTH}, p['TRIAL_BUDGET']{REPORT}"


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
def test_brackets_are_held_against_the_sweep(overrides: list[str], expected: list[str]) -> None:
    found = codes(
        *overrides,
        files=script(f"nni.report_intermediate_result(1)\n{READS_BUDGET}"),
        sweep="budget: {maximum: 9, minimum: 1}",
    )

    assert found == expected


def test_a_budget_that_the_trial_may_read_is_used() -> None:
    files = script(f"{BOTH}, p.get('TRIAL_BUDGET'){REPORT}")

    assert codes("budget={maximum: 9}", files=files) == []


def test_a_space_with_a_fault_is_not_held_against_the_source() -> None:
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
def test_what_one_role_reads_is_read_and_the_one_that_reports_is_listened_to(
    entry: str, reports: str, expected: list[str]
) -> None:
    files = {
        **script(f"p['layers']{REPORT}"),
        "helper.py": "import nni\nnni.get_next_parameter()['learning_rate']",
        "other.py": "import nni\nnni.get_next_parameter()['layers']",
    }

    assert codes(ROLES % (entry, reports), files=files) == expected


@pytest.mark.parametrize(
    ("resources", "concurrency", "expected"),
    [
        ("{cpu: 1}", 2, []),
        ("{cpu: 1}", 3, ["R103"]),
        ("{cpu: 0}", 3, []),
        ("{}", 3, []),
        ("{cpu: 3}", 3, ["R101"]),
        ("{cpu: 2}", 0, ["C109"]),
        ("{cpu: 2}", 2, ["R103"]),
    ],
)
def test_room_on_the_platform_is_held_against_how_many_are_to_run_at_once(
    resources: str, concurrency: int, expected: list[str]
) -> None:
    roles = f"trial.roles={{main: {{resources: {resources}}}}}"

    assert codes("platform=tiny", f"concurrency={concurrency}", roles) == expected


def test_packages_are_looked_for_in_the_interpreter_that_runs_trials(
    folder: Path,
) -> None:
    python = folder / "env" / "bin" / "python"
    venv.create(folder / "env", symlinks=True)
    overrides = [
        "framework=lacking",
        "+trial.entries.lacking=sweepwright.trials.mnist.sklearn_mlp",
        f"platform.python={python}",
    ]
    with pytest.raises(CompileError) as failed:
        compile_sweep(overrides, registry())

    [found] = failed.value.diagnostics
    needs = "`framework=lacking` needs `nowhere_to_be_found`, which is not installed"
    assert found.message == f"{needs} for `{python}`"
    assert found.help == f"run `{python} -m pip install 'theirs[nowhere]'`"
