import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import run
from textwrap import dedent
from time import process_time

import pytest

from sweepwright.contracts import Budget, Command, PythonFile, PythonModule
from sweepwright.core.compiler.compiler import Compiled, compile_sweep
from sweepwright.core.plan.plan import Direction
from sweepwright.core.plan.plan_json import fingerprint, plan_body, read_plan
from sweepwright.core.registry.registry import Registry
from sweepwright.diagnostics import Code, CompileError, Diagnostic
from sweepwright.events import FailureKind
from sweepwright.space import Categorical, Integer, Nested, Normal, Parameter, Real
from tests.core.stub_plugins import registry

REGISTRY = Registry.load()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text).lstrip())


def compiled(*overrides: str, config_dir: Path | None = None) -> Compiled:
    return compile_sweep(overrides, registry(), config_dir)


def findings(*overrides: str, config_dir: Path | None = None) -> list[Diagnostic]:
    with pytest.raises(CompileError) as caught:
        compiled(*overrides, config_dir=config_dir)
    return caught.value.diagnostics


def test_the_default_configuration_compiles(folder: Path) -> None:
    plan = compiled().plan

    assert plan.tuner.name == "tpe"
    assert plan.limits.max_trials == 20
    assert plan.limits.retries[FailureKind.LOST] == 2
    assert plan.objective.direction is Direction.MAXIMIZE
    assert plan.code.folder == str(folder)
    assert read_plan(plan_body(plan)) == plan


def test_six_mistakes_in_three_files_and_the_command_line_are_reported_at_once(
    folder: Path,
) -> None:
    write(
        folder,
        {
            "space/mine.yaml": """
                # A bad domain in the middle.
                lr: loguniform(1e-4, 1e-1)
                momentum: uniform(0.99, 0.5)
                width: int(16, 256)
                """,
            "tuner/mine.yaml": """
                defaults: [numeric]
                name: numeric
                etaa: 3
                """,
            "experiment/mine.yaml": """
                # @package _global_
                defaults:
                  - override /space: mine
                  - override /tuner: mine
                max_trials: many
                objectve: {metric: accuracy}
                """,
        },
    )

    found = findings("+experiment=mine", "space.hidden=choice(64,128)", config_dir=folder)

    assert [(d.code, str(d.span)) for d in found] == [
        (Code.UNQUOTED_DOMAIN, "<command line>:2:14"),
        (Code.WRONG_TYPE, "experiment/mine.yaml:5:13"),
        (Code.UNKNOWN_KEY, "experiment/mine.yaml:6:1"),
        (Code.EMPTY_DOMAIN, "space/mine.yaml:3:19"),
        (Code.UNSEARCHABLE_DOMAIN, "space/mine.yaml:4:8"),
        (Code.UNKNOWN_OPTION, "tuner/mine.yaml:3:1"),
    ]


def test_a_finding_names_the_override_that_chose_its_file(folder: Path) -> None:
    write(folder, {"space/mine.yaml": "lr: uniform(1, 0)\n"})

    found = findings("space=mine", config_dir=folder)

    assert found[0].notes == ("`space=mine` on the command line chose this file",)


def test_every_domain_has_a_call_form(folder: Path) -> None:
    write(
        folder,
        {
            "space/all.yaml": """
                real: uniform(0, 1)
                log: loguniform(1e-4, 1)
                stepped: uniform(0, 1, step=0.1)
                whole: int(1, 8)
                logwhole: int(1, 1024, log=true)
                even: int(2, 8, step=2)
                named: int(low=1, high=1_000)
                bell: normal(0, 1)
                logbell: lognormal(0, 1, 0.5)
                options: choice(64, -1.5, "a b", 'c\\'d', e-f.g, true, null)
                constant: 3
                flag: false
                optimizer:
                  choice:
                    sgd: {momentum: "uniform(0, 1)"}
                    adam: {}
                    rest:
                """
        },
    )

    plan = compiled("space=all", config_dir=folder).plan
    domains = {parameter.name: parameter.domain for parameter in plan.space.parameters}

    assert domains == {
        "real": Real(0.0, 1.0),
        "log": Real(1e-4, 1.0, log=True),
        "stepped": Real(0.0, 1.0, step=0.1),
        "whole": Integer(1, 8),
        "logwhole": Integer(1, 1024, log=True),
        "even": Integer(2, 8, step=2),
        "named": Integer(1, 1000),
        "bell": Normal(0.0, 1.0),
        "logbell": Normal(0.0, 1.0, log=True, step=0.5),
        "options": Categorical((64, -1.5, "a b", "c'd", "e-f.g", True, None)),
        "constant": Categorical((3,)),
        "flag": Categorical((False,)),
        "optimizer": Nested(("sgd", "adam", "rest")),
        "optimizer.sgd.momentum": Real(0.0, 1.0),
    }


