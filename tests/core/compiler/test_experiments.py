"""The built-in experiments have no findings if the packages that they need are installed."""

from pathlib import Path

import pytest

from sweepwright.contracts import PythonModule
from sweepwright.core.compiler.compiler import Compiled, compile_sweep
from sweepwright.core.registry.registry import Registry
from sweepwright.diagnostics import Code, CompileError

ROOT = Path(__file__).parents[3]
EXPERIMENTS = sorted(path.stem for path in (ROOT / "conf" / "experiment").glob("*.yaml"))
REGISTRY = Registry.load()


def compiled(*overrides: str) -> Compiled:
    """Compile a sweep; skip the test where a package is missing and nothing else."""
    try:
        return compile_sweep(overrides, REGISTRY)
    except CompileError as error:
        if {finding.code for finding in error.diagnostics} == {Code.MISSING_PACKAGE}:
            pytest.skip(error.diagnostics[0].message)
        raise


def test_the_documented_experiments_exist() -> None:
    page = {"mnist", "mnist_assessor", "mnist_batch_keras", "mnist_hyperband", "mnist_keras"}

    assert page | {"mnist_nested"} <= set(EXPERIMENTS)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_an_experiment_has_no_findings(experiment: str) -> None:
    assert compiled(f"+experiment={experiment}").warnings == []


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow", "keras"])
def test_the_default_trial_has_no_findings_with_any_framework(framework: str) -> None:
    assert compiled(f"framework={framework}", "tuner=hyperband").warnings == []


@pytest.mark.parametrize("experiment", ["mnist", "mnist_assessor"])
def test_tensorflow_can_replace_pytorch(experiment: str) -> None:
    plan = compiled(f"+experiment={experiment}", "framework=tensorflow").plan

    assert plan.framework.name == "tensorflow"
    assert plan.code.roles[0].entry == PythonModule("sweepwright.trials.mnist.tf_cnn")


@pytest.mark.parametrize(
    "overrides",
    [
        ["framework=pytorch"],
        ["framework=tensorflow"],
        ["framework=keras"],
        ["+experiment=mnist"],
        ["+experiment=mnist", "framework=tensorflow"],
        ["+experiment=mnist_keras"],
        ["+experiment=mnist_hyperband"],
    ],
)
def test_a_parameter_that_a_trial_never_reads_is_reported(overrides: list[str]) -> None:
    warnings = compiled(*overrides, "+space.momentum=0.9").warnings

    assert [warning.code for warning in warnings] == [Code.UNREAD_PARAMETER]


def test_the_trial_of_hyperband_receives_steps() -> None:
    plan = compiled("+experiment=mnist_hyperband").plan

    assert plan.budget
    assert plan.budget.name == "STEPS"
    assert plan.tuner.name == "hyperband"


def test_a_batch_consists_of_the_listed_assignments() -> None:
    plan = compiled("+experiment=mnist_batch_keras").plan

    assert plan.tuner.name == "batch"
    assert len(plan.tuner.options["assignments"]) == 6
