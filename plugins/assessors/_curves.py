"""Learning curves of trials, assembled from the events of the sweep."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from sweepwright.events import (
    Event,
    Failed,
    Lost,
    Measured,
    Opened,
    Promote,
    Reported,
    Stopped,
)

Curve = Sequence[float]
"""Values of the objective that a trial reported, one per step. Lower values are better."""


@dataclass(slots=True)
class _RunningTrial:
    """Reports of a running trial, and the curve that it had before its last promotion."""

    inherited: Curve = ()
    attempt: int | None = None
    values: dict[int, float] = field(default_factory=dict)
    """Reported values by sequence number, because reports may arrive out of order."""
    continued: bool = False

    def add_report(self, report: Reported) -> None:
        """Add a report, and discard all reports of earlier attempts."""
        if self.attempt != report.attempt:
            self.values, self.continued = {}, False
        self.attempt = report.attempt
        self.continued |= report.continued
        if report.value is not None:
            self.values[report.sequence] = report.value

    def curve(self) -> Curve:
        """List the values in order.

        If the trial continued a checkpoint, the values of `inherited` come first.
        """
        own = [value for _, value in sorted(self.values.items())]
        return [*self.inherited, *own] if self.continued else own


class Curves:
    """Curves of all trials that ended with a result or were stopped by an assessor."""

    def __init__(self) -> None:
        self._running: dict[int, _RunningTrial] = {}
        self._ended: dict[int, Curve] = {}

    def tell(self, event: Event) -> Curve | None:
        """Record an event, and return the curve of its trial if the event ends the trial.

        A promoted trial ends several times. If it continues from its checkpoint, its curve grows.
        If it starts again, the new curve replaces the old one. Failed trials have no curve.
        """
        number = event.trial.number
        match event:
            case Opened(_, Promote()):
                self._running[number] = _RunningTrial(self._ended.get(number, ()))
            case Opened():
                self._running[number] = _RunningTrial()
            case Reported(final=False):
                self._running.setdefault(number, _RunningTrial()).add_report(event)
            case Failed() | Lost():
                self._running.pop(number, None)
            case Measured() | Stopped():
                self._ended[number] = array(
                    "d", self._running.pop(number, _RunningTrial()).curve()
                )
                return self._ended[number]
        return None
