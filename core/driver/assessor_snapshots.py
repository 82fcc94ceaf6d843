"""An assessor for reproducible sweeps, which judges a trial by what was told before it opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sweepwright.contracts import Assessor
from sweepwright.events import Event, Failed, Lost, Measured, Opened, Stopped, Trial


@dataclass(slots=True)
class _Copy:
    """An assessor, and how many events it was told."""

    assessor: Assessor
    told: int = 0


class AssessorSnapshots:
    """As many assessors as trials can be open, each told of events up to the opening of one.

    How much has been told by the time a trial reports depends on time; how much had been when
    it was opened does not, where results are told in order. An assessor is held back there as
    long as its trial is open, and catches up with the others afterwards.

    Parameters
    ----------
    build
        Builds a new assessor.
    copies
        How many trials can be open, their results untold, at once.
    """

    def __init__(self, build: Callable[[], Assessor], copies: int) -> None:
        self._free = [_Copy(build()) for _ in range(copies)]
        self._held: dict[int, _Copy] = {}
        self._news: list[Event] = []
        self._forgotten = 0

    def assess(self, trial: Trial, curve: Sequence[float]) -> str | None:
        """Return why to stop a trial now, or None to let it run."""
        return self._held[trial.number].assessor.assess(trial, curve)

    def tell(self, event: Event) -> None:
        """Take in what happened; hold one assessor back where a trial opens."""
        self._news.append(event)
        match event:
            case Opened(trial):
                copy = self._free.pop()
                self._catch_up(copy)
                self._held[trial.number] = copy
            case Measured(trial) | Stopped(trial) | Failed(trial) | Lost(trial):
                self._free.append(self._held.pop(trial.number))
                self._forget()

    def _catch_up(self, copy: _Copy) -> None:
        """Tell a copy all that it has not heard yet."""
        for event in self._news[copy.told - self._forgotten :]:
            copy.assessor.tell(event)
        copy.told = self._forgotten + len(self._news)

    def _forget(self) -> None:
        """Let go of events that all copies were told."""
        for copy in self._free:
            self._catch_up(copy)
        known = min(copy.told for copy in [*self._free, *self._held.values()])
        del self._news[: known - self._forgotten]
        self._forgotten = known
