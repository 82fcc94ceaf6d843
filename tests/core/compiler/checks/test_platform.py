"""Trials are checked against the resources of the platform and its interpreter."""

import venv
from pathlib import Path

import pytest

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.diagnostics import CompileError
from tests.core.compiler.checks.sweeps import codes
from tests.core.stub_plugins import registry
from tests.interpreters import others, too_old


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
def test_resources_of_the_platform_are_checked_against_the_concurrency(
    resources: str, concurrency: int, expected: list[str]
) -> None:
    roles = f"trial.roles={{main: {{resources: {resources}}}}}"

    assert codes("platform=tiny", f"concurrency={concurrency}", roles) == expected


def test_a_platform_may_not_know_how_much_its_machines_have() -> None:
    roles = "trial.roles={main: {resources: {cpu: 1000}}}"

    assert codes("platform=vast", "concurrency=3", roles) == []


def test_packages_are_looked_up_by_the_interpreter_of_trials(
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


@pytest.mark.parametrize("python", others())
@pytest.mark.usefixtures("folder")
def test_trials_may_have_another_version_of_python(python: Path) -> None:
    assert codes(f"platform.python={python}") == []


@pytest.mark.parametrize("program", ["/bin/echo", "/bin/true"])
@pytest.mark.usefixtures("folder")
def test_a_program_that_is_no_interpreter_is_found(program: str) -> None:
    with pytest.raises(CompileError) as failed:
        compile_sweep([f"platform.python={program}"], registry())

    [found] = failed.value.diagnostics
    reason = "it does not tell its version"
    assert found.message == f"`{program}` cannot be run as a Python interpreter: {reason}"


@pytest.mark.parametrize("python", too_old())
@pytest.mark.usefixtures("folder")
def test_an_interpreter_that_is_too_old_is_found(python: Path) -> None:
    with pytest.raises(CompileError) as failed:
        compile_sweep([f"platform.python={python}"], registry())

    [found] = failed.value.diagnostics
    version = python.name.removeprefix("python")
    assert found.message == f"`{python}` is Python {version}, which is too old; trials need 3.8"
