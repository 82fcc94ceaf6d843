"""Asks the tuner for suggestions while slots are free, and opens the suggested trials."""

from collections.abc import Callable, Sequence

from sweepwright.events import Reported, Start, StudyEvent, Suggestion

from ..store.entries import EventEntry
from .crash_points import crash_point
from .ordering.event_order import EventFeed
from .runtime import Runtime, attribute_errors
from .study import Study

MOST_OPENED = 1000
"""Largest number of trials that are opened in a turn. Opening them takes less than half a second,
and signals and deadlines are checked between turns only."""


class TrialOpener:
    """Opens the trials of one driver; `advance` records each opening."""

    def __init__(
        self,
        study: Study,
        feed: EventFeed,
        runtime: Runtime,
        advance: Callable[[EventEntry], None],
    ) -> None:
        self._study = study
        self._feed = feed
        self._runtime = runtime
        self._advance = advance
        self._tuner_waits = False
        """Whether asking the tuner again would be useless: it suggested nothing when it was last
        asked, and it has received no event since then."""

    def note(self, event: StudyEvent) -> None:
        """Note an event of the study, after which the tuner may suggest more."""
        if not isinstance(event, Reported):
            self._tuner_waits = False

    def open_trials(self) -> None:
        """Ask the tuner for suggestions while slots are free, and open the suggested trials."""
        study, feed = self._study, self._feed
        last = study.suggestions + MOST_OPENED
        while not self._tuner_waits:
            if (slots := min(study.vacancies, last - study.suggestions)) <= 0:
                return
            # `max_trials` limits new trials only: a tuner with budgets may still promote.
            if study.exhausted and not self._runtime.promotes:
                return
            events = feed.before_ask(study.suggestions, study.limits.concurrency)
            if events is None:
                return
            self._runtime.tell(events)
            # A reproducible sweep asks for one suggestion at a time, because the number of slots
            # that are free at the same moment depends on how fast trials run.
            count = 1 if study.plan.reproducible else slots
            suggestions = self._runtime.suggest(study.opened, count)
            crash_point("asked")
            if not self._open(suggestions):
                events = feed.after_empty_ask()
                self._tuner_waits = events is None
                self._runtime.tell(events or ())
            elif not study.plan.reproducible:
                return

    def _open(self, suggestions: Sequence[Suggestion]) -> int:
        """Open suggestions, up to ``max_trials`` trials in all; return how many were opened."""
        count = 0
        for suggestion in suggestions:
            if not (isinstance(suggestion, Start) and self._study.exhausted):
                with attribute_errors(self._study.plan.tuner):
                    opened = self._study.open(suggestion)
                self._advance(EventEntry(opened, results_told=self._feed.told))
                count += 1
        crash_point("opened")
        return count
