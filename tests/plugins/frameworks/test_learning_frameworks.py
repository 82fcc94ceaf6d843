"""Frameworks of deep learning say what their libraries want around a trial."""

import pytest

from sweepwright.contracts import Attempt, Framework, PythonModule, Role, TrialCode
from sweepwright.events import Trial
from sweepwright.jobs import THREAD_VARIABLES
from sweepwright.plugins.frameworks import keras, pytorch, tensorflow

MAIN = (Role("main", PythonModule("train")),)
PAIR = (Role("master", PythonModule("train")), Role("worker", PythonModule("train"), 2))
ATTEMPT = Attempt("sweep", Trial(3, {"lr": 0.1}), 2)
MODULES = [pytorch, tensorflow, keras]


def build(module, **options) -> Framework:
    """Build a module's only framework."""
    [provider] = module.sweep_frameworks()
    return provider.build(provider.options(**options))


def lowered(module, roles=MAIN, environment=None, **options):
    return build(module, **options).lower(TrialCode("mine", roles, environment or {}), ATTEMPT)


@pytest.mark.parametrize("module", MODULES)
def test_lowering_changes_nothing_and_repeats(module) -> None:
    framework = build(module)
    code = TrialCode("mine", PAIR)

    assert framework.lower(code, ATTEMPT) == framework.lower(code, ATTEMPT)


@pytest.mark.parametrize(
    ("module", "library"), [(pytorch, "torch"), (tensorflow, "tensorflow"), (keras, "keras")]
)
def test_the_library_and_its_prologue_are_preloaded(module, library) -> None:
    job = lowered(module)
    prologue, _, function = job.prologue.partition(":")

    assert library in job.preload
    assert prologue in job.preload
    assert function == "seed"
    assert job.fork_safe


@pytest.mark.parametrize("module", MODULES)
def test_deterministic_trials_have_a_fixed_hash_seed_and_prologue(module) -> None:
    job = lowered(module, deterministic=True)

    assert job.prologue.endswith(":seed_deterministically")
    assert job.environment["PYTHONHASHSEED"] == "0"


@pytest.mark.parametrize("module", MODULES)
def test_threads_are_set_for_every_library_or_left_to_the_platform(module) -> None:
    assert not THREAD_VARIABLES & lowered(module).environment.keys()
    assert (
        lowered(module, threads=3).environment.items()
        >= dict.fromkeys(THREAD_VARIABLES, "3").items()
    )


@pytest.mark.parametrize("module", MODULES)
def test_variables_of_the_trial_take_precedence(module) -> None:
    given = {"TF_FORCE_GPU_ALLOW_GROWTH": "false", "OMP_NUM_THREADS": "7", "PYTHONHASHSEED": "1"}

    assert (
        lowered(module, environment=given, threads=2, deterministic=True).environment.items()
        >= given.items()
    )


@pytest.mark.parametrize(
    ("module", "options", "kind", "variable"),
    [
        (pytorch, {}, "PyTorchJob", "MASTER_PORT"),
        (tensorflow, {}, "TFJob", "TF_CONFIG"),
        (keras, {}, "TFJob", "TF_CONFIG"),
        (keras, {"backend": "torch"}, "PyTorchJob", "MASTER_PORT"),
    ],
)
def test_several_processes_find_one_another_as_in_their_kind_of_job(
    module, options, kind, variable
) -> None:
    job = lowered(module, PAIR, **options)

    assert job.kind == kind
    assert [variable in each for each in job.rendezvous["worker"]] == [True, True]
    assert lowered(module, **options).rendezvous == {}


@pytest.mark.parametrize(
    ("module", "options", "packages"),
    [
        (pytorch, {}, ["torch"]),
        (tensorflow, {}, ["tensorflow"]),
        (keras, {}, ["tensorflow", "keras"]),
        (keras, {"backend": "torch"}, ["torch", "keras"]),
        (keras, {"backend": "jax"}, ["jax", "keras"]),
    ],
)
def test_packages_are_those_of_the_library_and_its_backend(module, options, packages) -> None:
    [provider] = module.sweep_frameworks()
    needed = provider.packages(provider.options(**options))

    assert [package.module for package in needed] == ["sweepwright", *packages]


@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
def test_keras_reads_its_backend_as_it_is_imported(backend) -> None:
    job = lowered(keras, backend=backend)

    assert job.environment["KERAS_BACKEND"] == backend
    assert "KERAS_BACKEND".startswith(job.read_on_import)
    assert backend in job.preload


@pytest.mark.parametrize("module", MODULES)
def test_forking_can_be_turned_off(module) -> None:
    assert not lowered(module, fork_safe=False).fork_safe


def test_keras_on_jax_accepts_only_one_process() -> None:
    [provider] = keras.sweep_frameworks()
    options = provider.options(backend="jax")
    check = provider.check_code

    assert check
    assert list(check(options, TrialCode("mine", MAIN))) == []
    assert [found.path for found in check(options, TrialCode("mine", PAIR))] == [("roles",)]


def test_the_preloaded_modules_can_be_chosen() -> None:
    assert "torch" not in lowered(pytorch, preload=("mine",)).preload
    assert lowered(keras, preload=("mine",)).preload[0] == "mine"