def test_a_branch_parameter_is_active_in_its_branch_and_delivered_without_its_name() -> None:
    plan = compiled("+experiment=mnist_optimizer").plan
    momentum = next(p for p in plan.space.parameters if p.name == "optimizer.sgd.momentum")

    assert momentum == Parameter(
        "optimizer.sgd.momentum",
        momentum.domain,
        ("optimizer", "momentum"),
        momentum.when,
    )
    assert momentum.when is not None
    assert (momentum.when.parent, momentum.when.choices) == ("optimizer", (0,))


def test_a_trial_without_a_name_gives_one_finding(folder: Path) -> None:
    write(folder, {"trial/mine.yaml": "entries: {sklearn: sweepwright.trials.noop}\n"})

    assert [found.code for found in findings("trial=mine", config_dir=folder)] == [
        Code.MISSING_VALUE
    ]


def test_the_help_for_an_unknown_key_lists_each_key_once() -> None:
    (only,) = findings("+foo=1")

    assert only.help
    assert only.help.count("`tuner`") == 1
    assert "hydra" not in only.help


def test_a_domain_with_two_pairs_of_quotes_is_read_from_the_command_line() -> None:
    plan = compiled('space.hidden="choice(64, 128)"', "+space.depth='int(1, 3)'").plan
    domains = {parameter.name: parameter.domain for parameter in plan.space.parameters}

    assert domains["hidden"] == Categorical((64, 128))
    assert domains["depth"] == Integer(1, 3)


def test_a_trial_chooses_its_framework_unless_the_command_line_does() -> None:
    assert compiled("trial=noop").plan.framework.name == "python"
    assert compiled("trial=mnist").plan.framework.name == "sklearn"
    assert [d.code for d in findings("trial=noop", "framework=script")] == [Code.NO_ENTRY]


@pytest.mark.parametrize(
    ("overrides", "budget"),
    [
        ([], Budget(18, 2.0)),
        (["budget=null"], None),
        (["~budget"], None),
        (["budget.maximum=81", "budget.name=STEPS"], Budget(81, 2.0, name="STEPS")),
        (["budget={maximum: 54, unit: passes}"], Budget(54, 2.0, "passes")),
        (["trial=noop"], None),
        (["trial=noop", "+budget.maximum=9"], Budget(9)),
        (["trial=noop", "budget={maximum: 9}"], Budget(9)),
        (["+experiment=long"], Budget(54, 3.0)),
        (["+experiment=long", "budget.maximum=9"], Budget(9, 3.0)),
    ],
)
def test_the_budget_of_a_trial_can_be_overridden(
    overrides: list[str], budget: Budget | None, folder: Path
) -> None:
    long = "# @package _global_\nbudget: {maximum: 54, minimum: 3}\n"
    write(folder, {"experiment/long.yaml": long})

    assert compiled(*overrides, config_dir=folder).plan.budget == budget


def test_the_help_for_a_missing_key_of_a_budget_adds_it() -> None:
    (found,) = findings("trial=noop", "budget.maximum=9")

    assert (found.code, found.help) == (Code.UNKNOWN_KEY, "to add it write `+budget.maximum=9`")


def test_the_help_for_a_misspelt_key_of_a_budget_corrects_it() -> None:
    (found,) = findings("budget.maximun=9")

    assert (found.code, found.help) == (Code.UNKNOWN_KEY, "did you mean `maximum`?")


