"""Runs up to a target: what identifies one, how it is performed, and how the target is set."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sweepwright.contracts import Problem
from sweepwright.seeds import entropy

from .curves import Curves
from .lcbench import lcbench, lcbench_names
from .participants import BASELINE, build, versions
from .simulated import FAMILIES, simulated
from .simulation import Simulation, Trace, simulate


@dataclass(frozen=True, slots=True)
class Race:
    """One tuner on one problem with one seed, until it reaches the target."""

    tuner: str
    problem: str
    seed: int
    trials: int
    """Number of trials of the random search that sets the target."""
    workers: int
    patience: float
    """Multiple of that search's budget after which a run is given up."""

    def within(self, curves: Curves) -> int:
        """Return the budget after which the run is given up."""
        return round(self.patience * self.trials * curves.units)


@dataclass(frozen=True, slots=True)
class Target:
    """The final incumbent of a random search with the whole budget."""

    value: float
    reached: int
    """The budget after which the search had found it."""


def problem_names(folder: Path) -> list[str]:
    """List all problems whose data are there."""
    return [*lcbench_names(folder), *FAMILIES]


def curves_of(name: str, seed: int, folder: Path) -> Curves:
    """Return a problem; of a simulated family each seed has another problem."""
    return simulated(name, seed) if name in FAMILIES else lcbench(name, folder)


def perform(race: Race, surrogates: Path) -> dict[str, Any]:
    """Simulate a run until it reaches the target, and return its record."""
    curves = curves_of(race.problem, race.seed, surrogates)
    target = target_of(race.problem, race.seed, race.trials, race.workers, surrogates)
    within = race.within(curves)

    def over(played: Simulation) -> bool:
        if played.spent >= within:
            return True
        # Of legs still under way it takes the trace to say how far they were.
        return played.incumbent <= target.value and _reached(played) is not None

    def _reached(played: Simulation) -> int | None:
        return Trace(played).reached(target.value, within)

    seed = _seed(race.problem, race.seed, "race")
    tuner = build(race.tuner, _problem(curves, seed, race.workers))
    played = simulate(tuner, curves, race.workers, over)
    return {
        **asdict(race),
        "versions": versions(race.tuner),
        "units": curves.units,
        **_record(played, target, _reached(played)),
    }


@cache
def target_of(problem: str, seed: int, trials: int, workers: int, surrogates: Path) -> Target:
    """Run the random search that sets the target, with draws that no tuner shares."""
    curves = curves_of(problem, seed, surrogates)
    whole = trials * curves.units
    tuner = build(BASELINE, _problem(curves, _seed(problem, seed, "target"), workers))
    trace = Trace(simulate(tuner, curves, workers, lambda played: played.spent >= whole))
    value = float(trace.incumbent[:whole][-1])
    reached = trace.reached(value, whole)
    assert reached is not None, "the incumbent is an incumbent"
    return Target(value, reached)


def _seed(problem: str, seed: int, stream: str) -> int:
    """Return a tuner's seed, different for each problem and for search and run."""
    return entropy(seed, f"{stream}/{problem}") >> 97


def _problem(curves: Curves, seed: int, workers: int) -> Problem:
    return Problem(curves.space, seed, workers, None, curves.budget)


def _record(played: Simulation, target: Target, reached: int | None) -> Mapping[str, Any]:
    return {
        "target": target.value,
        "target_reached": target.reached,
        "reached": reached,
        "spent": played.spent,
        "opened": played.trials,
        "moment": played.now,
        "cpu_seconds": played.cpu_seconds,
    }
