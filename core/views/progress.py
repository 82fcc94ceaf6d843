"""Text about a running sweep, for all displays: its start, progress, repeats and ended trials."""

from sweepwright.diagnostics import plural
from sweepwright.events import (
    Failed,
    Lost,
    Measured,
    Opened,
    Retried,
    Start,
    Stopped,
    StudyEvent,
)

from ..driver.study import Study
from ..plan.plan import Plan
from ..plan.trial_state import FAILED_STATES, FINISHED_STATES
from .formatting import format_assignment, format_budget, format_median, format_number


def describe_start(study: Study) -> str:
    """Describe the sweep that is about to begin."""
    return f"sweep {study.sweep}: {describe_plan(study.plan)}"


def describe_plan(plan: Plan) -> str:
    """Describe a plan on one line: its trials, concurrency, tuner and platform."""
    limits, last = plan.limits, plan.most_trials
    trials = "unlimited trials" if last is None else plural(last, "trial")
    return (
        f"{trials} of {plan.code.name}, {limits.concurrency} at once, "
        f"tuned by {plan.tuner.name} on {plan.platform.name}"
    )


def describe_repeat(event: StudyEvent) -> str | None:
    """Say on one line why an assignment is measured again, when that begins; None otherwise."""
    match event:
        case Opened(trial, Start(repeats=int(first), reason=reason)) if reason:
            return f"trial {trial.number:<5} measures trial {first} again: {reason}"
    return None


def describe_ending(study: Study, event: StudyEvent) -> str | None:
    """Describe on one line how a trial or an attempt ended; None for any other event."""
    plan = study.plan
    match event:
        case Measured(trial, value):
            budget = format_budget(plan, trial.budget)
            ending = format_number(plan.objective.minimised(value))
            ending += f" at {budget}" if budget else ""
            first = study.values.repeats.first(trial.number)
            ending += f", trial {first} again" if first != trial.number else ""
        case Stopped(value=value, reason=reason):
            reported = None if value is None else plan.objective.minimised(value)
            ending = f"{format_number(reported)}  stopped: {reason}"
        case Failed(failure=failure) | Lost(failure=failure):
            ending = f"failed: {failure.message}"
        case Retried(failure=failure, counted=counted):
            ending = f"{'retrying' if counted else 'will run again'}: {failure.message}"
        case _:
            return None
    trial = event.trial
    return f"trial {trial.number:<5} {ending}  {format_assignment(trial.assignment)}"


def describe_progress(study: Study) -> str:
    """Format the numbers of ended, planned and failed trials."""
    most, ended = study.plan.most_trials, count_ended(study)
    of_most = "" if most is None else f"{ended:,} of "
    counted = f"{of_most}{plural(ended if most is None else most, 'trial')}"
    failed = sum(study.counts[state] for state in FAILED_STATES)
    return f"{counted}, {failed:,} failed" if failed else counted


def count_ended(study: Study) -> int:
    """Return the number of trials that have ended, including failed trials."""
    return sum(study.counts[state] for state in (*FINISHED_STATES, *FAILED_STATES))


def describe_incumbent(study: Study) -> str:
    """Describe the best assignment so far."""
    if study.incumbent is None:
        return "no result yet"
    trial, value = study.incumbent
    count = len(study.values.measurements(trial))
    return f"best {format_median(value, count)}{',' if count > 1 else ''} in trial {trial}"
