"""What assessors save, and what they cost: sweeps replayed over recorded learning curves.

Usage: python benchmarks/assessors.py [--curves FILE] [--sweeps 200] [--trials 100 30]
                                      [--workers 1 4] [--only NAME ...] [--seed 7000]

Each sweep takes curves in an order of its own; on several workers every running trial makes
an epoch in turn. Peers of Optuna judge the same curves in the same order.
"""

import argparse
import json
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.contracts import Assessor, Problem
from sweepwright.events import Measured, Opened, Reported, Start, Stopped, Trial
from sweepwright.plugins.assessors.curvefitting import Curvefitting, CurvefittingOptions
from sweepwright.plugins.assessors.extrapolation.forecast import Forecast, forecast_end
from sweepwright.plugins.assessors.medianstop import Medianstop, MedianstopOptions
from sweepwright.plugins.assessors.patience import Patience, PatienceOptions
from sweepwright.plugins.assessors.threshold import Threshold, ThresholdOptions
from sweepwright.seeds import rng
from sweepwright.space import SearchSpace

Floats: TypeAlias = NDArray[np.float64]

CURVES = Path(__file__).parent / "data" / "digits_curves.json"
TOLERANCE = 0.005
"""Half a percentage point."""
EPOCHS = 30


class Judge(Protocol):
    """An assessor or pruner under test, which is told everything that happens."""

    def open(self, number: int) -> None:
        """Record that a trial begins."""
        ...

    def stops(self, number: int, curve: Sequence[float]) -> bool:
        """Record the last value of a trial's curve, and return whether to stop the trial."""
        ...

    def end(self, number: int, value: float | None) -> None:
        """Record a trial's end: its result, or None if it was stopped."""
        ...


@dataclass
class Ours:
    """One of our assessors, told the same events as by the driver."""

    assessor: Assessor

    def open(self, number: int) -> None:
        """Tell the start of a trial."""
        self.assessor.tell(Opened(Trial(number, {}), Start({})))

    def stops(self, number: int, curve: Sequence[float]) -> bool:
        """Tell the report, and assess the curve."""
        trial = Trial(number, {})
        self.assessor.tell(Reported(trial, -curve[-1], 1, len(curve)))
        return self.assessor.assess(trial, [-value for value in curve]) is not None

    def end(self, number: int, value: float | None) -> None:
        """Tell the end of a trial."""
        trial = Trial(number, {})
        self.assessor.tell(Stopped(trial, None) if value is None else Measured(trial, -value))


