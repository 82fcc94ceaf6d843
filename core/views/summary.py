"""Results of a sweep as text: what was best, how it came to that, and what failed."""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate

from sweepwright.protocol import finite

from ..plan.trial_state import TrialState
from ..store.history import History, TrialRecord
from ..store.journal import JOURNAL
from .ascii_chart import curve
from .formatting import duration, flat, number, parameters, plural, spent
from .rungs import anew_line, rung_table

TOP = 5
"""How many of the best trials a summary lists."""

OVER = (TrialState.MEASURED, TrialState.STOPPED)
BAD = (TrialState.FAILED, TrialState.LOST)
ENDED = ("done", "failed")
"""States of a sweep that went to its end; it goes on only with more trials."""


def summary(history: History, program: str) -> str:
    """Tell how a sweep went: what was finished, the best, the curve, failures, what is next."""
    parts = [
        [headline(history)],
        _best(history),
        _top(history),
        _curve(history),
        _rungs(history),
        _stopped(history),
        _failures(history),
        _places(history, program),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def headline(history: History) -> str:
    """Say in one line what a sweep came to: ``20 trials finished in 35 s, best 0.98 …``."""
    said = [f"{plural(_count(history, OVER), 'trial')} finished"]
    if bad := _count(history, BAD):
        said.append(f"{bad} failed")
    if under_way := len(history.trials) - _count(history, OVER) - bad:
        said.append(f"{under_way} under way")
    took = f" in {duration(_last(history) - history.created)}" if history.ended else ""
    best = history.best
    found = f", best {number(best.value)} in trial {best.number}" if best else ""
    state = "has failed" if history.state == "failed" else f"is {history.state}"
    return f"sweep {history.sweep} {state}: {', '.join(said)}{took}{found}"


def best_lines(trial: TrialRecord, metric: str) -> list[str]:
    """List a trial's value, other metrics and assignment, a line each."""
    shown = [(metric, number(trial.value))]
    shown += [(name, _metric(value)) for name, value in trial.metrics.items() if name != metric]
    width = max(len(name) for name, _ in [*shown, *flat(trial.assignment)])
    return [
        *(f"  {name:<{width}}  {value}" for name, value in shown),
        "with",
        *(f"  {name:<{width}}  {value}" for name, value in flat(trial.assignment)),
    ]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Align rows under their head; the last column is as wide as it wants."""
    lines = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def moment(seconds: float) -> str:
    """Write a time as the user's clock shows it."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _best(history: History) -> list[str]:
    best = history.best
    if best is None:
        return []
    objective = history.plan.objective
    at = _spent(history, best)
    what = f"{objective.direction} {objective.metric}{at and f', at {at}'}"
    head = f"best trial: {best.number} ({what})"
    return [head, *best_lines(best, objective.metric)]


def _top(history: History) -> list[str]:
    best = history.top(TOP)
    if len(best) < 2:  # noqa: PLR2004 - of one trial everything was said
        return []
    rungs = [(_spent(history, trial),) if history.plan.brackets else () for trial in best]
    rows = [
        (str(trial.number), number(trial.value), *at, _took(trial), parameters(trial.assignment))
        for trial, at in zip(best, rungs, strict=True)
    ]
    at = ("at",) if history.plan.brackets else ()
    head = ("trial", "value", *at, "took", "")
    return [f"the best {len(best)}:", *_indented(table(head, rows))]


def _spent(history: History, trial: TrialRecord) -> str:
    return spent(history.plan, trial.best.budget if trial.best else None)


def _curve(history: History) -> list[str]:
    """Draw the best so far, in the order in which trials ended."""
    ended = sorted(history.measured, key=lambda trial: trial.ended or 0.0)
    values = [trial.value for trial in ended if trial.value is not None]
    minimised = history.plan.objective.minimised
    best = [minimised(value) for value in accumulate(map(minimised, values), min)]
    if len(best) < 2:  # noqa: PLR2004 - a point is no curve
        return []
    return ["best so far, trial by trial:", *_indented(curve(best))]


def _rungs(history: History) -> list[str]:
    rows = rung_table(history)
    if not rows:
        return []
    lines = ["rungs:", *_indented(table(rows[0], rows[1:]))]
    return [*lines, *_indented(anew_line(history))]


def _stopped(history: History) -> list[str]:
    """List why the assessor stopped trials, the last first."""
    stopped = [trial for trial in history.trials if trial.state is TrialState.STOPPED]
    rows = [(str(trial.number), trial.reason) for trial in reversed(stopped[-TOP:])]
    if not rows:
        return []
    head = f"stopped by {history.plan.assessor.name if history.plan.assessor else 'the assessor'}"
    which = "" if len(stopped) <= TOP else f", the last {TOP} of {len(stopped)}"
    return [f"{head}{which}:", *_indented(table(("trial", ""), rows))]


def _failures(history: History) -> list[str]:
    by_reason: dict[tuple[str, str], list[int]] = defaultdict(list)
    for trial in history.trials:
        if trial.failure and trial.state in BAD:
            by_reason[trial.failure.kind.value, trial.failure.message].append(trial.number)
    most = sorted(by_reason.items(), key=lambda found: -len(found[1]))[:TOP]
    rows = [
        (f"{len(numbers)} x", *reason, f"(first in trial {numbers[0]})")
        for reason, numbers in most
    ]
    if not rows:
        return []
    return ["failed trials, by reason:", *_indented(table(("", "", "", ""), rows)[1:])]


def _places(history: History, program: str) -> Iterator[str]:
    folder = history.folder
    yield f"journal: {folder / JOURNAL}"
    yield f"logs:    {folder / 'trials'}"
    yield f"resume:  {resume_command(history, program)}"


def resume_command(history: History, program: str) -> str:
    """Write the command that goes on with a sweep."""
    store = history.folder.parent
    where = [] if str(store) == "sweeps" else [f"store.path={store}"]
    more = ["max_trials=N"] if history.state in ENDED else []
    return f"{program} {shlex.join(['resume', history.sweep, *where, *more])}"


def _last(history: History) -> float:
    """Return when the last trial ended; a resume that found nothing to do made nothing longer."""
    return max((trial.ended for trial in history.trials if trial.ended), default=history.created)


def _count(history: History, states: Sequence[TrialState]) -> int:
    return sum(trial.state in states for trial in history.trials)


def _took(trial: TrialRecord) -> str:
    if trial.started is None or trial.ended is None:
        return "-"
    return duration(trial.ended - trial.started)


def _metric(value: object) -> str:
    known = finite(value)
    return str(value) if known is None else number(known)


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}".rstrip() for line in lines]
