"""The classifier learns, repeats itself, and runs however it is started."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from sweepwright.trials.mnist.data import load
from sweepwright.trials.mnist.sklearn_mlp import DEFAULTS, build_classifier, train

MODULE = "sweepwright.trials.mnist.sklearn_mlp"
FILE = Path(__file__).parents[3] / "trials" / "mnist" / "sklearn_mlp.py"
BY_HAND = {"SWEEPWRIGHT_TRIAL": '{"assignment": {"TRIAL_BUDGET": 1}}'}
ASSIGNMENT = {
    "learning_rate": 3e-3,
    "alpha": 1e-4,
    "hidden": 64,
    "batch_size": 32,
    "activation": "relu",
}


def test_a_good_assignment_is_right_on_more_than_95_of_100_unseen_digits(sweep_trial) -> None:
    lines = sweep_trial(MODULE, ASSIGNMENT)

    assert lines[-1].metrics["default"] > 0.95
    assert lines[-1].metrics["test_accuracy"] > 0.95


def test_it_reports_each_epoch_and_the_last_one_as_the_result(sweep_trial) -> None:
    lines = sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 3})

    assert [line.metrics.get("epoch") for line in lines] == [1, 2, 3, None]
    assert [line.final for line in lines] == [False, False, False, True]
    assert lines[-1].metrics["default"] == lines[-2].metrics["default"]


def test_the_same_assignment_and_seed_learn_the_same() -> None:
    digits = load()
    first, second, other = (
        build_classifier({**DEFAULTS, **ASSIGNMENT}, seed) for seed in (7, 7, 8)
    )
    for classifier in (first, second, other):
        train(classifier, digits, range(2))

    assert np.array_equal(first.coefs_[0], second.coefs_[0])
    assert not np.array_equal(first.coefs_[0], other.coefs_[0])


def test_a_seed_of_any_size_is_accepted(sweep_trial) -> None:
    assert sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 1}, seed=2**127 + 3)


def test_a_promoted_trial_ends_as_if_trained_without_a_pause(sweep_trial, tmp_path: Path) -> None:
    parts, at_once = (str(tmp_path / name) for name in ("parts", "at_once"))
    sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 3}, SWEEPWRIGHT_CHECKPOINTS=parts)
    promoted = sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 7}, SWEEPWRIGHT_INHERITED=parts)
    whole = sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 7}, SWEEPWRIGHT_CHECKPOINTS=at_once)

    assert [line.metrics.get("epoch") for line in promoted] == [4, 5, 6, 7, None]
    assert all(line.continued for line in promoted)
    assert [line.metrics for line in promoted] == [line.metrics for line in whole[3:]]


def test_a_spent_budget_leaves_the_network_unchanged(sweep_trial, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    assignment = {**ASSIGNMENT, "TRIAL_BUDGET": 2}
    first = sweep_trial(MODULE, assignment, SWEEPWRIGHT_CHECKPOINTS=kept)
    again = sweep_trial(MODULE, assignment, SWEEPWRIGHT_INHERITED=kept)

    assert [line.metrics for line in again] == [first[-1].metrics]


def test_a_fraction_of_an_epoch_is_rounded_up(sweep_trial) -> None:
    lines = sweep_trial(MODULE, {**ASSIGNMENT, "TRIAL_BUDGET": 0.2})

    assert [line.metrics.get("epoch") for line in lines] == [1, None]


def test_a_damaged_checkpoint_is_one_line_without_a_traceback(run_trial, tmp_path: Path) -> None:
    (tmp_path / "network.npz").write_bytes(b"PK")
    ended = run_trial("-m", MODULE, SWEEPWRIGHT_INHERITED=str(tmp_path))

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {tmp_path / 'network.npz'}: cannot be read: ")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("solver", "name", "value"), [("sgd", "momentum", 0.5), ("adam", "beta_1", 0.8)]
)
def test_a_nested_optimizer_is_the_one_that_trains(solver: str, name: str, value: float) -> None:
    optimizer = {"_name": solver, name: value}
    classifier = build_classifier({**DEFAULTS, "optimizer": optimizer}, seed=0)

    assert classifier.solver == solver
    assert getattr(classifier, name) == value
    assert optimizer == {"_name": solver, name: value}


@pytest.mark.parametrize("how", [(str(FILE),), ("-m", MODULE)])
def test_it_runs_by_hand_and_prints_its_reports(run_trial, how: tuple[str, ...]) -> None:
    ended = run_trial(*how, **BY_HAND)

    assert ended.stderr == ""
    assert ended.stdout.splitlines()[0].startswith("intermediate result: {'default': 0.")
    assert "'test_accuracy': 0." in ended.stdout.splitlines()[1]


def test_it_trains_on_a_folder_of_idx_files(run_trial, tmp_path: Path) -> None:
    images, labels = load_digits(return_X_y=True)
    for prefix, part in (("train", slice(0, 600)), ("t10k", slice(600, 700))):
        pixels, digits = images[part].astype("u1"), labels[part].astype("u1")
        write_gzipped(tmp_path / f"{prefix}-images-idx3-ubyte.gz", (len(pixels), 8, 8), pixels)
        write_gzipped(tmp_path / f"{prefix}-labels-idx1-ubyte.gz", (len(digits),), digits)
    ended = run_trial("-m", MODULE, f"--data={tmp_path}", **BY_HAND)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("final result: ")


def test_missing_data_are_one_line_without_a_traceback(run_trial, tmp_path: Path) -> None:
    ended = run_trial("-m", MODULE, f"--data={tmp_path}")

    assert ended.returncode == 1
    assert ended.stderr == (
        f"error: {tmp_path}: neither `train-images-idx3-ubyte` "
        "nor `train-images-idx3-ubyte.gz` is in it; `trial.download=true` fetches MNIST's\n"
    )


def write_gzipped(path: Path, shape: tuple[int, ...], values) -> None:
    header = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
    path.write_bytes(gzip.compress(header + values.tobytes()))
