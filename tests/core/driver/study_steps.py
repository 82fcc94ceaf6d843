"""Steps of a study for tests: open, start, report to and end a trial, and enter what follows."""

from typing import Any

from sweepwright.core.driver.running_trial import RunningTrial
from sweepwright.core.driver.study import Study
from sweepwright.events import (
    Failure,
    FailureKind,
    Reported,
    Retried,
    Start,
)
from tests.core.examples import ASSIGNMENT, line

CRASH = Failure(FailureKind.ERROR, "ValueError: bad lr")


GONE = Failure(FailureKind.LOST, "node vanished")


def opened(study: Study, suggestion: Any = None) -> RunningTrial:
    """Open a suggestion and return its trial."""
    event = study.open(suggestion or Start(ASSIGNMENT))
    study.apply(event)
    return study.running[event.trial.number]


def started(study: Study, suggestion: Any = None) -> str:
    """Open a suggestion, launch it, and return the job's name."""
    live = opened(study, suggestion)
    job = study.attempt(live).job
    study.mark_launched(live)
    event = study.on_start(job, {"pid": 1})
    assert event is not None
    study.apply(event)
    return job


def ended(study: Study, job: str, failure: Failure | None = None) -> Any:
    """End a job and enter what follows."""
    event = study.on_end(job, failure)
    if event is not None:
        study.apply(event)
    return event


def interrupted(study: Study, job: str) -> Retried | None:
    """End a job for a reason that is not its own, and enter what follows."""
    event = study.on_interrupted(job, "the machine was suspended")
    if event is not None:
        study.apply(event)
    return event


def reported(study: Study, job: str, value: Any = 0.5, **line_options: Any) -> Reported | None:
    """Let a job report, and enter it."""
    event = study.on_report(job, line(value, **line_options))
    if event is not None:
        study.apply(event)
    return event


def measured(study: Study, value: float = 0.5) -> int:
    """Run a trial to a measurement, and return its number."""
    job = started(study)
    reported(study, job, value)
    return int(ended(study, job).trial.number)
