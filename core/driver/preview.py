"""The outlook of a plan: all that can be told of a sweep before any of it has an effect.

How a person would run a trial without any sweep, as a command to copy.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from shlex import join, quote
from typing import Any

from sweepwright.contracts import Bracket, Command, Entry, Job, PythonFile, PythonModule, Role
from sweepwright.events import Assignment, Json
from sweepwright.protocol import dumps
from sweepwright.space import SearchSpace

from ..plan.plan import Plan
from ..plan.plan_json import fingerprint, plan_body
from ..plan.redaction import masked, masked_body
from ..registry.options import build_options
from ..registry.registry import Registry
from .branch_probabilities import Choice, branches
from .cost_estimate import Cost, TunerForecast, worst_case
from .runtime import Runtime, attribute_errors, build_tuner
from .study import Study
from .trial_input import trial_input
from .tuner_simulation import play

UNNAMED = "SWEEP"
"""Stands for the id that a sweep gets when it begins."""
FEWEST_SHOWN = 3
"""First assignments that are asked for, even where fewer trials run at once."""


@dataclass(frozen=True, slots=True)
class FirstTrial:
    """How trial 0 would run; empty for a tuner that suggests nothing."""

    submission: Json = None
    """What the platform would be sent."""
    by_hand: tuple[str, ...] = ()
    """What a person would type to run the same without any sweep, a command for each role."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a sweep would do, to be written as text or as JSON."""

    plan: Plan
    branches: tuple[Choice, ...]
    """The nested choices of the space, with how likely each branch is."""
    brackets: tuple[Bracket, ...]
    """What a tuner with budgets means to do."""
    cost: Cost
    first: tuple[Assignment, ...]
    """What is tried first, what the space gives to start with and then the tuner's, as far as
    that does not wait for results."""
    first_trial: FirstTrial


def preview_plan(plan: Plan, registry: Registry, trial_seconds: float | None = None) -> Outlook:
    """Go as far towards the first trials as is possible without an effect.

    Raises
    ------
    PluginError
        When a part cannot be built, or fails at what it is asked.
    """
    with closing(Runtime.assemble(plan, registry, Path(plan.store) / UNNAMED)) as parts:
        known = _ask_tuner(plan, registry, trial_seconds)
        study = Study(plan, UNNAMED)
        _open_first(study, parts)
        return Outlook(
            plan=plan,
            branches=branches(plan.space),
            brackets=known.brackets,
            cost=worst_case(plan, known),
            first=tuple(live.trial.assignment for live in study.running.values()),
            first_trial=_first_trial(study, parts),
        )


def outlook_body(outlook: Outlook) -> dict[str, Json]:
    """Write an outlook as JSON, the plan itself included."""
    return {
        "fingerprint": fingerprint(outlook.plan),
        **masked_body(plan_body(outlook.plan)),
        "assignments": _assignments(outlook.plan.space),
        "branches": [asdict(choice) for choice in outlook.branches],
        "brackets": [asdict(bracket) for bracket in outlook.brackets],
        "cost": asdict(outlook.cost),
        "first": list(outlook.first),
        **asdict(outlook.first_trial),
    }


def _assignments(space: SearchSpace) -> Json:
    size = space.size
    countable = size is not None and size <= sys.float_info.max
    return {
        "continuous": size is None,
        "count": size if countable else None,
        "exact": space.counted,
        "share": space.share,
    }


def _ask_tuner(plan: Plan, registry: Registry, trial_seconds: float | None) -> TunerForecast:
    provider = registry.find("tuner", plan.tuner.name)
    with attribute_errors(plan.tuner):
        options = build_options(provider.options, plan.tuner.options)
        brackets, ends = provider.brackets, provider.ends_after
        return TunerForecast(
            uses_budget=provider.uses_budget,
            brackets=tuple(brackets(options, plan.problem)) if brackets else (),
            ends_after=ends(options, plan.problem) if ends else None,
            trial_seconds=trial_seconds,
            dry_run=play(plan, build_tuner(plan, registry)) if provider.uses_budget else None,
        )


def _open_first(study: Study, parts: Runtime) -> None:
    """Open trials as the driver would, as long as the tuner needs no result."""
    concurrency = study.limits.concurrency
    while study.opened < max(concurrency, FEWEST_SHOWN) and not study.exhausted:
        room = max(1, concurrency - study.opened)
        count = 1 if study.plan.reproducible else room
        suggestions = parts.suggest(study.opened, count)
        if not suggestions:
            return
        for suggestion in suggestions:
            if not study.exhausted:
                with attribute_errors(study.plan.tuner):
                    opened = study.open(suggestion)
                study.apply(opened)
                parts.tell([opened])


def _first_trial(study: Study, parts: Runtime) -> FirstTrial:
    due = study.take_due()
    if not due:
        return FirstTrial()
    attempt = due[0]
    job = parts.lower(attempt)
    with attribute_errors(study.plan.platform):
        submission = masked_body(parts.platform.render(job))
    received = trial_input(attempt, study.plan).trial.assignment
    return FirstTrial(submission, commands_by_hand(job, received))


def commands_by_hand(job: Job, assignment: Mapping[str, Any]) -> tuple[str, ...]:
    """Write a command for each role of a job; its reports are then printed."""
    return tuple(" ".join(_words(job, role, assignment)) for role in job.roles)


def _words(job: Job, role: Role, assignment: Mapping[str, Any]) -> Iterator[str]:
    if Path(job.folder).resolve() != Path.cwd():
        yield f"cd {quote(job.folder)} &&"
    given = masked({**job.environment, **role.environment})
    variables = {**given, "SWEEPWRIGHT_TRIAL": dumps({"assignment": assignment})}
    yield from (f"{name}={quote(value)}" for name, value in variables.items())
    yield join(_argv(role.entry))


def _argv(entry: Entry) -> tuple[str, ...]:
    match entry:
        case PythonFile(path, arguments):
            return (sys.executable, path, *arguments)
        case PythonModule(name, arguments):
            return (sys.executable, "-m", name, *arguments)
        case Command(argv):
            return argv
