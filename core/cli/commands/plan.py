"""Show what a sweep would run and cost, with the first trial's submission; start nothing."""

from collections.abc import Sequence

from ...compiler.compiler import compile_sweep
from ...driver.preview.preview import preview_body, preview_plan
from ...registry.registry import Registry
from ...views.output import echo, echo_json
from ...views.plan_text import plan_text
from ...views.yaml_text.space_yaml import write_space
from ..arguments import Arguments
from ..error_handling import print_findings
from ..multirun import run_each


def main(arguments: Arguments) -> int:
    """Show the plan of one sweep, or of one sweep per combination with ``-m``."""
    registry = Registry.load()
    return run_each(arguments, registry, lambda overrides: _plan(overrides, registry, arguments))


def _plan(overrides: Sequence[str], registry: Registry, arguments: Arguments) -> int:
    compiled = compile_sweep(overrides, registry)
    print_findings(compiled.warnings)
    if arguments.has("--space"):
        plan = compiled.plan
        echo(write_space(plan.space, plan.start, nni_v0_format=plan.nni_v0_format).rstrip())
        return 0
    preview = preview_plan(compiled.plan, registry, compiled.trial_seconds)
    if arguments.format == "json":
        echo_json(preview_body(preview))
    else:
        echo(plan_text(preview))
    return 0