def test_settings_reach_the_plan() -> None:
    plan = compiled(
        "budget={maximum: 81, minimum: 1, unit: images}",
        "max_trials=null",
        "max_duration=60",
        "trial_timeout=1.5",
        "retries.timeout=2",
        "objective.direction=minimize",
        "objective.metric=test_accuracy",
        "seed=7",
        "reproducible=true",
        "store.path=elsewhere",
        "reports_kept=9",
    ).plan

    assert plan.budget == Budget(81, 1.0, "images")
    assert (plan.limits.max_trials, plan.limits.max_duration) == (None, 60)
    assert plan.limits.trial_timeout == 1.5
    assert plan.limits.retries[FailureKind.TIMEOUT] == 2
    assert (plan.objective.metric, plan.objective.direction) == (
        "test_accuracy",
        Direction.MINIMIZE,
    )
    assert (plan.seed, plan.reproducible) == (7, True)
    assert (plan.store, plan.reports_kept) == ("elsewhere", 9)


def test_defaults_of_options_are_part_of_the_plan() -> None:
    plan = compiled("tuner=picky", "tuner.weights.left=2").plan

    assert plan.tuner.options == {"depth": 3, "layers": [], "weights": {"left": 2}}
    assert plan.tuner.distribution == "in-memory 0"


def test_the_plan_holds_options_as_their_plugin_settles_them() -> None:
    plan = compiled("tuner=settling", "tuner.depth=4").plan

    assert plan.tuner.options == {"depth": 4, "layers": [4, 5], "weights": {"left": 1.0}}
    assert read_plan(plan_body(plan)) == plan


def test_the_plan_holds_options_as_their_platform_settles_them() -> None:
    plan = compiled("platform=watchful", "platform.depth=4", "platform.layers=[1]").plan

    assert plan.platform.options == {"depth": 4, "layers": [1, 4], "weights": {"left": 1.0}}


def test_a_plugin_that_cannot_settle_its_options_is_named() -> None:
    (found,) = findings("tuner=unsettled")

    assert found.code is Code.BROKEN_PLUGIN
    assert "ZeroDivisionError: a mistake of the plugin" in found.message


@pytest.mark.parametrize(
    ("tuner", "fault"),
    [
        ("rungless", "bracket 1 has no rungs"),
        ("trialless", "bracket 1 has no trials on its first rung"),
    ],
)
def test_a_tuner_that_announces_an_empty_bracket_is_named(tuner: str, fault: str) -> None:
    (found,) = findings(f"tuner={tuner}", "budget={maximum: 9}")

    assert found.code is Code.BROKEN_PLUGIN
    assert found.message == f"in-memory 0: checking `tuner={tuner}` failed: ValueError: {fault}"


def test_a_changed_file_of_assignments_changes_the_fingerprint(folder: Path) -> None:
    given = "{learning_rate: 0.01, alpha: 0.01, hidden: %d, batch_size: 16, activation: relu}"
    overrides = ("tuner=batch", "tuner.file=given.yaml")
    (folder / "given.yaml").write_text(f"- {given}\n" % 16)
    before = compiled(*overrides).plan
    (folder / "given.yaml").write_text(f"- {given}\n" % 17)

    assert fingerprint(compiled(*overrides).plan) != fingerprint(before)


def test_recorded_overrides_contain_no_secret() -> None:
    plan = compiled("+trial.environment.API_TOKEN=s3cr3t", "seed=3").plan

    assert plan.overrides == ("+trial.environment.API_TOKEN=***", "seed=3")


def test_a_file_that_selects_a_provider_gets_its_defaults(folder: Path) -> None:
    write(folder, {"tuner/deep.yaml": "name: picky\nweights: {}\n"})

    plan = compiled("tuner=deep", "tuner.depth=5", config_dir=folder).plan

    assert plan.tuner.options == {"depth": 5, "layers": [], "weights": {"left": 1.0}}


def test_a_file_may_have_the_name_of_its_provider(folder: Path) -> None:
    write(folder, {"tuner/picky.yaml": "name: picky\ndepth: 4\n"})

    plan = compiled("tuner=picky", "tuner.weights.left=2", config_dir=folder).plan

    assert plan.tuner.options == {"depth": 4, "layers": [], "weights": {"left": 2}}


