"""Whole sweeps on a virtual clock, in which assessors stop bad trials."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweepwright.contracts import Job
from sweepwright.core.plan.plan import Selection
from sweepwright.core.store.history import History
from sweepwright.plugins.assessors import medianstop, patience, threshold
from sweepwright.testing.simulated import Behavior
from tests.core.simulated_sweeps import (
    CrashError,
    RecordingDisplay,
    SimulatedSweep,
    crash,
    simulate_sweep,
    sweep,
)
from tests.plugins.assessors.remembered import CURVEFITTING

STEPS = 12
OPTIONS: dict[str, dict[str, Any]] = {
    "medianstop": {},
    "curvefitting": {"steps": STEPS},
    "patience": {"steps": 3, "min_delta": 0.001},
    "threshold": {"bound": 0.5, "step": 6},
}
PROVIDERS = [
    CURVEFITTING,
    *(
        provider
        for plugin in (medianstop, patience, threshold)
        for provider in plugin.sweep_assessors()
    ),
]


def accuracies(number: int) -> list[float]:
    """Make the rising curve of a trial; the end of every third is far from the best."""
    end = 0.4 if number % 3 == 2 else 0.9 + number / 1000
    noise = 0.002 * np.random.default_rng(number).standard_normal(STEPS)
    rise = 1 - np.exp(-0.8 * np.arange(1, STEPS + 1))
    return [float(value) for value in end * rise + noise]


def train(_assignment: Any, job: Job) -> Behavior:
    curve = accuracies(job.trial)
    return Behavior(20.0 + 7 * (job.trial % 4), reports=curve, result=curve[-1])


def simulated(folder: Path) -> SimulatedSweep:
    return simulate_sweep(folder, train, assessors=PROVIDERS)


def fates(history: History) -> list[tuple[str, str | None]]:
    return [(trial.state.value, trial.reason) for trial in history.trials]


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("reproducible", [False, True])
def test_an_assessor_stops_only_bad_trials(name: str, reproducible: Any, tmp_path: Path) -> None:
    played = simulated(tmp_path)
    chosen = Selection("assessor", name, OPTIONS[name])
    outcome = played.run(sweep(assessor=chosen, reproducible=reproducible, max_trials=24))
    stopped = [t.number for t in played.history.trials if t.state.value == "stopped"]

    assert outcome.state == "done"
    assert len(stopped) >= 4
    assert {number % 3 for number in stopped} <= ({0, 1, 2} if name == "patience" else {2})
    assert all(t.reason for t in played.history.trials if t.number in stopped)


@pytest.mark.parametrize("name", ["medianstop", "curvefitting"])
@pytest.mark.parametrize("turn", [6, 13, 20])
def test_a_crash_does_not_change_which_trials_are_stopped(
    name: str, turn: int, tmp_path: Path
) -> None:
    chosen = Selection("assessor", name, OPTIONS[name])
    undisturbed, crashed = simulated(tmp_path / "calm"), simulated(tmp_path / "stormy")
    undisturbed.run(sweep(assessor=chosen, max_trials=15))
    with pytest.raises(CrashError):
        crashed.run(sweep(assessor=chosen, max_trials=15), RecordingDisplay(turn, crash))
    crashed.resume()

    assert fates(crashed.history) == fates(undisturbed.history)
    assert "stopped" in {state for state, _ in fates(undisturbed.history)}
