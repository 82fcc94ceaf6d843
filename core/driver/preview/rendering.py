"""Renders what a platform would receive: the objects of a sweep, and its first jobs."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from sweepwright.contracts import PlatformProvider, Workspace
from sweepwright.events import Json

from ...plan.plan import Plan
from ...registry.options import build_options
from ...registry.registry import Registry
from ..runtime import Runtime, attribute_errors
from ..study import Study
from .preview import PLACEHOLDER_SWEEP, masked_submission, open_first_trials


class RenderedObject(NamedTuple):
    """An object that a platform would receive, and the name of a file for it."""

    name: str
    body: Json
    is_job: bool = False


def render_sweep(plan: Plan, registry: Registry) -> list[RenderedObject]:
    """Render the objects that a sweep creates, then the jobs of its first trials.

    The first trials are those of the first rung if the tuner has brackets, and else those that
    would run at once. Secrets in the values of parameters are masked.

    Raises
    ------
    PluginError
        When a plugin cannot be built, or raises an error.
    """
    folder = Path(plan.store) / PLACEHOLDER_SWEEP
    with closing(Runtime.assemble(plan, registry, folder)) as runtime:
        study = Study(plan, PLACEHOLDER_SWEEP)
        open_first_trials(study, runtime, _first_count(plan))
        platform = registry.find("platform", plan.platform.name)
        return [*_sweep_objects(plan, platform, folder), *_jobs(study, runtime, platform)]


def _first_count(plan: Plan) -> int:
    return plan.brackets[0].rungs[0].trials if plan.brackets else plan.limits.concurrency


def _sweep_objects(
    plan: Plan, platform: PlatformProvider[Any], folder: Path
) -> Iterator[RenderedObject]:
    if platform.sweep_objects is None:
        return
    workspace = Workspace(folder.name, folder.resolve(), plan.limits.concurrency)
    with attribute_errors(plan.platform):
        options = build_options(platform.options, plan.platform.options)
        objects = platform.sweep_objects(options, plan.code, workspace)
    yield from (RenderedObject(name, body) for name, body in objects.items())


def _jobs(
    study: Study, runtime: Runtime, platform: PlatformProvider[Any]
) -> Iterator[RenderedObject]:
    for live in study.running.values():
        job = runtime.lower(study.attempt(live))
        body = masked_submission(job, runtime, platform)
        yield RenderedObject(f"trial-{live.trial.number}", body, is_job=True)
