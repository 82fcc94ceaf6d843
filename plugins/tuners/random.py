"""The tuner ``random``: draws every assignment from the prior, whatever came of the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.contracts import Finding, Problem, TunerProvider
from sweepwright.events import Event, Opened, Start, Suggestion
from sweepwright.hooks import hookimpl
from sweepwright.seeds import rng

from ._quasi_random import MOST_DIMENSIONS, EvenPoints, latin_hypercubes, sobol

Floats: TypeAlias = NDArray[np.float64]

USUAL_BLOCK = 100
"""Points of a Latin hypercube in a sweep that has no `max_trials`."""
LARGEST_USUAL_BLOCK = 1000
"""Points of a Latin hypercube, at most, unless somebody wants more."""
LARGEST_BLOCK = 100_000
"""Points that are computed together, at most."""


@dataclass(frozen=True, slots=True)
class RandomOptions:
    """Options of ``tuner=random``."""

    mode: Literal["random", "sobol", "latin"] = "random"
    """How the points lie: each on its own, by Sobol's sequence, or in Latin hypercubes."""
    block: int | None = None
    """Points of one Latin hypercube; unless given, `max_trials`, at most 1000, else 100."""


class Random:
    """Random search: the k-th assignment depends on the seed and on k, and on nothing else.

    A point of an evenly filling sequence that breaks a constraint is replaced by a draw from
    the prior that has the same number, so that no point depends on the fate of another.
    """

    def __init__(self, options: RandomOptions, problem: Problem) -> None:
        self._problem = problem
        self._points = _points(settle(options, problem), problem)
        self._opened = 0

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Draw the next assignments."""
        return [self._draw(number) for number in range(self._opened, self._opened + count)]

    def tell(self, event: Event) -> None:
        """Count what was opened."""
        self._opened += isinstance(event, Opened)

    def _draw(self, number: int) -> Start:
        return Start(self._problem.space.decode(self._row(number))[0])

    def _row(self, number: int) -> Floats:
        """Make the row of a number, shape (1, d)."""
        space = self._problem.space
        if self._points is not None:
            row = space.from_unit(self._points(number)[None, :])
            if space.feasible(row)[0]:
                return row
        return space.sample(rng(self._problem.seed, "tuner", number), 1)


def settle(options: RandomOptions, problem: Problem) -> RandomOptions:
    """Give Latin hypercubes their size, so that it stays when a resume has more trials."""
    if options.mode != "latin" or options.block is not None:
        return options
    return replace(options, block=min(problem.max_trials or USUAL_BLOCK, LARGEST_USUAL_BLOCK))


def check(options: RandomOptions, problem: Problem) -> Iterator[Finding]:
    """Find a block that cannot be, or is of no use, and a space too large for a sequence."""
    block = options.block
    if block is not None and options.mode != "latin":
        message = f"`mode={options.mode}` has no blocks"
        yield Finding(("block",), message, "leave it out, or give `mode=latin`")
    elif block is not None and not 1 <= block <= LARGEST_BLOCK:
        yield Finding(("block",), f"`block` is {block}, not from 1 to {LARGEST_BLOCK:,}")
    if options.mode == "sobol" and len(problem.space) > MOST_DIMENSIONS:
        message = f"Sobol's sequence has at most {MOST_DIMENSIONS:,} dimensions, and the space "
        yield Finding(("mode",), f"{message}{len(problem.space):,}", "give `mode=latin`")


def _points(options: RandomOptions, problem: Problem) -> EvenPoints | None:
    dimensions, seed = len(problem.space), problem.seed
    match options:
        case RandomOptions("sobol"):
            return sobol(dimensions, seed)
        case RandomOptions("latin", int(size)):
            return latin_hypercubes(dimensions, seed, size)
    return None


@hookimpl
def sweep_tuners() -> list[TunerProvider[RandomOptions]]:
    """Offer ``tuner=random``."""
    summary = "random search of the prior"
    return [
        TunerProvider(
            "random", RandomOptions, Random, summary, check=check, finalize_options=settle
        )
    ]
