"""Words for people: values, assignments, durations, and what happens in a study.

JSON for people: broken into lines only where it does not fit on one.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sweepwright.events import (
    Assignment,
    Failed,
    Json,
    Lost,
    Measured,
    Retried,
    Stopped,
    StudyEvent,
)

from ..driver.study import Study
from ..plan.plan import Plan

BRANCH = "_name"
"""Key under which a nested choice names its branch."""

OVER = ("measured", "stopped", "failed", "lost")
"""The states of a trial that is over."""


def number(value: float | None) -> str:
    """Write a metric in six digits, a dash where there is none."""
    return "-" if value is None else f"{value:.6g}"


def flat(assignment: Assignment, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield parameters as the space names them: ``optimizer``, ``optimizer.sgd.momentum``."""
    for key, value in assignment.items():
        if key == BRANCH:
            continue
        if not isinstance(value, Mapping):
            yield prefix + key, value
        elif BRANCH in value:
            yield prefix + key, value[BRANCH]
            yield from flat(value, f"{prefix}{key}.{value[BRANCH]}.")
        else:
            yield from flat(value, f"{prefix}{key}.")


def parameters(assignment: Assignment, most: int | None = None) -> str:
    """Write an assignment on one line, as ``learning_rate=0.01234 hidden=64``, or its start."""
    words = [f"{name}={_short(value)}" for name, value in flat(assignment)]
    rest = [] if most is None or len(words) <= most else [f"… and {len(words) - most:,} more"]
    return " ".join([*words[:most], *rest])


def duration(seconds: float) -> str:
    """Write a duration as people read it: ``40 ms``, ``4.2 s``, ``3 min 20 s``, ``2 h 05 min``."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:  # noqa: PLR2004 - below, tenths tell something
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def plural(count: int, noun: str) -> str:
    """Write a count of something: ``1 trial``, ``2 trials``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def spent(plan: Plan, budget: float | None) -> str:
    """Write a budget, as ``9 epochs``; nothing where every trial has the same."""
    if not (plan.brackets and plan.budget and budget is not None):
        return ""
    unit = plan.budget.unit
    return f"{budget:g} {unit.removesuffix('s') if budget == 1 else unit}"


def ending(plan: Plan, event: StudyEvent) -> str | None:
    """Say on one line how a trial or an attempt ended; None for any other event."""
    match event:
        case Measured(trial, value):
            at = spent(plan, trial.budget)
            said = f"{number(plan.objective.minimised(value))}{at and f' at {at}'}"
        case Stopped(value=value, reason=reason):
            shown = None if value is None else plan.objective.minimised(value)
            said = f"{number(shown)}  stopped: {reason}"
        case Failed(failure=failure) | Lost(failure=failure):
            said = f"failed: {failure.message}"
        case Retried(failure=failure):
            said = f"is tried again: {failure.message}"
        case _:
            return None
    trial = event.trial
    return f"trial {trial.number:<5} {said}  {parameters(trial.assignment)}"


def beginning(study: Study) -> str:
    """Say what is about to run."""
    return f"sweep {study.sweep}: {undertaking(study.plan)}"


def undertaking(plan: Plan) -> str:
    """Say in one line what a plan is to do."""
    limits, last = plan.limits, plan.most_trials
    most = "trials without end" if last is None else plural(last, "trial")
    return (
        f"{most} of {plan.code.name}, {limits.concurrency} at once, "
        f"tuned by {plan.tuner.name} on {plan.platform.name}"
    )


def finished(study: Study) -> int:
    """Count the trials that are over, however they ended."""
    return sum(study.counts[state] for state in OVER)


def progress(study: Study) -> str:
    """Say how many trials are over, of how many."""
    most = study.plan.most_trials
    done = finished(study)
    said = plural(done, "trial") if most is None else f"{done} of {plural(most, 'trial')}"
    failed = study.counts["failed"] + study.counts["lost"]
    return f"{said}, {failed} failed" if failed else said


def incumbent(study: Study) -> str:
    """Say what is best so far."""
    if study.incumbent is None:
        return "nothing measured yet"
    trial, value = study.incumbent
    return f"best {number(value)} in trial {trial}"


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


WIDTH = 96
"""Characters up to which a value stays on one line."""


def json_lines(value: Json) -> Iterator[str]:
    """Write JSON, line by line; joined they are JSON again."""
    return _lines(value, "", "")


def _lines(value: Json, key: str, indent: str) -> Iterator[str]:
    line = f"{indent}{key}{json.dumps(value, ensure_ascii=False)}"
    if len(line) < WIDTH or not value or not isinstance(value, dict | list):
        yield line
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{key}{opening}"
    yield from _items(value, f"{indent}  ")
    yield f"{indent}{closing}"


def _items(value: dict[str, Json] | list[Json], indent: str) -> Iterator[str]:
    """Write what is inside, each but the last with a comma after it."""
    if isinstance(value, dict):
        items = [(f"{json.dumps(key, ensure_ascii=False)}: ", item) for key, item in value.items()]
    else:
        items = [("", item) for item in value]
    for number, (key, item) in enumerate(items, 1):
        *lines, last = _lines(item, key, indent)
        yield from lines
        yield last if number == len(items) else f"{last},"
