"""The summary of a recorded sweep: its best trials, its progress, and its failures."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from sweepwright.contracts import Belief
from sweepwright.diagnostics import plural
from sweepwright.protocol import finite

from ..plan.plan import Objective
from ..plan.redaction import METRICS, mask_body
from ..plan.trial_state import FAILED_STATES, FINISHED_STATES, TrialState
from ..store.history import History
from ..store.sweep_files import JOURNAL
from ..store.trial_table import TrialHistory
from .ascii_chart import draw_staircase
from .belief_text import describe_belief
from .formatting import (
    describe_waiting,
    flatten,
    format_assignment,
    format_budget,
    format_duration,
    format_median,
    format_metric_name,
    format_number,
    format_table,
)
from .output import escape_controls
from .rungs import restart_lines, rung_table

MOST_LISTED = 5
"""Largest number of entries in each list of a summary."""

COMPLETED_SWEEP_STATES = ("done", "failed")
"""States of a sweep that ran to its end. Only additional trials can continue such a sweep."""


_MACHINE_STATES = ("running", "finished", "failed")


def describe_sweep(history: History, invocation: str, belief: Belief | None = None) -> str:
    """Summarise a sweep: counts, best trials, chart, failures, and the command that resumes it.

    `belief` is what the tuner believes, if it says so.
    """
    sections = [
        [headline(history), *_waiting_trials(history)],
        _best_trial(history),
        _best_trials(history),
        *describe_belief(belief, history),
        _curve(history),
        _rungs(history),
        _repeated_trials(history),
        _stopped_trials(history),
        _failures(history),
        _machines(history),
        _paths(history, invocation),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section)


def headline(history: History) -> str:
    """Summarise a sweep on one line: ``sweep … is done: 20 trials finished in 35 s, best …``."""
    finished, failed = _count(history, FINISHED_STATES), _count(history, FAILED_STATES)
    counts = [f"{plural(finished, 'trial')} finished"]
    if failed:
        counts.append(f"{failed:,} failed")
    if unfinished := len(history.trials) - finished - failed:
        counts.append(f"{unfinished:,} unfinished")
    took = f" in {format_duration(history.last_end - history.created)}" if history.ended else ""
    best = history.best
    result = f", best {format_value(best, end=',')} in trial {best.number}" if best else ""
    state = {"failed": "failed", "interrupted": "was interrupted"}.get(
        history.state, f"is {history.state}"
    )
    return f"sweep {history.sweep} {state}: {', '.join(counts)}{took}{result}"


def _waiting_trials(history: History) -> list[str]:
    """Say what trials wait for, on one line for each thing."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, wants in history.waiting.items():
        numbers[wants].append(number)
    return [describe_waiting(trials, escape_controls(wants)) for wants, trials in numbers.items()]


def _count(history: History, states: Sequence[TrialState]) -> int:
    return sum(1 for _ in history.trials.numbers_in(states))


def _best_trial(history: History) -> list[str]:
    best = history.best
    if best is None:
        return []
    objective = history.plan.objective
    budget = _budget(history, best)
    details = f"{format_metric_name(objective)} {objective.direction}d"
    details += f", at {budget}" if budget else ""
    details += _repeats(best)
    return [f"best trial: {best.number} ({details})", *best_lines(best, objective)]


def format_value(trial: TrialHistory, end: str = "") -> str:
    """Format the value of a trial's assignment; `end` follows if it is a median of several."""
    count = len(trial.measured_in)
    return format_median(trial.median, count) + (end if count > 1 else "")


def _repeats(trial: TrialHistory) -> str:
    """Say in which other trials the assignment of a trial was measured."""
    numbers = [number for number in trial.measured_in if number != trial.number]
    shown = ", ".join(map(str, numbers[:MOST_LISTED]))
    more = f" and {len(numbers) - MOST_LISTED:,} more" if len(numbers) > MOST_LISTED else ""
    return f", measured again in {shown}{more}" if numbers else ""


def best_lines(trial: TrialHistory, objective: Objective) -> list[str]:
    """List the objective, the other metrics and the parameters of a trial, one per line."""
    metrics = [(format_metric_name(objective), format_value(trial))]
    for name, value in mask_body(trial.metrics, METRICS).items():
        if name != objective.metric:
            number = finite(value)
            metrics.append((name, str(value) if number is None else format_number(number)))
    parameters = [(name, str(value)) for name, value in flatten(mask_body(trial.assignment))]
    width = max(len(escape_controls(name)) for name, _ in [*metrics, *parameters])

    def row(name: str, value: str) -> str:
        return f"  {escape_controls(name):<{width}}  {escape_controls(value)}"

    return [
        *(row(*metric) for metric in metrics),
        "with parameters",
        *(row(*parameter) for parameter in parameters),
    ]


def _best_trials(history: History) -> list[str]:
    best = history.top(MOST_LISTED)
    if len(best) < 2:  # noqa: PLR2004 - a single trial has been described above
        return []
    # Trials have different budgets only in a sweep with rungs.
    has_rungs = bool(history.plan.brackets)
    has_machines = history.trials.has_machines
    head = (
        "trial",
        "value",
        *(("budget",) if has_rungs else ()),
        "took",
        *(("machine",) if has_machines else ()),
        "parameters",
    )
    rows = [
        (
            str(trial.number),
            format_value(trial),
            *((_budget(history, trial),) if has_rungs else ()),
            _duration(trial),
            *((trial.machines,) if has_machines else ()),
            format_assignment(trial.assignment),
        )
        for trial in best
    ]
    return [f"best {len(best)} trials:", *_indented(format_table(head, rows))]


