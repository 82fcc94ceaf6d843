"""A dry run: a tuner with budgets played through on a virtual clock, with results of no meaning.

What concurrency leaves idle depends on when a tuner waits for whom, which it alone knows.
Here every trial takes as long as the budget that it adds, and comes to a value that is hashed
from its assignment, so that a plan always looks the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from heapq import heappop, heappush

from sweepwright.contracts import Tuner
from sweepwright.events import Measured, Opened, Promote, Start, Suggestion, Trial
from sweepwright.protocol import dumps

from ..plan.plan import Plan

MOST_LAUNCHES = 500
"""After so many it is told of those alone: a plan is not worth waiting for."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """What came of playing a tuner through; budgets are sums over all trials."""

    trials: int
    promotions: int
    ended: bool
    """Whether the tuner or `max_trials` ended it, rather than `MOST_LAUNCHES`."""
    resumed: float
    """Budget spent when promoted trials go on from their checkpoints."""
    afresh: float
    """Budget spent when they begin again from nothing."""
    idle: float
    """Share of all slots' time in which there was nothing to run, from 0 to 1."""
    span: float
    """How long it took, in units of the budget that all trials spend alike."""


@dataclass(slots=True)
class _Played:
    """Where the play stands: the clock counts in units of the budget."""

    now: float = 0.0
    launches: int = 0
    resumed: float = 0.0
    afresh: float = 0.0
    agenda: list[tuple[float, int, Trial]] = field(default_factory=list)
    trials: dict[int, Trial] = field(default_factory=dict)


def play(plan: Plan, tuner: Tuner) -> DryRun:
    """Play a tuner through that has just been built, under the limits of a plan."""
    played, slots = _Played(), plan.limits.concurrency
    while played.launches < MOST_LAUNCHES:
        room = slots - len(played.agenda)
        for suggestion in _suggest(plan, tuner, played, room)[:room]:
            _open(plan, suggestion, tuner, played)
        if not played.agenda:
            break
        _end_next(tuner, played)
    ended = not played.agenda
    while played.agenda:
        _end_next(tuner, played)
    return DryRun(
        trials=len(played.trials),
        promotions=played.launches - len(played.trials),
        ended=ended,
        resumed=played.resumed,
        afresh=played.afresh,
        idle=1 - played.resumed / (slots * played.now) if played.now else 0.0,
        span=played.now,
    )


def _suggest(plan: Plan, tuner: Tuner, played: _Played, room: int) -> Sequence[Suggestion]:
    """Return what is to be opened: what is given first, then the tuner's, as far as may be."""
    if not room:
        return ()
    most, opened = plan.limits.max_trials, len(played.trials)
    left = room if most is None else max(most - opened, 0)
    if given := plan.start[opened : opened + min(room, left)]:
        return [Start(assignment, _full(plan)) for assignment in given]
    asked = tuner.ask(room)
    promotions = [suggestion for suggestion in asked if isinstance(suggestion, Promote)]
    return [*promotions, *[s for s in asked if isinstance(s, Start)][:left]]


def _open(plan: Plan, suggestion: Suggestion, tuner: Tuner, played: _Played) -> None:
    match suggestion:
        case Start(assignment, budget, parent):
            spent = _full(plan) if budget is None else budget
            trial = Trial(len(played.trials), assignment, spent)
            # A parent may have gone further since, from where its heir does not begin.
            before = min(played.trials[parent.trial].budget or 0.0, spent) if parent else 0.0
        case Promote(number, spent):
            before = played.trials[number].budget or 0.0
            trial = replace(played.trials[number], budget=spent)
    added = spent - before
    played.trials[trial.number] = trial
    played.launches += 1
    played.resumed += added
    played.afresh += spent
    heappush(played.agenda, (played.now + added, played.launches, trial))
    tuner.tell(Opened(trial, suggestion))


def _end_next(tuner: Tuner, played: _Played) -> None:
    played.now, _, trial = heappop(played.agenda)
    tuner.tell(Measured(trial, _value(trial)))


def _value(trial: Trial) -> float:
    """Hash an assignment to a value between 0 and 1, the same at every budget."""
    text = dumps(trial.assignment).encode(errors="surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=6).digest()) / 2**48


def _full(plan: Plan) -> float:
    return plan.budget.maximum if plan.budget else 0.0
