"""Our tuners as solvers: whatever the registry offers, by the contract."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sweepwright.contracts import Problem, Tuner
from sweepwright.core.ir import Selected
from sweepwright.core.registry import Registry
from sweepwright.events import Measured, Opened, Start, Suggestion, Trial

from ..problems.landscape import values_of
from .solver import Opening

TUNERS = Path(__file__).parents[2] / "plugins" / "tuners"


class Ours:
    """One of our tuners, driven as the driver does: every suggestion is told as it is opened."""

    def __init__(self, tuner: Tuner, problem: Problem) -> None:
        self._tuner = tuner
        self._space = problem.space
        self._opened = 0
        self._running: dict[int, Trial] = {}

    def ask(self, count: int) -> Sequence[Opening]:
        """Ask, and tell it of each suggestion that it is opened."""
        return [self._open(suggestion) for suggestion in self._tuner.ask(count)]

    def tell(self, number: int, value: float) -> None:
        """Tell it of a measurement."""
        self._tuner.tell(Measured(self._running.pop(number), value))

    def remember(self, openings: Sequence[Mapping[str, Any]], values: Sequence[float]) -> None:
        """Tell it of trials that it never suggested; `openings` are what trials receive."""
        for assignment, value in zip(openings, values, strict=True):
            number, _ = self._open(Start(assignment), needed=False)
            self.tell(number, value)

    def _open(self, suggestion: Suggestion, *, needed: bool = True) -> Opening:
        assert isinstance(suggestion, Start)
        trial = Trial(self._opened, suggestion.assignment)
        self._tuner.tell(Opened(trial, suggestion))
        self._running[trial.number] = trial
        self._opened += 1
        return trial.number, values_of(self._space, trial.assignment) if needed else {}


def build_ours(name: str, options: Mapping[str, Any], problem: Problem) -> Ours:
    """Build a tuner that the registry offers."""
    tuner = Registry.load().build(Selected("tuner", name, options), problem)
    return Ours(tuner, problem)


def names() -> list[str]:
    """List the tuners of ours that need no options."""
    return [name for name in Registry.load().names("tuner") if name != "batch"]


def source() -> str:
    """Digest the source of our tuners, which tells their versions apart between releases."""
    digest = blake2b(digest_size=4)
    for path in sorted(TUNERS.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
