"""The replay of a journal: brings study, tuner and assessor back to where they stood."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sweepwright.events import Event, Json, Stopped
from sweepwright.protocol import read_event, read_suggestion

from ..store.history import LATE, SESSION
from ..store.journal import Row
from .event_order import EventFeed
from .study import Study

_TOLD_TOGETHER = 1000
_read = json.JSONDecoder().raw_decode


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
    telling: EventFeed,
    tell: Callable[[Iterable[Event]], None],
) -> Replay:
    """Enter every row of a journal, in order, telling the tuner what it was told before."""
    found = Replay()
    news: list[Event] = []
    for row in rows:
        # Without the search for white space around it, of which our own JSON has none.
        body = _read(row.body)[0]
        found.clock(row)
        if row.trial is not None:
            news += telling.catch_up(body.get("told", 0))
            news += _enter(row, body, study, telling, found)
        elif row.kind == LATE and "ended" in body:
            found.uncancelled.discard(body["job"])
        if len(news) > _TOLD_TOGETHER:
            tell(news)
            news = []
    tell(news)
    return found


def _enter(
    row: Row, body: Json, study: Study, telling: EventFeed, found: Replay
) -> Iterable[Event]:
    if row.kind == "opened":
        opened = study.open(read_suggestion(body))
        study.apply(opened)
        return telling.enter(opened, study.running[opened.trial.number])
    live = study.running[row.trial or 0]
    event = read_event(row.kind, live.trial, row.attempt or 1, body)
    if isinstance(event, Stopped):
        found.uncancelled.add(study.attempt(live).job)
    study.apply(event)
    live.cursor = body.get("cursor", live.cursor)
    return telling.enter(event, live)
