"""Compile a sweep and run it."""

import shlex
from collections.abc import Sequence

from ...compiler.compiler import compile_sweep
from ...driver.sweep import run_sweep
from ...registry.registry import Registry
from ...store.history import History
from ...views.display import choose_display
from ...views.formatting import format_number, format_table
from ...views.output import echo
from ..arguments import Arguments
from ..conclude import conclude
from ..error_handling import print_findings
from ..multirun import each


def main(arguments: Arguments) -> int:
    """Run one sweep, or with ``-m`` one for each combination."""
    registry = Registry.load()
    rows: list[tuple[str, ...]] = []

    def work(overrides: Sequence[str]) -> int:
        compiled = compile_sweep(overrides, registry)
        print_findings(compiled.warnings)
        with choose_display(quiet=arguments.quiet) as display:
            outcome, history = run_sweep(compiled.plan, registry, display)
        rows.append(_row(history, overrides))
        return conclude(outcome, history, quiet=arguments.quiet)

    if not arguments.multirun:
        return work(arguments.overrides)
    code = each(arguments.overrides, registry, work)
    echo("\n".join(["", *format_table(("sweep", "state", "best", ""), rows)]))
    return code


def _row(history: History, overrides: Sequence[str]) -> tuple[str, ...]:
    best = format_number(history.best.value if history.best else None)
    return (history.sweep, history.state, best, shlex.join(overrides))
