"""The tuner ``hashed``, which shows whether a sweep replays exactly.

Its assignments depend on a hash of the sequence of all its events. If an event is lost, doubled,
changed or out of order, all later assignments differ. To select it with ``tuner=hashed``, name
this module as an entry point of the group ``sweepwright``, or register it with pluggy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from sweepwright.contracts import Problem, TunerProvider
from sweepwright.event_json import event_body, kind_of
from sweepwright.events import Event, Json, Opened, Start, Suggestion
from sweepwright.hooks import hookimpl
from sweepwright.protocol import dumps
from sweepwright.seeds import rng


@dataclass(frozen=True, slots=True)
class HashedOptions:
    """Options of ``tuner=hashed``."""


class Hashed:
    """Draws assignments from the prior; the random numbers depend on a hash of all events."""

    def __init__(self, _options: HashedOptions, problem: Problem) -> None:
        self._problem = problem
        self._opened = 0
        self._told = b""

    def ask(self, count: int) -> Sequence[Suggestion]:
        """Draw `count` assignments, each with its own random numbers."""
        numbers = range(self._opened, self._opened + count)
        return [Start(assignment) for number in numbers for assignment in self._draw(number)]

    def tell(self, event: Event) -> None:
        """Add an event to the hash."""
        self._opened += isinstance(event, Opened)
        self._told = blake2b(self._told + _digestible(event), digest_size=16).digest()

    def _draw(self, number: int) -> list[dict[str, Json]]:
        address = rng(self._problem.seed, f"tuner/{self._told.hex()}", number)
        return self._problem.space.decode(self._problem.space.sample(address, 1))


def _digestible(event: Event) -> bytes:
    """Convert an event to bytes, without attempt numbers, which an interruption may change."""
    trial = event.trial
    said = [kind_of(event), trial.number, trial.assignment, trial.budget, event_body(event)]
    return dumps(_without_attempts(said)).encode(errors="surrogatepass")


def _without_attempts(body: Json) -> Json:
    match body:
        case dict():
            return {key: _without_attempts(held) for key, held in body.items() if key != "attempt"}
        case list():
            return [_without_attempts(held) for held in body]
        case _:
            return body


@hookimpl
def sweep_tuners() -> list[TunerProvider[HashedOptions]]:
    """Offer ``tuner=hashed``."""
    summary = "random assignments that depend on every event told, for tests of replay"
    return [TunerProvider("hashed", HashedOptions, Hashed, summary=summary)]
