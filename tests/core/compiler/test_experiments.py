"""The built-in experiments are without a fault, wherever what they need is installed."""

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


def test_those_of_the_page_are_there() -> None:
    page = {"mnist", "mnist_assessor", "mnist_batch_keras", "mnist_hyperband", "mnist_keras"}

    assert page | {"mnist_nested"} <= set(EXPERIMENTS)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_nothing_is_found_in_an_experiment(experiment: str) -> None:
    assert compiled(f"+experiment={experiment}").warnings == []


@pytest.mark.parametrize("experiment", ["mnist", "mnist_assessor"])
def test_tensorflow_takes_the_place_of_pytorch(experiment: str) -> None:
    plan = compiled(f"+experiment={experiment}", "framework=tensorflow").plan

    assert plan.framework.name == "tensorflow"
    assert plan.code.roles[0].entry == PythonModule("sweepwright.trials.mnist.tf_cnn")


@pytest.mark.parametrize(
    "overrides",
    [
        ["+experiment=mnist"],
        ["+experiment=mnist", "framework=tensorflow"],
        ["+experiment=mnist_keras"],
        ["+experiment=mnist_hyperband"],
    ],
)
def test_a_parameter_is_missed_that_a_trial_of_digits_never_reads(overrides: list[str]) -> None:
    warnings = compiled(*overrides, "+space.momentum=0.9").warnings

    assert [warning.code for warning in warnings] == [Code.UNREAD_PARAMETER]


def test_the_trial_of_hyperband_receives_steps() -> None:
    plan = compiled("+experiment=mnist_hyperband").plan

    assert plan.budget
    assert plan.budget.name == "STEPS"
    assert plan.tuner.name == "hyperband"


def test_a_list_of_assignments_is_the_whole_of_a_batch() -> None:
    plan = compiled("+experiment=mnist_batch_keras").plan

    assert plan.tuner.name == "batch"
    assert len(plan.tuner.options["assignments"]) == 6
