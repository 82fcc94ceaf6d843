"""Adapts any of our tuners, from the registry, to the interface of the comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from sweepwright.contracts import Problem, Tuner
from sweepwright.events import Measured, Opened, Start, Suggestion, Trial
from sweepwright.seeds import rng

from ..problems.landscape import Values, values_of
from .solver import Opening
from .source import digest

TUNERS = Path(__file__).parents[2] / "plugins" / "tuners"

BATCH = 100
"""Random trials that are drawn together; few, so that they do not count as memory."""


class Ours:
    """One of our tuners, driven as by the driver: each suggestion is told when it is opened."""

    def __init__(self, tuner: Tuner, problem: Problem) -> None:
        self._tuner = tuner
        self._space = problem.space
        self._opened = 0
        self._running: dict[int, Trial] = {}
        self.repeats: dict[int, int] = {}
        """Mapping from the number of a repeat to the number of its first trial."""

    def ask(self, count: int) -> Sequence[Opening]:
        """Ask, and tell the tuner that each suggestion is opened."""
        return [self._open(suggestion) for suggestion in self._tuner.ask(count)]

    def tell(self, number: int, value: float) -> None:
        """Tell the tuner a measurement."""
        self._tuner.tell(Measured(self._running.pop(number), value))

    def remember(self, values: Sequence[float]) -> None:
        """Tell the tuner trials that it did not suggest."""
        drawn: list[dict[str, Any]] = []
        for number, value in enumerate(values):
            if not drawn:
                drawn = self._space.decode(self._space.sample(rng(0, "history", number), BATCH))
            self._tell_opened(Start(drawn.pop()))
            self.tell(number, value)

    def predicted_best(self) -> Values | None:
        """Return the assignment whose predicted loss is lowest, if the tuner predicts losses."""
        believe = getattr(self._tuner, "belief", None)
        belief = believe() if believe else None
        if belief is None or belief.best is None:
            return None
        return values_of(self._space, belief.best.assignment)

    def _open(self, suggestion: Suggestion) -> Opening:
        assert isinstance(suggestion, Start)
        number = self._tell_opened(suggestion)
        if suggestion.repeats is not None:
            self.repeats[number] = suggestion.repeats
        return number, values_of(self._space, suggestion.assignment)

    def _tell_opened(self, suggestion: Start) -> int:
        trial = Trial(self._opened, suggestion.assignment)
        self._tuner.tell(Opened(trial, suggestion))
        self._running[trial.number] = trial
        self._opened += 1
        return trial.number


def build_ours(name: str, options: Mapping[str, Any], problem: Problem) -> Ours:
    """Build a tuner that the registry offers, as a solver."""
    return Ours(build_tuner(name, options, problem), problem)


def build_tuner(name: str, options: Mapping[str, Any], problem: Problem) -> Tuner:
    """Build a tuner from the registry, with random search as its sampler if it needs one."""
    from sweepwright.core.plan.plan import Selection  # noqa: PLC0415 - as in `registry`

    offered = registry()
    selected = Selection("tuner", name, options)
    beside = []
    if offered.find("tuner", name).has_sampler:
        sampler = Selection("tuner", options.get("sampler", "random"))
        beside = [offered.build_tuner(sampler, replace(problem, budget=None))]
    tuner: Tuner = offered.build_tuner(selected, problem, *beside)
    return tuner


def names() -> list[str]:
    """List the tuners of ours that need no options."""
    return [name for name in registry().names("tuner") if name != "batch"]


@cache
def registry() -> Any:
    """Load the registry once."""
    from sweepwright.core.registry.registry import Registry  # noqa: PLC0415 - peers are measured without

    return Registry.load()


@cache
def source(name: str) -> str:
    """Digest the source of a tuner; one of another distribution has an empty digest."""
    return digest(TUNERS / f"{name}.py")
