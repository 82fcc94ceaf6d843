"""Show what a sweep would run, down to the first trial's submission; starts nothing."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sweepwright.events import Json
from sweepwright.wire import dumps

from ..arguments import Arguments
from ..compiler import compile_sweep
from ..faults import print_findings
from ..ir import Plan, plan_body
from ..multirun import each
from ..parts import Parts, blame
from ..registry import Registry
from ..render import render_plan
from ..saying import say
from ..study import Study

UNNAMED = "SWEEP"
"""Stands for the id that a sweep gets when it begins."""


def main(arguments: Arguments) -> int:
    """Show the plan of one sweep, or with ``-m`` of one for each combination."""
    registry = Registry.load()

    def work(overrides: Sequence[str]) -> int:
        compiled = compile_sweep(overrides, registry)
        print_findings(compiled.warnings)
        submission = first_submission(compiled.plan, registry)
        if arguments.format == "json":
            say(dumps({**plan_body(compiled.plan), "submission": submission}))
        else:
            say(render_plan(compiled.plan, submission))
        return 0

    if arguments.multirun:
        return each(arguments.overrides, registry, work)
    return work(arguments.overrides)


def first_submission(plan: Plan, registry: Registry) -> Json:
    """Render what the platform would be sent first; None for a tuner that suggests nothing."""
    with closing(Parts.assemble(plan, registry, Path(plan.store) / UNNAMED)) as parts:
        suggestions = parts.ask(1)
        if not suggestions:
            return None
        study = Study(plan, UNNAMED)
        study.apply(study.open(suggestions[0]))
        job = parts.lower(study.attempt(study.due[0]))
        with blame(plan.platform):
            return parts.platform.render(job)
