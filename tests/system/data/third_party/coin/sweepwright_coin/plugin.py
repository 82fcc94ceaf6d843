"""Tosses a coin for each trial: heads draws a new assignment, tails repeats the first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweepwright.contracts import Problem, TunerProvider
from sweepwright.events import Event, Opened, Start
from sweepwright.hooks import hookimpl
from sweepwright.seeds import rng


@dataclass(frozen=True, slots=True)
class CoinOptions:
    """Options of ``tuner=coin``."""

    bias: float = 0.5
    """Probability of heads."""


class Coin:
    """Draws the k-th trial from ``(seed, k)`` alone."""

    def __init__(self, options: CoinOptions, problem: Problem) -> None:
        self._options = options
        self._problem = problem
        self._opened = 0

    def ask(self, count: int) -> Sequence[Start]:
        """Toss for each of the next trials."""
        return [self._toss(self._opened + index) for index in range(count)]

    def tell(self, event: Event) -> None:
        """Count the trials."""
        self._opened += isinstance(event, Opened)

    def _toss(self, number: int) -> Start:
        chance = rng(self._problem.seed, "tuner", number)
        if chance.random() > self._options.bias:
            chance = rng(self._problem.seed, "tuner", 0)
            chance.random()
        space = self._problem.space
        return Start(space.decode(space.sample(chance, 1))[0])


@hookimpl
def sweep_tuners() -> list[TunerProvider[CoinOptions]]:
    """Offer ``tuner=coin``."""
    return [TunerProvider("coin", CoinOptions, Coin, "tosses a coin for each trial")]


@hookimpl
def sweep_config_paths() -> list[str]:
    """Offer ``space=coins``."""
    return ["pkg://sweepwright_coin.conf"]
