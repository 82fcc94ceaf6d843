"""The tuner ``random``: draws every assignment from the prior, whatever came of the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweepwright.contracts import Problem, Provider, Tuner
from sweepwright.events import Event, Opened, Start, Suggestion
from sweepwright.hooks import hookimpl
from sweepwright.seeds import rng


@dataclass(frozen=True, slots=True)
class RandomOptions:
    """Options of ``tuner=random``."""


class Random:
    """Random search: the k-th assignment depends on the seed and on k, and on nothing else."""

    def __init__(self, _options: RandomOptions, problem: Problem) -> None:
        self._problem = problem
        self._opened = 0

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Draw the next assignments."""
        return [self._draw(number) for number in range(self._opened, self._opened + count)]

    def tell(self, event: Event) -> None:
        """Count what was opened."""
        self._opened += isinstance(event, Opened)

    def _draw(self, number: int) -> Start:
        space = self._problem.space
        matrix = space.sample(rng(self._problem.seed, "tuner", number), 1)
        return Start(space.decode(matrix)[0])


@hookimpl
def sweep_tuners() -> list[Provider[Tuner, RandomOptions]]:
    """Offer ``tuner=random``."""
    return [Provider("random", RandomOptions, Random, summary="random search of the prior")]
