"""The trial that trains nothing says the same thing of the same assignment."""

import time
from pathlib import Path

import pytest

NOOP = "sweepwright.trials.noop"
ROOT = Path(__file__).parents[2]


def test_it_reports_one_final_number(sweep_trial) -> None:
    (line,) = sweep_trial(NOOP, {"x": 1})

    assert line.final
    assert 0 <= line.metrics["default"] < 1


def test_equal_assignments_report_equal_numbers(sweep_trial) -> None:
    (first,) = sweep_trial(NOOP, {"x": 1, "y": {"_name": "a"}})
    (second,) = sweep_trial(NOOP, {"y": {"_name": "a"}, "x": 1}, seed=5)
    (other,) = sweep_trial(NOOP, {"x": 2, "y": {"_name": "a"}})

    assert first.metrics == second.metrics != other.metrics


def test_it_sleeps_for_the_given_time(sweep_trial) -> None:
    begun = time.monotonic()
    sweep_trial(NOOP, {}, "--sleep=0.3")

    assert time.monotonic() - begun > 0.3


def test_it_fails_for_the_given_share(run_trial) -> None:
    always = run_trial("-m", NOOP, "--fail=1")
    never = run_trial("-m", NOOP, "--fail=0")

    assert always.returncode == 1
    assert "RuntimeError: told to fail for 1 of all assignments" in always.stderr.splitlines()[-1]
    assert never.returncode == 0


@pytest.mark.parametrize("how", [("trials/noop.py",), ("-m", NOOP)])
def test_it_runs_by_hand(run_trial, how: tuple[str, ...]) -> None:
    *options, target = how
    ended = run_trial(*options, str(ROOT / target) if target.endswith(".py") else target)

    assert ended.returncode == 0
    assert ended.stdout.startswith("final result: 0.")
