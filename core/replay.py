"""The replay of a journal: brings study, tuner and assessor back to where they stood."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sweepwright.events import Event, Json, Opened, Reported, Started, Stopped, StudyEvent, Trial
from sweepwright.wire import read_event

from .history import LATE, SESSION
from .journal import Row
from .study import Study
from .telling import Telling
from .trial_states import RunningTrial


@dataclass(slots=True)
class Replay:
    """What a replay found beside the study's state."""

    seconds: float = 0.0
    """Time that earlier drivers spent."""
    uncancelled: set[str] = field(default_factory=set)
    """Jobs of stopped trials whose end no driver has seen."""
    _began: float | None = None

    def clock(self, row: Row) -> None:
        """Count the time between a session's rows."""
        if row.kind == SESSION or self._began is None:
            self._began = row.time
        self.seconds += row.time - self._began
        self._began = row.time


def replay(
    rows: Iterable[Row],
    study: Study,
    telling: Telling,
    tell: Callable[[Iterable[Event]], None],
) -> Replay:
    """Enter every row of a journal, in order, telling the tuner what it was told before."""
    found = Replay()
    for row in rows:
        body = json.loads(row.body)
        found.clock(row)
        if row.kind == LATE and "ended" in body:
            found.uncancelled.discard(body["job"])
        elif row.trial is not None:
            tell(telling.catch_up(body.get("told", 0)))
            tell(_enter(row, body, study, telling, found))
    return found


def _enter(row: Row, body: Json, study: Study, telling: Telling, found: Replay) -> Iterable[Event]:
    event, live = _event(row, body, study)
    if isinstance(event, Stopped) and live:
        found.uncancelled.add(study.attempt(live).job)
    study.apply(event)
    live = live or study.running[event.trial.number]
    if isinstance(event, Reported | Started):
        live.cursor = body.get("cursor")
    return telling.enter(event, live)


def _event(row: Row, body: Json, study: Study) -> tuple[StudyEvent, RunningTrial | None]:
    if row.kind == "opened":
        opened = read_event(row.kind, Trial(0, {}), 0, body)
        assert isinstance(opened, Opened), "its kind says so"
        return study.open(opened.suggestion), None
    live = study.running[row.trial or 0]
    return read_event(row.kind, live.trial, row.attempt or 1, body), live
