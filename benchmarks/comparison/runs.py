"""Runs: what identifies one, how it is performed, and how missing ones are run in parallel."""

import multiprocessing
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..problems.catalogue import landscape
from ..problems.landscape import Landscape
from .ours import Ours
from .participants import participant
from .simulation import problem_of, simulate

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Run:
    """One tuner on one problem with one seed."""

    tuner: str
    problem: str
    seed: int
    trials: int
    workers: int = 1
    noise: float = 0.0
    """Noise that is added to the problem, as a share of median less best."""


def perform(run: Run, surrogates: Path) -> dict[str, Any]:
    """Simulate a run and return its record."""
    chosen, where = participant(run.tuner), landscape(run.problem, surrogates)
    where = where.noisier(run.noise) if run.noise else where
    solver = chosen.build(problem_of(where, run.seed, run.trials, run.workers))
    played = simulate(solver, where, run.seed, run.trials, run.workers)
    record = {**asdict(run), "versions": chosen.versions(), "cpu_seconds": played.cpu_seconds}
    record["observed"] = [_short(value) for value in played.observed]
    if where.noise:
        record["truths"] = [_short(value) for value in played.truths]
    if isinstance(solver, Ours):
        record |= _of_ours(solver, played.numbers, where)
    return record


def _of_ours(solver: Ours, numbers: Sequence[int], where: Landscape) -> dict[str, Any]:
    """Record which trials repeat which, and the true loss of the predicted best, if any."""
    found: dict[str, Any] = {}
    if solver.repeats:
        found["firsts"] = [solver.repeats.get(number, number) for number in numbers]
    if where.noise and (values := solver.predicted_best()):
        found["predicted"] = _short(where.loss(values))
    return found


def perform_all(
    how: Callable[[R], dict[str, Any]], runs: Sequence[R], processes: int
) -> Iterator[dict[str, Any]]:
    """Perform runs in fresh processes, and yield each record when it is ready."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context) as pool:
        futures = {pool.submit(how, run): run for run in runs}
        try:
            for done, future in enumerate(as_completed(futures), 1):
                yield _record_of(future, futures[future])
                _say(f"\r{done} of {len(runs)} runs")
        finally:
            pool.shutdown(cancel_futures=True)
            _say("\n")


def _record_of(future: Future[dict[str, Any]], run: object) -> dict[str, Any]:
    """Return the record, or raise an error that names the run."""
    if error := future.exception():
        error.add_note(f"in {run}")
    return future.result()


def _say(text: str) -> None:
    """Print the progress."""
    if sys.stderr.isatty():
        print(text, end="", file=sys.stderr, flush=True)


def _short(value: float) -> float:
    return float(f"{value:.10g}")
