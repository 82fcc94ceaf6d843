"""Show what a sweep would run, down to the first trial's submission; starts nothing."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from sweepwright.events import Json
from sweepwright.wire import dumps

from ..arguments import Arguments
from ..by_hand import commands_by_hand
from ..compiler import compile_sweep
from ..faults import print_findings
from ..ir import Plan, plan_body
from ..multirun import each
from ..parts import Parts, blame
from ..registry import Registry
from ..render import render_plan
from ..saying import say
from ..secrecy import masked_body
from ..study import Study

UNNAMED = "SWEEP"
"""Stands for the id that a sweep gets when it begins."""


def main(arguments: Arguments) -> int:
    """Show the plan of one sweep, or with ``-m`` of one for each combination."""
    registry = Registry.load()

    def work(overrides: Sequence[str]) -> int:
        compiled = compile_sweep(overrides, registry)
        print_findings(compiled.warnings)
        first = first_trial(compiled.plan, registry)
        if arguments.format == "json":
            say(dumps({**masked_body(plan_body(compiled.plan)), **asdict(first)}))
        else:
            say(render_plan(compiled.plan, first.submission, first.by_hand))
        return 0

    if arguments.multirun:
        return each(arguments.overrides, registry, work)
    return work(arguments.overrides)


@dataclass(frozen=True, slots=True)
class FirstTrial:
    """How trial 0 would run; empty for a tuner that suggests nothing."""

    submission: Json = None
    """What the platform would be sent."""
    by_hand: tuple[str, ...] = ()
    """What a person would type to run the same without any sweep, a command for each role."""


def first_trial(plan: Plan, registry: Registry) -> FirstTrial:
    """Go as far towards the first trial as is possible without an effect."""
    with closing(Parts.assemble(plan, registry, Path(plan.store) / UNNAMED)) as parts:
        suggestions = parts.ask(1)
        if not suggestions:
            return FirstTrial()
        study = Study(plan, UNNAMED)
        study.apply(study.open(suggestions[0]))
        attempt = study.attempt(study.due[0])
        job = parts.lower(attempt)
        with blame(plan.platform):
            submission = masked_body(parts.platform.render(job))
        return FirstTrial(submission, commands_by_hand(job, attempt.trial.assignment))
