"""Compile a sweep, and report everything that is wrong with it."""

import sys
from collections.abc import Callable, Sequence

from sweepwright.diagnostics import CompileError, Diagnostic

from ...compiler.compiler import compile_sweep
from ...plan.plan_json import fingerprint
from ...registry.registry import Registry
from ...views.diagnostics_text import diagnostics_json, render_diagnostics
from ...views.formatting import plural
from ...views.output import echo
from ..arguments import Arguments
from ..multirun import each


def main(arguments: Arguments) -> int:
    """Check one sweep, or with ``-m`` one for each combination."""
    registry = Registry.load()

    def work(overrides: Sequence[str]) -> int:
        return _reported(lambda: _check(overrides, registry, arguments), arguments)

    if arguments.multirun:
        return _reported(lambda: each(arguments.overrides, registry, work), arguments)
    return work(arguments.overrides)


def _check(overrides: Sequence[str], registry: Registry, arguments: Arguments) -> int:
    compiled = compile_sweep(overrides, registry)
    _print(compiled.warnings, arguments)
    if arguments.format == "text":
        plan = compiled.plan
        searched = plural(len(plan.space), "parameter")
        echo(f"ok: {plan.tuner.name} on {searched}, plan {fingerprint(plan)}")
    return 0


def _reported(check: Callable[[], int], arguments: Arguments) -> int:
    """Print findings as the result of a check, which they are, in the format asked for."""
    try:
        return check()
    except CompileError as error:
        _print(error.diagnostics, arguments)
        return 2


def _print(diagnostics: Sequence[Diagnostic], arguments: Arguments) -> None:
    if arguments.format == "json":
        echo(diagnostics_json(diagnostics))
    elif diagnostics:
        echo(render_diagnostics(diagnostics, color=sys.stdout.isatty()))