class Remembering:
    """Caches the forecast of each curve, which does not depend on the sweep."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        """CPU time of each look."""
        self._seen: dict[tuple[float, ...], Forecast | None] = {}

    def look(
        self, curve: Sequence[float], steps: int, draws: np.random.Generator
    ) -> Forecast | None:
        """Return the forecast of a curve, computed at most once."""
        key = tuple(curve)
        if key not in self._seen:
            begun = process_time()
            self._seen[key] = forecast_end(curve, steps, draws)
            self.seconds.append(process_time() - begun)
        return self._seen[key]


class Optuna:
    """A pruner of Optuna, with a study in memory."""

    def __init__(self, make: Callable[[], object]) -> None:
        import optuna  # noqa: PLC0415 - only where it is wanted

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._states = optuna.trial.TrialState
        self._study = optuna.create_study(direction="maximize", pruner=make())
        self._trials: dict[int, object] = {}

    def open(self, number: int) -> None:
        """Ask for a trial without parameters."""
        self._trials[number] = self._study.ask()

    def stops(self, number: int, curve: Sequence[float]) -> bool:
        """Report the value, and ask the pruner."""
        trial = self._trials[number]
        trial.report(curve[-1], len(curve))  # type: ignore[attr-defined]  # untyped peer
        return bool(trial.should_prune())  # type: ignore[attr-defined]  # likewise

    def end(self, number: int, value: float | None) -> None:
        """Tell the result, or that the trial was pruned."""
        trial = self._trials.pop(number)
        if value is None:
            self._study.tell(trial, state=self._states.PRUNED)
        else:
            self._study.tell(trial, value)


@dataclass
class Simulation:
    """The result of one simulated sweep."""

    saved: float
    """Share of the epochs that were not run."""
    lost: float
    """Difference between the best result without and with the assessor."""
    seconds: list[float] = field(default_factory=list)
    """CPU time of each assessment."""


def simulate(judge: Judge, curves: Floats, workers: int) -> Simulation:
    """Simulate a sweep: trials in the given order, one epoch of each running trial in turn."""
    waiting, running = deque(enumerate(curves)), deque[tuple[int, list[float], Floats]]()
    best, spent, seconds = -np.inf, 0, []
    while waiting or running:
        while waiting and len(running) < workers:
            number, whole = waiting.popleft()
            judge.open(number)
            running.append((number, [], whole))
        number, seen, whole = running.popleft()
        seen.append(float(whole[len(seen)]))
        spent += 1
        begun = process_time()
        stopped = judge.stops(number, seen)
        seconds.append(process_time() - begun)
        if stopped or len(seen) == len(whole):
            judge.end(number, None if stopped else seen[-1])
            best = best if stopped else max(best, seen[-1])
        else:
            running.append((number, seen, whole))
    return Simulation(1 - spent / curves.size, float(curves[:, -1].max() - best), seconds)


def participants(memory: Remembering) -> dict[str, Callable[[], Judge]]:
    """List the assessors and pruners by name."""
    problem = Problem(SearchSpace([]), maximize=True)
    fitting = CurvefittingOptions(EPOCHS)

    def median() -> object:
        import optuna  # noqa: PLC0415 - only where it is wanted

        return optuna.pruners.MedianPruner()

    def patient() -> object:
        import optuna  # noqa: PLC0415 - likewise

        with warnings.catch_warnings(action="ignore"):  # it is experimental
            return optuna.pruners.PatientPruner(None, patience=10)

    return {
        "medianstop": lambda: Ours(Medianstop(MedianstopOptions(), problem)),
        "curvefitting": lambda: Ours(Curvefitting(fitting, problem, memory.look)),
        "patience": lambda: Ours(Patience(PatienceOptions(), problem)),
        "threshold": lambda: Ours(Threshold(ThresholdOptions(0.9, step=5), problem)),
        "Optuna's median": lambda: Optuna(median),
        "Optuna's patience": lambda: Optuna(patient),
    }


def main() -> None:
    """Replay sweeps and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--curves", type=Path, default=CURVES)
    options.add_argument("--sweeps", type=int, default=200)
    options.add_argument("--trials", type=int, nargs="+", default=[100, 30])
    options.add_argument("--workers", type=int, nargs="+", default=[1, 4])
    options.add_argument("--only", nargs="+")
    options.add_argument("--seed", type=int, default=7000)
    chosen = options.parse_args()
    curves = np.array(json.loads(chosen.curves.read_text(encoding="utf-8"))["curves"])[:, :EPOCHS]
    print(f"{chosen.sweeps} sweeps each, of {len(curves)} curves of {EPOCHS} epochs\n")
    print("| assessor | trials | workers | epochs saved | points lost | within 0.5 | us |")
    print("|---|---|---|---|---|---|---|")
    memory = Remembering()
    for name, make in participants(memory).items():
        for trials in chosen.trials if not chosen.only or name in chosen.only else ():
            for workers in chosen.workers:
                sweeps = orders(len(curves), trials, chosen.sweeps, chosen.seed)
                played = [simulate(make(), curves[order], workers) for order in sweeps]
                print(row(name, trials, workers, played), flush=True)
    if memory.seconds:
        *others, slowest = 1e3 * np.sort(memory.seconds)
        usual = f"{np.median(others):.0f} ms in the median and at most {max(others):.0f} ms"
        print(
            f"\nA look of `curvefitting` took {usual}, and {slowest:.0f} ms with scipy's import."
        )


def orders(curves: int, trials: int, sweeps: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Draw a random order of the curves for each sweep."""
    for number in range(sweeps):
        yield rng(seed, "sweep", number).permutation(curves)[:trials]


def row(name: str, trials: int, workers: int, played: Sequence[Simulation]) -> str:
    """Write a row of the table, with 95 % intervals over sweeps."""
    saved = np.array([sweep.saved for sweep in played])
    lost = np.array([sweep.lost for sweep in played])
    within = np.mean(lost <= TOLERANCE + 1e-9)
    low, high = np.quantile(saved, [0.025, 0.975])
    took = np.concatenate([sweep.seconds for sweep in played])
    return (
        f"| {name} | {trials} | {workers} | {saved.mean():.0%} [{low:.0%}, {high:.0%}] "
        f"| {100 * lost.mean():.2f} (at most {100 * lost.max():.2f}) | {within:.1%} "
        f"| {1e6 * took.mean():.0f} |"
    )


if __name__ == "__main__":
    main()
