"""The tuner ``random``: draws every assignment from the prior, independently of all results."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.contracts import Finding, Problem, TunerProvider
from sweepwright.events import Event, Opened, Start, Suggestion
from sweepwright.hooks import hookimpl
from sweepwright.seeds import rng

from ._quasi_random import MOST_DIMENSIONS, PointSequence, latin_hypercubes, sobol

Floats: TypeAlias = NDArray[np.float64]

DEFAULT_BLOCK = 100
"""Number of points in a Latin hypercube if the sweep has no `max_trials`."""
MAX_DEFAULT_BLOCK = 1000
"""Largest size of a Latin hypercube if it is derived from `max_trials`."""
MAX_BLOCK = 100_000
"""Largest size of a Latin hypercube, because all its points are computed and kept in memory."""


@dataclass(frozen=True, slots=True)
class RandomOptions:
    """Options of ``tuner=random``."""

    mode: Literal["random", "sobol", "latin"] = "random"
    """How points are drawn: independently, from Sobol's sequence, or in Latin hypercubes."""
    block: int | None = None
    """Number of points in a Latin hypercube, at most 100,000. Null stands for `max_trials`, but at
    most 1000. If `max_trials` is also null, it stands for 100."""


class Random:
    """Random search. The k-th assignment depends only on the seed and on k.

    If a point of a quasi-random sequence violates a constraint, it is replaced by a draw from the
    prior, which also depends only on the seed and on k.
    """

    def __init__(self, options: RandomOptions, problem: Problem) -> None:
        self._problem = problem
        self._points = _points(finalize_options(options, problem), problem)
        self._opened = 0

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Draw the next assignments."""
        return [self._draw(number) for number in range(self._opened, self._opened + count)]

    def tell(self, event: Event) -> None:
        """Count the trials that have been opened."""
        self._opened += isinstance(event, Opened)

    def _draw(self, number: int) -> Start:
        return Start(self._problem.space.decode(self._row(number))[0])

    def _row(self, number: int) -> Floats:
        """Compute the row with a given number, shape (1, d)."""
        space = self._problem.space
        if self._points is not None:
            row = space.from_unit(self._points(number)[None, :])
            # If infeasible points were skipped instead, the k-th assignment would depend on how
            # many of the earlier points are feasible, and all of them would have to be computed.
            if space.feasible(row)[0]:
                return row
        return space.sample(rng(self._problem.seed, "tuner", number), 1)


def finalize_options(options: RandomOptions, problem: Problem) -> RandomOptions:
    """Fix the size of Latin hypercubes, because a resume with more trials must not change it."""
    if options.mode != "latin" or options.block is not None:
        return options
    return replace(options, block=min(problem.max_trials or DEFAULT_BLOCK, MAX_DEFAULT_BLOCK))


def check(options: RandomOptions, problem: Problem) -> Iterator[Finding]:
    """Report a block size that is unused or out of range, and too many parameters for Sobol."""
    block = options.block
    if block is not None and options.mode != "latin":
        message = f"`block` has no effect with `mode={options.mode}`"
        yield Finding(("block",), message, "remove `block`, or give `mode=latin`")
    elif block is not None and not 1 <= block <= MAX_BLOCK:
        yield Finding(("block",), f"`block` is {block}, not from 1 to {MAX_BLOCK:,}")
    if options.mode == "sobol" and len(problem.space) > MOST_DIMENSIONS:
        message = f"the space has {len(problem.space):,} parameters; Sobol's sequence is defined"
        limit = f"{message} for at most {MOST_DIMENSIONS:,}"
        yield Finding(("mode",), limit, "give `mode=latin`")


def _points(options: RandomOptions, problem: Problem) -> PointSequence | None:
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
            "random",
            RandomOptions,
            Random,
            summary,
            check=check,
            finalize_options=finalize_options,
        )
    ]
