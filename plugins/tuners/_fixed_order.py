"""A tuner that suggests each assignment of a given sequence once, in order."""

import json
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from copy import deepcopy
from itertools import islice

from sweepwright.events import Assignment, Event, Opened, Start, Suggestion


class FixedOrder:
    """Suggests assignments in a fixed order, and skips assignments that a trial already has.

    The suggestions depend only on the order and on the `Opened` events. Invariants: `_lookahead`
    holds the next assignments that no trial has yet, so that they are computed only once;
    `_opened_elsewhere` counts the assignments of trials that the order has not reached yet.
    """

    def __init__(self, assignments: Iterable[Assignment]) -> None:
        self._upcoming = iter(assignments)
        self._lookahead: deque[tuple[str, Assignment]] = deque()
        self._opened_elsewhere: Counter[str] = Counter()

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Suggest the next assignments, or nothing once every assignment has been tried."""
        self._look_ahead(count)
        # Whoever receives an assignment may change it, and the same one may be suggested again.
        return [Start(deepcopy(assignment)) for _, assignment in islice(self._lookahead, count)]

    def tell(self, event: Event) -> None:
        """Remove the assignment of an opened trial from the order."""
        match event:
            case Opened(_, Start(assignment)):
                self._remove(_key(assignment))

    def _remove(self, key: str) -> None:
        # Trials mostly open in order. Then the first place is theirs, and the loop ends at once.
        self._look_ahead(1)
        for place, (key_held, _) in enumerate(self._lookahead):
            if key_held == key:
                del self._lookahead[place]
                return
        self._opened_elsewhere[key] += 1

    def _look_ahead(self, count: int) -> None:
        while len(self._lookahead) < count:
            assignment = next(self._upcoming, None)
            if assignment is None:
                return
            self._append(_key(assignment), assignment)

    def _append(self, key: str, assignment: Assignment) -> None:
        if self._opened_elsewhere[key]:
            self._opened_elsewhere[key] -= 1
        else:
            self._lookahead.append((key, assignment))


def _key(assignment: Assignment) -> str:
    """Serialise an assignment, whatever the order of its keys.

    1, 1.0 and true remain different values.
    """
    return json.dumps(assignment, sort_keys=True)
