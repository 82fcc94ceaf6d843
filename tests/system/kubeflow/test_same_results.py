"""A sweep in a cluster comes to what the same sweep comes to on this machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sweepwright.core.store.history import History
from tests.forked_commands import run_forked
from tests.optional_packages import require
from tests.system.driven_sweeps import FLAKY
from tests.system.kubeflow.cluster_sweeps import assert_unharmed, platform_words
from tests.system.kubeflow.stand_in_cluster import StandInCluster, label
from tests.system.remote.remote_sweeps import history_of, outcome

REPEATABLE = ("seed=3", "reproducible=true")
# Without it, OpenBLAS chooses by the processor, unless the environment of one of the two names it.
SAME_KERNELS = "+trial.environment.OPENBLAS_CORETYPE=Haswell"
SMALL = "budget={minimum: 1, maximum: 3}"
SECONDS = 300


def run_here(folder: Path, *words: str) -> History:
    """Run a sweep to its end, and return what became of it."""
    done = run_forked([f"store.path={folder}", "--quiet", *words], timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return history_of(folder)


def run_there(folder: Path, world: StandInCluster, *words: str) -> History:
    """Run a sweep in the cluster, in which nothing is left of it then."""
    history = run_here(folder, *words, *platform_words(world))
    assert world.leftovers() == []
    return history


def steps(history: History) -> Sequence[Any]:
    """List the evaluations of promoted trials after their promotion."""
    return [step for trial in history.trials for step in trial.evaluations[1:]]


@pytest.mark.parametrize(
    "kind",
    [
        "Job",
        pytest.param("PyTorchJob", marks=pytest.mark.ci_only),
        pytest.param("TFJob", marks=pytest.mark.ci_only),
        pytest.param("TrainJob", marks=pytest.mark.ci_only),
    ],
)
def test_promoted_trials_of_every_kind_continue_from_their_checkpoints(
    sweep_in, world, kind: str
) -> None:
    """The code is a script of the user's, which a ConfigMap brings to the pods."""
    sizes = ("budget={minimum: 1, maximum: 2}", "tuner.trials=4", "tuner.eta=2", "max_trials=null")
    more = {"trial": FLAKY, "tuner": "successive_halving", "overrides": (*sizes, "concurrency=4")}
    sweep = sweep_in(**more, options={"kind": kind})
    sweep.run()
    history = history_of(sweep.store)

    assert {job["kind"] for job in world.specs.values()} == {kind}
    assert steps(history)
    assert all(step.continued for step in steps(history))
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, 4)


@pytest.mark.ci_only
def test_the_signature_command_continues_trials_in_pods(tmp_path: Path, world) -> None:
    require("torch", "sklearn")
    command = ("tuner=hyperband", "framework=pytorch")
    words = (*command, SMALL, "framework.deterministic=true", *REPEATABLE, SAME_KERNELS)
    there = run_there(tmp_path / "there", world, *words)
    here = run_here(tmp_path / "here", *words)

    assert outcome(there) == outcome(here)
    assert steps(there)
    assert all(step.continued for step in steps(there))
    assert {job["kind"] for job in world.specs.values()} == {"PyTorchJob"}


@pytest.mark.ci_only
def test_pytorch_trains_one_network_in_two_pods(tmp_path: Path, world) -> None:
    require("torch", "sklearn")
    experiment = ("+experiment=mnist_distributed_pytorch", "max_trials=1", SMALL)
    there = run_there(tmp_path / "there", world, *experiment, *REPEATABLE)

    assert (there.trials[0].value or 0.0) > 0.5
    assert sorted(role for _, _, _, role in world.ran) == ["master", "worker"]


@pytest.mark.ci_only
def test_tensorflow_trains_one_network_in_four_pods(tmp_path: Path, world) -> None:
    """Each role has its own program and its own resources."""
    require("tensorflow", "sklearn")
    experiment = ("+experiment=mnist_distributed_tf", "max_trials=1", SMALL)
    less = "trial.roles.ps.resources.cpu=0.25"
    there = run_there(tmp_path / "there", world, *experiment, less, *REPEATABLE)
    [job] = world.specs.values()
    containers = {
        role: each["template"]["spec"]["containers"][0]
        for role, each in job["spec"]["tfReplicaSpecs"].items()
    }

    # Workers update the network when they are done with a batch, in an order that varies.
    assert (there.trials[0].value or 0.0) > 0.5
    assert {role: len(uids) for (_, _, _, role), uids in world.ran.items()} == {
        "chief": 1,
        "ps": 1,
        "worker": 2,
    }
    assert {role: each["resources"]["limits"] for role, each in containers.items()} == {
        "Chief": {"cpu": "500m"},
        "PS": {"cpu": "250m"},
        "Worker": {"cpu": "500m"},
    }
    assert "tf_distributed" in str(containers["Chief"]["env"])
    assert "tf_server" in str(containers["PS"]["env"])
    assert {label(job, "trial"), label(job, "attempt")} == {"0", "1"}
