"""What real libraries find set up when a trial's own code begins, on the platform `local`."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from sweepwright.contracts import Attempt, Command, Role, TrialCode
from sweepwright.events import FailureKind, Trial
from sweepwright.jobs import THREAD_VARIABLES
from sweepwright.plugins.frameworks import keras, pytorch, tensorflow
from sweepwright.plugins.platforms.local import LocalOptions
from sweepwright.protocol import describe_attempt
from tests.optional_packages import require
from tests.plugins.platforms.local.local_harness import LocalHarness

CHANCE = """
    import json, os, random, sys
    import numpy as np
    heard = [random.random(), np.random.random(), hash("text")]
"""
TORCH = """
    import torch
    heard.append(torch.rand(1).item())
    exact = torch.are_deterministic_algorithms_enabled()
    print(json.dumps([heard, torch.get_num_threads(), exact]))
"""
TENSORFLOW = """
    import tensorflow as tf
    from tensorflow.python.framework import config
    heard.append(float(tf.random.uniform(())))
    threads = int(os.environ["TF_NUM_INTRAOP_THREADS"])
    print(json.dumps([heard, threads, config.is_op_determinism_enabled()]))
"""
KERAS = """
    import keras
    heard.append(float(keras.random.uniform(())))
    assert keras.backend.backend() == os.environ["KERAS_BACKEND"]
"""
JAX = """
    told = "PYTHONHASHSEED" in os.environ  # all there is to tell it
    print(json.dumps([heard, int(os.environ["OMP_NUM_THREADS"]), told]))
"""
LIBRARIES = [
    pytest.param(pytorch, {}, CHANCE + TORCH, ["torch"], id="pytorch"),
    pytest.param(
        tensorflow,
        {},
        CHANCE + TENSORFLOW,
        ["tensorflow"],
        id="tensorflow",
        marks=pytest.mark.ci_only,
    ),
    pytest.param(
        keras,
        {},
        CHANCE + KERAS + TENSORFLOW,
        ["keras", "tensorflow"],
        id="keras-tensorflow",
        marks=pytest.mark.ci_only,
    ),
    pytest.param(
        keras,
        {"backend": "jax"},
        CHANCE + KERAS + JAX,
        ["keras", "jax"],
        id="keras-jax",
        marks=pytest.mark.ci_only,
    ),
    pytest.param(
        keras,
        {"backend": "torch"},
        CHANCE + KERAS + TORCH,
        ["keras", "torch"],
        id="keras-torch",
        marks=pytest.mark.ci_only,
    ),
]

NUMBERS = count()
"""Numbers of trials, none of which runs twice on one harness."""


@pytest.fixture
def harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHarness]:
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    harness = LocalHarness(tmp_path, LocalOptions(cpus=2), concurrency=1)
    yield harness
    harness.platform.close()


@pytest.fixture(scope="module")
def importing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHarness]:
    """Give a harness to all tests of the libraries, which imports each of them once."""
    with pytest.MonkeyPatch.context() as patch:
        for name in THREAD_VARIABLES:
            patch.delenv(name, raising=False)
        harness = LocalHarness(tmp_path_factory.mktemp("one"), LocalOptions(cpus=2), concurrency=1)
        yield harness
        harness.platform.close()


def run(harness: LocalHarness, module, program: str, trial: int, **options):
    """Run a program as a framework lowers it, and return what it found."""
    [provider] = module.sweep_frameworks()
    framework = provider.build(provider.options(**options))
    described = harness.job(program, trial=trial)
    attempt = Attempt("harness", Trial(trial, {"x": 1}), 1, seed=2**40 + trial)
    job = framework.lower(TrialCode("mine", described.roles, folder=described.folder), attempt)
    job = replace(
        job, environment={**job.environment, "SWEEPWRIGHT_TRIAL": describe_attempt(attempt)}
    )
    harness.platform.launch(job, harness.platform.render(job))
    assert harness.end(job) is None, harness.printed(trial)[1]
    return json.loads(harness.printed(trial)[0].splitlines()[-1])


@pytest.mark.parametrize(("module", "options", "program", "needed"), LIBRARIES)
def test_seeds_and_threads_are_set_for_each_trial(
    importing, module, options, program, needed
) -> None:
    require(*needed)
    first, threads, exact = run(importing, module, program, next(NUMBERS), **options)
    second, *_ = run(importing, module, program, next(NUMBERS), **options)

    assert all(a != b for a, b in zip(first[:2], second[:2], strict=True))
    assert first[3] != second[3]
    assert (threads, exact) == (2, False)


@pytest.mark.ci_only
@pytest.mark.parametrize(("module", "options", "program", "needed"), LIBRARIES)
def test_deterministic_trials_repeat(importing, harness, module, options, program, needed) -> None:
    """One interpreter may have run other trials, and the other one has run none."""
    require(*needed)
    options, trial = {**options, "deterministic": True, "threads": 1}, next(NUMBERS)
    first, threads, exact = run(importing, module, program, trial, **options)
    again, *_ = run(harness, module, program, trial, **options)

    assert first == again
    assert (threads, exact) == (1, True)


STARTS_TENSORFLOW = "import tensorflow as tf; tf.constant(1)"
SEEMS_TO_START_CUDA = """
import sys, types
sys.modules["torch.cuda"] = types.SimpleNamespace(_initialized=True)
"""
STARTS_A_THREAD = """
import queue, threading
threading.Thread(target=queue.Queue().get, name="writer", daemon=True).start()
"""


@pytest.mark.parametrize(
    ("library", "starts", "runtime"),
    [
        pytest.param(
            "tensorflow",
            STARTS_TENSORFLOW,
            "TensorFlow's runtime",
            marks=pytest.mark.ci_only,
        ),
        ("json", SEEMS_TO_START_CUDA, "CUDA"),
        ("json", STARTS_A_THREAD, "the thread `writer`"),
    ],
)
def test_a_library_that_has_begun_to_compute_is_not_forked(
    harness, library, starts, runtime
) -> None:
    require(library)
    (harness.folder / "starts_at_once.py").write_text(starts)
    failure = harness.run(
        "print('hello')",
        environment={"PYTHONPATH": str(harness.folder)},
        preload=("starts_at_once",),
    )

    assert failure
    assert failure.kind is FailureKind.LAUNCH
    assert failure.message == (
        f"importing ahead of trials has started {runtime}, which cannot be forked;"
        " give `framework.fork_safe=false`"
    )


def test_a_prologue_that_fails_is_the_trials_failure(harness) -> None:
    (harness.folder / "spoiled.py").write_text("def begin():\n    raise ValueError('no seed')\n")
    failure = harness.run(
        "print('hello')",
        environment={"PYTHONPATH": str(harness.folder)},
        preload=("spoiled",),
        prologue="spoiled:begin",
    )

    assert failure
    assert (failure.kind, failure.message) == (FailureKind.ERROR, "ValueError: no seed")


def test_programs_that_are_not_python_have_no_prologue(harness) -> None:
    job = harness.job((Role("main", Command(("true",))),), prologue="nowhere:begin")

    assert harness.platform.render(job)["processes"][0]["prologue"] is None
