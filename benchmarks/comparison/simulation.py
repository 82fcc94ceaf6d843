"""Simulates one tuner on one problem, on a virtual clock with any number of workers."""

from dataclasses import dataclass
from heapq import heappop, heappush
from time import process_time

from sweepwright.contracts import Problem
from sweepwright.seeds import rng

from ..problems.landscape import Landscape, Values
from .solver import Opening, Solver

SPREAD = 0.5
"""Standard deviation of the logarithm of a trial's duration; the median is 1."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """The results of a run, in the order in which trials ended."""

    numbers: list[int]
    """The numbers of the trials."""
    observed: list[float]
    """The losses that the tuner was told."""
    truths: list[float]
    """The same without noise."""
    cpu_seconds: float
    """CPU time of all calls of `ask` and `tell`."""


def problem_of(landscape: Landscape, seed: int, trials: int, workers: int = 1) -> Problem:
    """Return the problem as the tuner gets it."""
    return Problem(landscape.space, seed, workers, trials)


def simulate(
    solver: Solver, landscape: Landscape, seed: int, trials: int, workers: int = 1
) -> Simulation:
    """Keep all workers busy until enough trials have ended, or the tuner has no more."""
    running: list[tuple[float, int, Values]] = []
    numbers: list[int] = []
    observed: list[float] = []
    truths: list[float] = []
    clock = spent = 0.0
    opened = 0
    while True:
        begin = process_time()
        openings = _asked(solver, min(workers - len(running), trials - opened))
        spent += process_time() - begin
        for number, values in openings:
            heappush(running, (clock + _duration(seed, number), number, values))
        opened += len(openings)
        if not running:
            return Simulation(numbers, observed, truths, spent)
        clock, number, values = heappop(running)
        numbers.append(number)
        truths.append(landscape.loss(values))
        observed.append(truths[-1] + landscape.noise * _unrest(seed, number))
        begin = process_time()
        solver.tell(number, observed[-1])
        spent += process_time() - begin


def _asked(solver: Solver, count: int) -> list[Opening]:
    return list(solver.ask(count)) if count else []


def _duration(seed: int, number: int) -> float:
    return float(rng(seed, "duration", number).lognormal(0, SPREAD))


def _unrest(seed: int, number: int) -> float:
    """Draw a trial's noise, in standard deviations, independently of other trials."""
    return float(rng(seed, "noise", number).standard_normal())