def test_an_assessor_is_optional() -> None:
    assert compiled().plan.assessor is None
    assert [d.code for d in findings("assessor=median")] == [Code.UNKNOWN_CHOICE]
    assert [d.code for d in findings("assessor=broken")] == [Code.BROKEN_PLUGIN]


def test_a_broken_plugin_stops_only_sweeps_that_select_it() -> None:
    assert compiled("tuner=random").plan.tuner.name == "random"


ENTRIES = {
    "there.py": PythonFile("there.py", ("--data=x", "--flag=true")),
    "deep/there.py": PythonFile("deep/there.py", ("--data=x", "--flag=true")),
    "there": PythonModule("there", ("--data=x", "--flag=true")),
    "deep": PythonModule("deep", ("--data=x", "--flag=true")),
    "deep.there": PythonModule("deep.there", ("--data=x", "--flag=true")),
    "[./there.py, a]": Command(("./there.py", "a", "--data=x", "--flag=true")),
    f"[{sys.executable}, there.py]": Command(
        (sys.executable, "there.py", "--data=x", "--flag=true")
    ),
}


def entries(folder: Path) -> None:
    names = ("there.py", "deep/there.py", "deep/__init__.py", "deep/__main__.py")
    write(folder, dict.fromkeys(names, "raise SystemExit\n"))
    write(
        folder,
        {"trial/mine.yaml": "name: mine\nentries: {}\ndata: x\nflag: true\nnone: null\n"},
    )


@pytest.mark.parametrize("written", ENTRIES)
def test_an_entry_is_a_file_a_module_or_a_command(folder: Path, written: str) -> None:
    entries(folder)

    plan = compiled(
        "trial=mine", "framework=python", f"+trial.entries.python={written}", config_dir=folder
    ).plan

    assert plan.code.roles[0].entry == ENTRIES[written]
    assert plan.source_hash


@pytest.mark.parametrize("missing", ["here.py", "deep.here", "there.deep", "deep.there.x", "[no]"])
def test_a_missing_entry_is_reported(folder: Path, missing: str) -> None:
    entries(folder)

    found = findings(
        "trial=mine", "framework=python", f"+trial.entries.python={missing}", config_dir=folder
    )

    assert [d.code for d in found] == [Code.MISSING_FILE]


def test_a_package_without_a_main_module_is_reported(folder: Path) -> None:
    entries(folder)
    (folder / "deep" / "__main__.py").unlink()

    found = findings(
        "trial=mine", "framework=python", "+trial.entries.python=deep", config_dir=folder
    )

    assert [d.code for d in found] == [Code.MISSING_FILE]


def test_looking_for_a_module_does_not_import_its_parents(folder: Path) -> None:
    entries(folder)

    compiled(
        "trial=mine", "framework=python", "+trial.entries.python=deep.there", config_dir=folder
    )

    assert "deep" not in sys.modules


def test_the_source_is_part_of_the_fingerprint_and_the_folder_is_not(folder: Path) -> None:
    entries(folder)
    given = ("trial=mine", "framework=python", "+trial.entries.python=there.py")
    before = compiled(*given, config_dir=folder).plan
    (folder / "there.py").write_text("print()\n")
    after = compiled(*given, config_dir=folder).plan
    write(folder / "other", {"there.py": "print()\n"})
    elsewhere = compiled(*given, "trial.folder=other", config_dir=folder).plan

    assert fingerprint(before) != fingerprint(after)
    assert fingerprint(after) == fingerprint(elsewhere)


def test_roles_share_the_entry_and_have_their_own(folder: Path) -> None:
    entries(folder)
    write(
        folder,
        {
            "experiment/two.yaml": """
                # @package _global_
                defaults:
                  - override /trial: mine
                  - override /framework: python
                trial:
                  entries: {python: there.py}
                  environment: {A: 1, B: true}
                  roles:
                    leader: {}
                    worker:
                      entry: deep/there.py
                      replicas: 2
                      resources: {cpu: 1}
                      environment: {C: c}
                """
        },
    )

    leader, worker = compiled("+experiment=two", config_dir=folder).plan.code.roles

    assert (leader.entry, leader.reports) == (ENTRIES["there.py"], True)
    assert (worker.entry, worker.reports) == (ENTRIES["deep/there.py"], False)
    assert (worker.replicas, worker.resources, worker.environment) == (2, {"cpu": 1.0}, {"C": "c"})


