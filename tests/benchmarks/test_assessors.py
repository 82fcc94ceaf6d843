"""Replayed sweeps count epochs and results as a sweep does, and assessors keep their promise."""

import json
from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.assessors import (
    CURVES,
    EPOCHS,
    Judge,
    Ours,
    Remembering,
    Simulation,
    orders,
    participants,
    row,
    simulate,
)
from sweepwright.contracts import Problem
from sweepwright.plugins.assessors.curvefitting import Curvefitting, CurvefittingOptions
from sweepwright.space import SearchSpace

RECORDED = np.array(json.loads(CURVES.read_text())["curves"])


class Told:
    """Stops trials of one number at their second report, and keeps all it was told."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.told: list[str] = []

    def open(self, number: int) -> None:
        self.told.append(f"open {number}")

    def stops(self, number: int, curve: Sequence[float]) -> bool:
        self.told.append(f"{number}: {curve[-1]:g}")
        return number == self.number and len(curve) == 2

    def end(self, number: int, value: float | None) -> None:
        self.told.append(f"end {number} {value}")


TABLE = np.array([[0.25, 0.5, 0.75], [0.5, 0.75, 1.0], [0.25, 0.25, 0.5]])


def test_a_sweep_is_simulated_trial_by_trial() -> None:
    judge = Told(1)
    played = simulate(judge, TABLE, workers=1)

    assert played.saved == pytest.approx(1 / 9)
    assert played.lost == 0.25
    assert judge.told[4:8] == ["end 0 0.75", "open 1", "1: 0.5", "1: 0.75"]
    assert judge.told[8:10] == ["end 1 None", "open 2"]


def test_workers_take_turns() -> None:
    judge = Told(0)
    simulate(judge, TABLE, workers=2)

    assert judge.told[:7] == [
        "open 0",
        "open 1",
        "0: 0.25",
        "1: 0.5",
        "0: 0.5",
        "end 0 None",
        ("open 2"),
    ]


def test_a_row_has_means_and_intervals() -> None:
    played = [Simulation(saved, lost, [1e-6]) for saved, lost in ((0.2, 0.0), (0.4, 0.01))]

    assert row("x", 9, 2, played) == (
        "| x | 9 | 2 | 30% [20%, 40%] | 0.50 (at most 1.00) | 50.0% | 1 |"
    )


def test_a_hundred_curves_are_recorded() -> None:
    assert RECORDED.shape == (100, EPOCHS)
    assert ((RECORDED >= 0) & (RECORDED <= 1)).all()


def replayed(judges: Sequence[Judge], trials: int, workers: int) -> list[Simulation]:
    sweeps = orders(len(RECORDED), trials, len(judges), 1)
    return [
        simulate(judge, RECORDED[order], workers)
        for judge, order in zip(judges, sweeps, strict=True)
    ]


@pytest.mark.parametrize("workers", [1, 4])
def test_the_median_rule_saves_a_third_of_the_epochs_and_keeps_the_result(workers: int) -> None:
    make = participants(Remembering())["medianstop"]
    played = replayed([make() for _ in range(40)], 100, workers)

    assert np.mean([sweep.saved for sweep in played]) > 0.3
    assert np.mean([sweep.lost <= 0.005 for sweep in played]) >= 0.95


@pytest.mark.parametrize("trials", [20, pytest.param(50, marks=pytest.mark.ci_only)])
def test_curve_fitting_saves_a_quarter_of_the_epochs_and_keeps_the_result(trials: int) -> None:
    """Curves of one sweep are looked at every third epoch, since a look takes a while."""
    options = CurvefittingOptions(EPOCHS, every=3)
    problem = Problem(SearchSpace([]), maximize=True)
    (played,) = replayed([Ours(Curvefitting(options, problem))], trials, 1)

    assert played.saved > 0.25
    assert played.lost <= 0.005
