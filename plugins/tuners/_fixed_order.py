"""A fixed order of assignments, each of which is to be tried once."""

import json
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from copy import deepcopy
from itertools import islice

from sweepwright.events import Assignment, Event, Opened, Start, Suggestion


class Procession:
    """Suggests assignments in order, each once; what others opened first is left out.

    What is suggested is a function of the order and of the `Opened` events told; the
    assignments that were computed ahead for an ``ask`` are kept only to save time.
    """

    def __init__(self, assignments: Iterable[Assignment]) -> None:
        self._coming = iter(assignments)
        self._ahead: deque[tuple[str, Assignment]] = deque()
        self._done: Counter[str] = Counter()

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Suggest the next assignments; none when all were opened."""
        self._look_ahead(count)
        return [Start(deepcopy(assignment)) for _, assignment in islice(self._ahead, count)]

    def tell(self, event: Event) -> None:
        """Take what was opened out of the order."""
        match event:
            case Opened(_, Start(assignment)):
                self._remove(_key(assignment))

    def _remove(self, key: str) -> None:
        self._look_ahead(1)
        for place, (held, _) in enumerate(self._ahead):
            if held == key:
                del self._ahead[place]
                return
        self._done[key] += 1

    def _look_ahead(self, count: int) -> None:
        while len(self._ahead) < count:
            assignment = next(self._coming, None)
            if assignment is None:
                return
            self._admit(_key(assignment), assignment)

    def _admit(self, key: str, assignment: Assignment) -> None:
        if self._done[key]:
            self._done[key] -= 1
        else:
            self._ahead.append((key, assignment))


def _key(assignment: Assignment) -> str:
    """Write an assignment so that 1, 1.0 and true differ and the order of keys does not count."""
    return json.dumps(assignment, sort_keys=True)
