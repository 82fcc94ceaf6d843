"""Frameworks whose trials run as they are."""

import pytest

from sweepwright.contracts import (
    Attempt,
    Command,
    Framework,
    Job,
    PythonModule,
    Role,
    TrialCode,
)
from sweepwright.events import CheckpointRef, Trial
from sweepwright.plugins.frameworks import python, script, sklearn

CODE = TrialCode(
    "mnist",
    (Role("main", PythonModule("train")), Role("side", Command(("./side",)), reports=False)),
    {"DATA": "x"},
    "code",
)
ATTEMPT = Attempt("sweep", Trial(3, {"lr": 0.1}), 2, inherits=CheckpointRef(1, 1))


def build(module, **options) -> Framework:
    """Build a module's only framework."""
    [provider] = module.sweep_frameworks()
    return provider.build(provider.options(**options))


@pytest.mark.parametrize("module", [python, sklearn, script])
def test_a_job_has_the_name_and_numbers_of_its_attempt(module) -> None:
    job = build(module).lower(CODE, ATTEMPT)

    assert (job.name, job.trial, job.attempt) == ("sweep-3-2", 3, 2)
    assert (job.roles, job.environment, job.folder) == (CODE.roles, CODE.environment, "code")
    assert job.inherits == CheckpointRef(1, 1)
    assert job.time_limit is None


@pytest.mark.parametrize("module", [python, sklearn, script])
def test_lowering_changes_nothing_and_repeats(module) -> None:
    framework = build(module)

    assert framework.lower(CODE, ATTEMPT) == framework.lower(CODE, ATTEMPT)


def test_python_preloads_the_given_modules() -> None:
    plain = build(python).lower(CODE, ATTEMPT)
    loaded = build(python, preload=("tensorflow",), fork_safe=False).lower(CODE, ATTEMPT)

    assert (plain.preload, plain.fork_safe) == ((), True)
    assert (loaded.preload, loaded.fork_safe) == (("tensorflow",), False)


def test_sklearn_preloads_scikit_learn_and_may_be_forked() -> None:
    job: Job = build(sklearn).lower(CODE, ATTEMPT)

    assert "sklearn.neural_network" in job.preload
    assert job.fork_safe


def test_scripts_preload_nothing() -> None:
    assert build(script).lower(CODE, ATTEMPT).preload == ()
