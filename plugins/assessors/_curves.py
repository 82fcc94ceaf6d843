"""The curves that trials reported, put together from events."""

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
"""Values that a trial reported, minimised, one a step."""


@dataclass(slots=True)
class _Running:
    """A trial that runs: what it reported, and what it had before and may take up."""

    before: Curve = ()
    attempt: int | None = None
    values: dict[int, float] = field(default_factory=dict)
    """By sequence number, since reports may come out of order."""
    continued: bool = False

    def note(self, report: Reported) -> None:
        """Add a report; the first of another attempt begins anew."""
        if self.attempt != report.attempt:
            self.values, self.continued = {}, False
        self.attempt = report.attempt
        self.continued |= report.continued
        if report.value is not None:
            self.values[report.sequence] = report.value

    def curve(self) -> Curve:
        """List the values in order, with those of the checkpoint that it took up."""
        own = [value for _, value in sorted(self.values.items())]
        return [*self.before, *own] if self.continued else own


class Curves:
    """Curves of all trials that ended by a result or by an assessor's word."""

    def __init__(self) -> None:
        self._running: dict[int, _Running] = {}
        self._ended: dict[int, Curve] = {}

    def tell(self, event: Event) -> Curve | None:
        """Take an event in; return the whole curve of a trial that ends with it.

        A trial that is promoted ends several times, each time with a longer curve if it takes
        up its checkpoint, and with one of its own if not. Failed trials have no curve.
        """
        number = event.trial.number
        match event:
            case Opened(_, Promote()):
                self._running[number] = _Running(self._ended.get(number, ()))
            case Opened():
                self._running[number] = _Running()
            case Reported(final=False):
                self._running.setdefault(number, _Running()).note(event)
            case Failed() | Lost():
                self._running.pop(number, None)
            case Measured() | Stopped():
                self._ended[number] = array("d", self._running.pop(number, _Running()).curve())
                return self._ended[number]
        return None
