"""Compile a sweep and report everything that is wrong with it."""

import sys
from collections.abc import Callable, Sequence

from sweepwright.diagnostics import CompileError, Diagnostic, plural, raise_errors

from ...compiler.compiler import compile_sweep
from ...plan.plan_json import fingerprint
from ...registry.registry import Registry
from ...views.diagnostics_text import diagnostics_body, render_diagnostics
from ...views.output import echo, echo_json, uses_color
from ..arguments import Arguments
from ..multirun import run_each


def main(arguments: Arguments) -> int:
    """Check one sweep, or one sweep per combination with ``-m``."""
    registry = Registry.load()

    def check(overrides: Sequence[str]) -> int:
        return _print_errors(lambda: _check(overrides, registry, arguments), arguments)

    # The outer call prints errors that occur before the combinations are known.
    return _print_errors(lambda: run_each(arguments, registry, check), arguments)


def _check(overrides: Sequence[str], registry: Registry, arguments: Arguments) -> int:
    compiled = compile_sweep(overrides, registry)
    found, connects = compiled.warnings, arguments.has("--connect")
    if connects:
        # It imports the driver, which a check alone does not need.
        from ..machine_probe import probe_machines  # noqa: PLC0415 - said above

        found = [*found, *probe_machines(compiled, registry)]
    raise_errors(found)
    _print(found, arguments)
    if arguments.format == "text":
        plan = compiled.plan
        parameters = plural(len(plan.space), "parameter")
        where = f", ready on {plan.platform.name}" if connects else ""
        echo(f"ok: {plan.tuner.name} on {parameters}, plan {fingerprint(plan)}{where}")
    return 0


def _print_errors(check: Callable[[], int], arguments: Arguments) -> int:
    """Run a check, and print its errors to standard output, because they are its result."""
    try:
        return check()
    except CompileError as error:
        _print(error.diagnostics, arguments)
        return 2


def _print(diagnostics: Sequence[Diagnostic], arguments: Arguments) -> None:
    if arguments.format == "json":
        echo_json(diagnostics_body(diagnostics), indent=2)
    elif diagnostics:
        echo(render_diagnostics(diagnostics, color=uses_color(sys.stdout)), painted=True)