def _budget(history: History, trial: TrialHistory) -> str:
    return format_budget(history.plan, trial.best.budget if trial.best else None)


def _duration(trial: TrialHistory) -> str:
    if trial.started is None or trial.ended is None:
        return "-"
    return format_duration(trial.ended - trial.started)


def _curve(history: History) -> list[str]:
    """Draw a chart of the best value so far, in the order in which trials ended."""
    best = history.curve()
    if len(best) < 2:  # noqa: PLR2004 - one point makes no curve
        return []
    worse = "; a repeat can worsen it" if history.trials.repeats else ""
    return [f"best so far, trial by trial{worse}:", *_indented(draw_staircase(best))]


def _rungs(history: History) -> list[str]:
    rows = rung_table(history)
    if not rows:
        return []
    table = format_table(rows[0], rows[1:])
    return ["rungs:", *_indented(table), *_indented(restart_lines(history))]


def _repeated_trials(history: History) -> list[str]:
    """List the trials that measured an assignment again, most recent first."""
    repeats = list(history.trials.repeats)
    if not repeats:
        return []
    omitted = len(repeats) > MOST_LISTED
    which = f" (the last {MOST_LISTED} of {len(repeats):,})" if omitted else ""
    trials = [history.trials[number] for number in reversed(repeats[-MOST_LISTED:])]
    rows = [
        (
            str(t.number),
            str(t.repeats),
            *map(format_number, (t.value, t.median)),
            t.suggested_because,
        )
        for t in trials
    ]
    table = format_table(("trial", "repeats", "value", "median", "reason"), rows)
    return [f"trials that measured an assignment again{which}:", *_indented(table)]


def _stopped_trials(history: History) -> list[str]:
    """List the assessor's reasons for stopping trials, most recent first."""
    stopped = list(history.trials.numbers_in([TrialState.STOPPED]))
    if not stopped:
        return []
    rows = [(str(n), history.trials.reasons[n]) for n in reversed(stopped[-MOST_LISTED:])]
    assessor = history.plan.assessor.name if history.plan.assessor else "the assessor"
    omitted = len(stopped) > MOST_LISTED
    which = f" (the last {MOST_LISTED} of {len(stopped)})" if omitted else ""
    table = format_table(("trial", "reason"), rows)
    return [f"trials stopped by {assessor}{which}:", *_indented(table)]


def _failures(history: History) -> list[str]:
    """Count failed trials by failure class and message, the most frequent first."""
    trials_by_reason: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number in history.trials.numbers_in(FAILED_STATES):
        failure = history.trials.failures[number]
        trials_by_reason[failure.kind.value, failure.message].append(number)
    most_frequent = sorted(trials_by_reason.items(), key=lambda item: -len(item[1]))[:MOST_LISTED]
    rows = [
        (f"{len(trials)} x", *reason, f"(first in trial {trials[0]})")
        for reason, trials in most_frequent
    ]
    if not rows:
        return []
    return ["failed trials by reason:", *_indented(format_table(("", "", "", ""), rows)[1:])]


def _machines(history: History) -> list[str]:
    """Count the trials of each machine by their state."""
    if not history.trials.has_machines:
        return []
    states = {name: Counter[str]() for name in sorted(filter(None, history.trials.machine_names))}
    for trial in history.trials:
        if trial.machines:
            states[trial.machines][_describe_state(trial.state)] += 1
    head = ("machine", *_MACHINE_STATES)
    rows = [
        (name, *(f"{count[state]:,}" for state in _MACHINE_STATES))
        for name, count in states.items()
    ]
    return ["trials by machine:", *_indented(format_table(head, rows))]


def _describe_state(state: TrialState) -> str:
    if state is TrialState.RUNNING:
        return "running"
    return "failed" if state in FAILED_STATES else "finished"


def _paths(history: History, invocation: str) -> list[str]:
    trials = history.folder / "trials"
    # The platform may keep the files of trials elsewhere, except those that were fetched.
    here = trials.is_dir() and not history.trials.has_machines
    logs = trials if here else _command("logs TRIAL", history.folder, invocation)
    return [
        f"journal: {history.folder / JOURNAL}",
        f"logs:    {logs}",
        f"resume:  {resume_command(history, invocation)}",
    ]


def resume_command(history: History, invocation: str) -> str:
    """Write the command that resumes a sweep. A completed sweep needs a larger ``max_trials``."""
    more = ["max_trials=N"] if history.state in COMPLETED_SWEEP_STATES else []
    return command_to_resume(history.folder, invocation, more)


def command_to_resume(folder: Path, invocation: str, overrides: Sequence[str] = ()) -> str:
    """Write the command that resumes the sweep in a folder."""
    return _command("resume", folder, invocation, overrides)


def _command(words: str, folder: Path, invocation: str, overrides: Sequence[str] = ()) -> str:
    store = [] if str(folder.parent) == "sweeps" else [f"store.path={folder.parent}"]
    return f"{invocation} {words} {shlex.join([folder.name, *store, *overrides])}"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}".rstrip() for line in lines]
