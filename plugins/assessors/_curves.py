"""The curves that trials reported, assembled from events."""

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
"""Values that a trial reported, minimised, one per step."""


@dataclass(slots=True)
class _RunningTrial:
    """A running trial: its reports, and the curve of the checkpoint that it may continue from."""

    inherited: Curve = ()
    attempt: int | None = None
    values: dict[int, float] = field(default_factory=dict)
    """By sequence number, since reports may arrive out of order."""
    continued: bool = False

    def add_report(self, report: Reported) -> None:
        """Add a report; the first of another attempt discards the reports of the one before."""
        if self.attempt != report.attempt:
            self.values, self.continued = {}, False
        self.attempt = report.attempt
        self.continued |= report.continued
        if report.value is not None:
            self.values[report.sequence] = report.value

    def curve(self) -> Curve:
        """List the values in order, after the inherited ones if a checkpoint was continued."""
        own = [value for _, value in sorted(self.values.items())]
        return [*self.inherited, *own] if self.continued else own


class Curves:
    """Curves of all trials that ended with a result or were stopped by an assessor."""

    def __init__(self) -> None:
        self._running: dict[int, _RunningTrial] = {}
        self._ended: dict[int, Curve] = {}

    def tell(self, event: Event) -> Curve | None:
        """Record an event; return the complete curve of a trial that ends with it.

        A promoted trial ends several times. Its curve grows if it continues its checkpoint, and is
        replaced if it starts again. Failed trials have no curve.
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
