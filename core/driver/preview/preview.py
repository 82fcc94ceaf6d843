"""The preview of a plan: everything that can be known about a sweep before it has an effect.

The plan contains what the tuner announced during compilation. The preview adds what is known only
after the plugins are built: the first suggestions, the first submission, and a simulation of a
tuner with budgets. The plugin contracts guarantee that building a platform and rendering a job
have no effect.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from shlex import join, quote
from typing import Any

from sweepwright.contracts import (
    Command,
    Entry,
    Job,
    PlatformProvider,
    PythonFile,
    PythonModule,
    Role,
    Shipment,
)
from sweepwright.events import Assignment, Json
from sweepwright.protocol import dumps
from sweepwright.space import SearchSpace

from ...plan.environment import shell_text
from ...plan.plan import Plan
from ...plan.plan_json import fingerprint, plan_body
from ...plan.redaction import mask_body, mask_text, mask_variables
from ...registry.options import build_options
from ...registry.registry import Registry
from ..runtime import Runtime, attribute_errors, build_tuner
from ..study import Study
from ..trial_input import trial_input
from .branch_probabilities import NestedChoice, branch_probabilities
from .cost_estimate import Cost, worst_case
from .tuner_simulation import simulate_tuner

PLACEHOLDER_SWEEP = "SWEEP"
"""Placeholder for the sweep's id, which is assigned only when the sweep begins."""
MIN_FIRST_TRIALS = 3
"""Smallest number of first trials to show, even if fewer trials run at once."""


@dataclass(frozen=True, slots=True)
class FirstTrial:
    """How trial 0 would run. All fields are empty if the tuner makes no suggestion."""

    submission: Json = None
    """The submission that the platform would receive."""
    commands: tuple[str, ...] = ()
    """Shell commands that run the trial without a sweep, one per role."""


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """What a sweep would do, as data that can be formatted as text or JSON."""

    plan: Plan
    branches: tuple[NestedChoice, ...]
    """The nested choices of the space, with the probability of each branch."""
    cost: Cost
    first: tuple[Assignment, ...]
    """The assignments of the first trials, up to the first trial that depends on results."""
    first_trial: FirstTrial
    shipment: Shipment | None = None
    """What would be sent to other machines; None if nothing is sent."""


def preview_plan(
    plan: Plan, registry: Registry, trial_seconds: float | None = None
) -> PlanPreview:
    """Build the plugins, open the first trials and describe the first job, without any effect.

    Raises
    ------
    PluginError
        When a plugin cannot be built, or raises an error.
    """
    folder = Path(plan.store) / PLACEHOLDER_SWEEP
    with closing(Runtime.assemble(plan, registry, folder)) as runtime:
        simulation = None
        # The events of the simulation change the tuner that receives them, so the simulation gets
        # a tuner of its own.
        if runtime.promotes:
            with attribute_errors(plan.tuner):
                simulation = simulate_tuner(plan, build_tuner(plan, registry))
        study = Study(plan, PLACEHOLDER_SWEEP)
        open_first_trials(study, runtime, max(study.limits.concurrency, MIN_FIRST_TRIALS))
        platform = registry.find("platform", plan.platform.name)
        return PlanPreview(
            plan=plan,
            branches=branch_probabilities(plan.space),
            cost=worst_case(plan, trial_seconds, simulation, _launches_per_hour(plan, registry)),
            first=tuple(live.trial.assignment for live in study.running.values()),
            first_trial=_first_trial(study, runtime, platform),
            shipment=_shipment(plan, registry),
        )


def open_first_trials(study: Study, runtime: Runtime, count: int) -> None:
    """Open trials as the driver would, up to `count`, until the tuner has to wait for results."""
    concurrency = study.limits.concurrency
    while study.opened < count and not study.exhausted:
        # The driver would now wait for a result. The tuner may be able to suggest more without
        # one, so ask for one assignment at a time.
        room = max(1, concurrency - study.opened)
        suggestions = runtime.suggest(study.opened, 1 if study.plan.reproducible else room)
        if not suggestions:
            return
        for suggestion in suggestions:
            # The tuner may have suggested more trials than the sweep may still open.
            if not study.exhausted:
                with attribute_errors(study.plan.tuner):
                    opened = study.open(suggestion)
                study.apply(opened)
                runtime.tell([opened])


def _first_trial(study: Study, runtime: Runtime, platform: PlatformProvider[Any]) -> FirstTrial:
    due = study.take_due()
    if not due:
        return FirstTrial()
    job = runtime.lower(due[0])
    submission = masked_submission(job, runtime, platform)
    received = trial_input(due[0], study.plan).trial.assignment
    return FirstTrial(submission, manual_commands(job, received))


