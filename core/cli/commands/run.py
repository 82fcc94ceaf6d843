"""Compile a sweep and run it."""

import shlex
from collections.abc import Sequence

from sweepwright.diagnostics import raise_errors

from ...compiler.compiler import compile_sweep
from ...driver.sweep import run_sweep
from ...plan.redaction import mask_override
from ...registry.registry import Registry
from ...views.display import choose_display
from ...views.formatting import format_number, format_table
from ..arguments import Arguments
from ..conclude import conclude, echo_last
from ..error_handling import print_findings
from ..machine_probe import probe_machines
from ..multirun import run_each


def main(arguments: Arguments) -> int:
    """Run one sweep; with ``-m``, run one sweep per combination and compare the results."""
    registry = Registry.load()
    quiet = arguments.has("--quiet")
    comparison: list[tuple[str, ...]] = []

    def run(overrides: Sequence[str]) -> int:
        compiled = compile_sweep(overrides, registry)
        print_findings(compiled.warnings)
        on_machines = probe_machines(compiled, registry)
        raise_errors(on_machines)
        print_findings(on_machines)
        with choose_display(quiet=quiet) as display:
            outcome, history = run_sweep(compiled.plan, registry, display)
        best = format_number(history.best.median if history.best else None)
        comparison.append(
            (history.sweep, history.state, best, shlex.join(map(mask_override, overrides)))
        )
        return conclude(outcome, history, quiet=quiet)

    code = run_each(arguments, registry, run)
    if arguments.has("--multirun"):
        head = ("sweep", "state", "best", "overrides")
        code = echo_last("\n".join(["", *format_table(head, comparison)]), code)
    return code