def test_a_role_set_to_report_is_the_one_that_reports(folder: Path) -> None:
    entries(folder)

    plan = compiled(
        "trial=mine",
        "framework=python",
        "+trial.entries.python=there.py",
        "trial.roles={a: {}, b: {reports: true}}",
        config_dir=folder,
    ).plan

    assert [role.reports for role in plan.code.roles] == [False, True]


def test_roles_that_are_not_a_mapping_are_reported() -> None:
    assert [d.code for d in findings("trial.roles=3")] == [Code.BAD_ROLE]
    assert [d.code for d in findings("trial.roles={a: 3}")] == [Code.BAD_ROLE]


def test_roles_of_which_none_reports_are_reported() -> None:
    found = findings("trial.roles={a: {reports: false}}")

    assert [(d.code, d.message) for d in found] == [(Code.BAD_ROLE, "no role reports")]


def test_resources_that_the_platform_has_are_accepted() -> None:
    assert compiled("platform=tiny", "trial.roles={a: {resources: {cpu: 2}}}").plan


def test_invalid_values_give_no_further_findings() -> None:
    found = findings(
        "tuner=rnadom",
        "tuner.depth=3",
        "platform=lcoal",
        "framework=pyhton",
        "trial=mnits",
        "space=mnits",
        "seed=${space.lr}",
    )

    assert {d.code for d in found} == {Code.UNKNOWN_CHOICE}
    assert len(found) == 5


def test_an_interpolation_that_contains_itself_is_reported() -> None:
    found = findings("+trial.loop={deep: ${trial.loop}}", "seed=${seed}")

    assert [d.code for d in found].count(Code.BROKEN_INTERPOLATION) == 2


def test_an_invalid_option_gives_no_further_findings() -> None:
    found = findings("tuner=picky", "tuner.layers=[1,${nope}]", "tuner.weights=1,2")

    assert [d.code for d in found] == [Code.BROKEN_INTERPOLATION, Code.BAD_OVERRIDE]


def test_an_invalid_budget_is_not_reported_as_missing() -> None:
    found = findings("tuner=climbing", "budget={maximum: 0}")

    assert [d.code for d in found] == [Code.OUT_OF_RANGE]


def test_a_fault_in_the_trial_gives_one_finding() -> None:
    found = findings("trial.folder=${nope}")

    assert [d.code for d in found] == [Code.BROKEN_INTERPOLATION]


@pytest.mark.parametrize("written", ["null", "3", "[1]"])
def test_a_section_that_is_not_a_mapping_is_reported(folder: Path, written: str) -> None:
    write(folder, {"experiment/x.yaml": f"# @package _global_\ntrial: {written}\n"})

    found = findings("+experiment=x", config_dir=folder)

    assert [d.code for d in found] in ([Code.MISSING_VALUE], [Code.NOT_COMPOSABLE])


def test_a_space_that_is_not_a_mapping_is_reported(folder: Path) -> None:
    write(folder, {"experiment/x.yaml": "# @package _global_\nspace: 3\n"})

    assert [d.code for d in findings("+experiment=x", config_dir=folder)] == [Code.NOT_A_DOMAIN]


def test_the_default_configuration_compiles_in_well_under_a_second() -> None:
    offers = REGISTRY
    started = process_time()
    compile_sweep([], offers)

    assert process_time() - started < 1


def test_the_compiler_imports_nothing_heavy() -> None:
    heavy = "('sklearn', 'scipy', 'torch', 'tensorflow', 'paramiko', 'kubernetes')"
    code = (
        "import sys, sweepwright.core.compiler.compiler;"
        f" print([m for m in {heavy} if m in sys.modules])"
    )
    said = run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said == "[]\n"