def masked_submission(job: Job, runtime: Runtime, platform: PlatformProvider[Any]) -> Json:
    """Return what the platform would receive, without the secrets in it.

    A platform that exposes submissions receives no secrets, but the names of stored ones.
    """
    with attribute_errors(runtime.plan.platform):
        submission = runtime.platform.render(job)
    return mask_body(submission) if platform.secrets_help is None else _mask_texts(submission)


def _mask_texts(body: Json) -> Json:
    """Mask what texts in a JSON value contain, under whatever names the texts stand.

    Names as in ``secretKeyRef`` refer to secrets that are stored elsewhere.
    """
    match body:
        case str():
            return mask_text(body)
        case Mapping():
            return {key: _mask_texts(value) for key, value in body.items()}
        case list() | tuple():
            return [_mask_texts(value) for value in body]
    return body


def _shipment(plan: Plan, registry: Registry) -> Shipment | None:
    platform = registry.find("platform", plan.platform.name)
    if platform.shipment is None:
        return None
    with attribute_errors(plan.platform):
        options = build_options(platform.options, plan.platform.options)
        return platform.shipment(options, plan.code)


def _launches_per_hour(plan: Plan, registry: Registry) -> float | None:
    platform = registry.find("platform", plan.platform.name)
    if platform.launches_per_hour is None:
        return None
    with attribute_errors(plan.platform):
        options = build_options(platform.options, plan.platform.options)
        return platform.launches_per_hour(options)


def preview_body(preview: PlanPreview) -> dict[str, Json]:
    """Convert a preview to JSON, including the plan. Scripts read the keys, so they are stable."""
    return {
        "fingerprint": fingerprint(preview.plan),
        **mask_body(plan_body(preview.plan)),
        "assignments": _size_body(preview.plan.space),
        "branches": [asdict(choice) for choice in preview.branches],
        "cost": _cost_body(preview.cost),
        "first": list(preview.first),
        "submission": preview.first_trial.submission,
        "by_hand": preview.first_trial.commands,
        "shipment": preview.shipment and _shipment_body(preview.shipment),
    }


def _shipment_body(shipment: Shipment) -> Json:
    return {
        "targets": list(shipment.targets),
        "size": shipment.size,
        "files": [asdict(file) for file in shipment.files],
        "withheld": [asdict(secret) for secret in shipment.withheld],
        "permitted": [asdict(secret) for secret in shipment.permitted],
    }


def _size_body(space: SearchSpace) -> Json:
    size = space.size
    countable = size is not None and size <= sys.float_info.max
    return {
        "continuous": size is None,
        "count": size if countable else None,
        "exact": space.counted,
        "share": space.share,
    }


def _cost_body(cost: Cost) -> Json:
    spending = cost.budget
    return {
        "trials": cost.trials,
        "ended_by": cost.ended_by,
        "tries": cost.retry_factor,
        "attempts": cost.attempts,
        "budget": spending
        and {
            "afresh": spending.without_checkpoints,
            "resumed": spending.with_checkpoints,
            "full": spending.without_early_stopping,
        },
        "idle": cost.idle_share,
        "attempt_seconds": cost.attempt_seconds,
        "attempt_bound": cost.attempt_bound,
        "seconds": cost.seconds,
        "launches_per_hour": cost.launches_per_hour,
        "launch_seconds": cost.launch_seconds,
        "most_seconds": cost.max_seconds,
    }


def manual_commands(job: Job, assignment: Mapping[str, Any]) -> tuple[str, ...]:
    """Write shell commands that run the processes of a job without a sweep, one per role.

    Outside a sweep, the trial API prints reports instead of sending them.
    """
    return tuple(" ".join(_words(job, role, assignment)) for role in job.roles)


def _words(job: Job, role: Role, assignment: Mapping[str, Any]) -> Iterator[str]:
    if Path(job.folder).resolve() != Path.cwd():
        yield f"cd {quote(job.folder)} &&"
    given = mask_variables({**job.environment, **role.environment})
    described = dumps({"assignment": mask_body(assignment)})
    variables = {**given, "SWEEPWRIGHT_TRIAL": described}
    for name, value in variables.items():
        # The text of an assignment may look like a reference without being one, so it is quoted
        # whole.
        quoted = quote(value) if value is described else shell_text(value)
        yield f"{name}={quoted}"
    yield join(mask_body(_argv(role.entry)))


def _argv(entry: Entry) -> tuple[str, ...]:
    match entry:
        case PythonFile(path, arguments):
            return (sys.executable, path, *arguments)
        case PythonModule(name, arguments):
            return (sys.executable, "-m", name, *arguments)
        case Command(argv):
            return argv
